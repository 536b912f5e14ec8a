#include "engine/base/codec.hpp"

#include <doctest/doctest.h>

using namespace souk;

namespace {

enum class Colour : std::uint8_t { kRed, kGreen };

struct Part {
  std::string name;
  std::int64_t quantity = 0;

  static constexpr auto fields() { return field_list(field("name", &Part::name), field("quantity", &Part::quantity)); }
  friend bool operator==(const Part&, const Part&) = default;
};

struct Everything {
  bool flag = false;
  std::int64_t number = 0;
  std::int32_t small = 0;
  std::string text;
  Time at;
  Money price;
  OrderId order;
  Version version;
  Colour colour = Colour::kRed;
  std::optional<std::string> note;
  std::vector<Part> parts;
  std::map<ProductId, Part> by_product;
  Personal<std::string> name;
  Secret<std::string> hash;
  std::int64_t later = 42;

  static constexpr auto fields() {
    using E = Everything;
    return field_list(field("flag", &E::flag), field("number", &E::number), field("small", &E::small),
                      field("text", &E::text), field("at", &E::at), field("price", &E::price),
                      field("order", &E::order), field("version", &E::version), field("colour", &E::colour),
                      field("note", &E::note), field("parts", &E::parts), field("by_product", &E::by_product),
                      field("name", &E::name), field("hash", &E::hash), defaulted("later", &E::later));
  }
  friend bool operator==(const Everything&, const Everything&) = default;
};

struct Wrapper {
  std::int64_t number = 0;
  static constexpr auto fields() { return field_list(field("number", &Wrapper::number)); }
};

struct Box {
  std::vector<Part> parts;
  static constexpr auto fields() { return field_list(field("parts", &Box::parts)); }
};

Everything sample() {
  Everything out;
  out.flag = true;
  out.number = -kIntegerMax;
  out.small = 7;
  out.text = std::string("a\"b\\\n\0茶", 9);
  out.at = Time{1};
  out.price = {5, *Currency::parse("EUR")};
  out.order = OrderId{{0, 9}};
  out.version = Version{3};
  out.colour = Colour::kGreen;
  out.parts = {{"p", 1}, {"q", 2}};
  out.by_product[ProductId{{0, 1}}] = {"r", 3};
  out.name.sealed = "personal:v1:AAAA";
  out.hash.sealed = "secret:v1:BBBB";
  return out;
}

template <class T>
std::string problem(std::string_view text, UnknownFields unknown = UnknownFields::kRefused) {
  const auto result = decode<T>(text, unknown);
  return result ? "none" : result.error().reason + " " + result.error().detail;
}

std::string number_problem(std::string_view number) {
  return problem<Wrapper>(R"({"number":)" + std::string(number) + "}");
}

bool is_malformed(std::string_view text) {
  return problem<Wrapper>(text).starts_with("json.malformed");
}

}  // namespace

template <>
struct souk::EnumNames<Colour> {
  static constexpr std::array<std::string_view, 2> values{"red", "green"};
};

TEST_CASE("what was encoded is decoded the same, and encoded the same again") {
  const Everything before = sample();
  const std::string text = encode(before);
  const auto after = decode<Everything>(text, UnknownFields::kRefused);
  REQUIRE_MESSAGE(after, after.error().detail);
  CHECK((*after == before));
  CHECK(encode(*after) == text);
}

TEST_CASE("fields are written in the order of the list, and an absent optional not at all") {
  CHECK(encode(Part{"p", 1}) == R"({"name":"p","quantity":1})");
  CHECK(encode(sample()).find("note") == std::string::npos);
}

TEST_CASE("fields may come in any order") {
  const auto part = decode<Part>(R"({"quantity":1,"name":"p"})", UnknownFields::kRefused);
  REQUIRE(part);
  CHECK((*part == Part{"p", 1}));
}

TEST_CASE("a field with a default may be absent, an optional one may be null") {
  std::string text = encode(sample());
  text.replace(text.find(R"(,"later":42)"), 11, R"(,"note":null)");
  const auto after = decode<Everything>(text, UnknownFields::kRefused);
  REQUIRE_MESSAGE(after, after.error().detail);
  CHECK(after->later == 42);
  CHECK(!after->note);
}

TEST_CASE("a bad field is named by its path") {
  CHECK(problem<Part>(R"({"name":"p"})") == "field.invalid quantity: is required");
  CHECK(problem<Part>(R"({"name":"p","quantity":"1"})") == "field.invalid quantity: must be an integer");
  CHECK(problem<Part>(R"([])") == "field.invalid the document: must be an object");
  CHECK(problem<Box>(R"({"parts":{}})") == "field.invalid parts: must be an array");
  CHECK(problem<Box>(R"({"parts":[{"name":"p","quantity":1},{"name":"q"}]})") ==
        "field.invalid parts[1].quantity: is required");
  CHECK(problem<Box>(R"({"parts":[1]})") == "field.invalid parts[0]: must be an object");
}

TEST_CASE("every kind of field says what it must be") {
  const auto with = [](std::string_view field, std::string_view value) {
    return problem<Everything>("{\"" + std::string(field) + "\":" + std::string(value) + "}");
  };
  CHECK(with("flag", "1") == "field.invalid flag: must be true or false");
  CHECK(with("small", "2147483648") == "field.invalid small: must be within 2^31-1");
  CHECK(with("text", "null") == "field.invalid text: must be a string");
  CHECK(with("at", "\"2026\"") == "field.invalid at: must be a UTC time such as 2026-01-31T23:59:59.000000Z");
  CHECK(with("at", "1") == "field.invalid at: must be a string");
  CHECK(with("price", R"({"amount":1,"currency":"cny"})") ==
        "field.invalid price.currency: must be three capital letters");
  CHECK(with("order", R"("0")") == "field.invalid order: is no id");
  CHECK(with("version", "-1") == "field.invalid version: must be an integer of at least 0");
  CHECK(with("colour", R"("blue")") == "field.invalid colour: is none of the known values");
  CHECK(with("colour", "0") == "field.invalid colour: must be a string");
  CHECK(with("by_product", R"({"x":{}})") == "field.invalid by_product.x: is no id");
  CHECK(with("by_product", R"({"00000000000000000000000001":{"name":"a","quantity":1},)"
                           R"("00000000000000000000000001":{"name":"a","quantity":1}})") ==
        "field.invalid by_product.00000000000000000000000001: is given twice");
}

TEST_CASE("only sealed text is taken for personal or secret, and each only its own") {
  const auto with = [](std::string_view field, std::string_view value) {
    return problem<Everything>("{\"" + std::string(field) + "\":\"" + std::string(value) + "\"}");
  };
  CHECK(with("name", "Anna") == "field.invalid name: is not sealed");
  CHECK(with("name", "secret:v1:AAAA") == "field.invalid name: is not sealed");
  CHECK(with("hash", "personal:v1:AAAA") == "field.invalid hash: is not sealed");
  CHECK(with("hash", "secret:v1:AAAA") == "field.invalid flag: is required");
  CHECK(with("name", "") == "field.invalid flag: is required");
}

TEST_CASE("a field nobody knows is refused in a command and ignored in an event, nested ones too") {
  constexpr std::string_view kText = R"({"parts":[{"name":"p","extra":[{"a":1}],"quantity":1}],"more":null})";
  CHECK(problem<Box>(kText) == "field.invalid parts[0].extra: is not a known field");
  CHECK(problem<Box>(kText, UnknownFields::kIgnored) == "none");
}

TEST_CASE("a field given twice is refused, however its name is spelled") {
  for (const auto unknown : {UnknownFields::kRefused, UnknownFields::kIgnored}) {
    CHECK(problem<Part>(R"({"name":"p","quantity":1,"name":"p"})", unknown) == "field.invalid name: is given twice");
    CHECK(problem<Part>(R"({"name":"p","quantity":1,"\u006eame":"q"})", unknown) ==
          "field.invalid name: is given twice");
  }
}

TEST_CASE("an integer is written as one and lies within 2^53-1") {
  for (const auto* good : {"0", "-0", "9007199254740991", "-9007199254740991"}) CHECK(number_problem(good) == "none");
  for (const auto* bad : {"1.0", "1e3", "0.5", "9223372036854775808", "18446744073709551615", "true", "\"1\""}) {
    CHECK_MESSAGE(number_problem(bad) == "field.invalid number: must be an integer", std::string(bad));
  }
  for (const auto* bad : {"9007199254740992", "-9007199254740992", "9223372036854775807", "-9223372036854775808"}) {
    CHECK_MESSAGE(number_problem(bad) == "field.invalid number: must be within 2^53-1", std::string(bad));
  }
  for (const auto* bad : {"01", "+1", "1.", ".5", "1e400", "18446744073709551616", "NaN", "0x10", ""}) {
    CHECK_MESSAGE(number_problem(bad).starts_with("json.malformed"), std::string(bad));
  }
}

TEST_CASE("text behind the document is an error") {
  CHECK(is_malformed(R"({"number":1}x)"));
  CHECK(is_malformed(R"({"number":1}{})"));
  CHECK(is_malformed(R"({"number":1},)"));
  CHECK(is_malformed(std::string("{\"number\":1}\0", 13)));
  CHECK(problem<Wrapper>(" {\"number\" : 1}\n\t ") == "none");
}

TEST_CASE("what is no JSON is refused") {
  for (const auto* bad : {"", " ", "{", "{\"number\":1", "{number:1}", "{'number':1}", "{\"number\":1,}", "nul",
                          "{\"number\":1 // one\n}", "\xEF\xBB\xBF{\"number\":1}"}) {
    CHECK_MESSAGE(is_malformed(bad), std::string(bad));
  }
}

TEST_CASE("escapes are read, and broken text is refused") {
  const auto name = [](std::string_view json) -> std::string {
    const auto part = decode<Part>("{\"quantity\":1,\"name\":\"" + std::string(json) + "\"}", UnknownFields::kRefused);
    return part ? part->name : part.error().reason;
  };
  CHECK(name(R"(\u9f99\ud83c\udf75\/\"\\\n)") == "龙\xF0\x9F\x8D\xB5/\"\\\n");
  CHECK(name(R"(a\u0000b)") == std::string("a\0b", 3));
  for (const std::string& bad : {std::string(R"(\x41)"), std::string(R"(\ud83c)"), std::string(R"(\udf75)"),
                                 std::string(R"(\u12)"), std::string("a\nb"), std::string("a\0b", 3),
                                 std::string("\xFF"), std::string("\xC0\x80"), std::string("\xED\xA0\x80")}) {
    CHECK_MESSAGE(name(bad) == "json.malformed", std::string(bad));
  }
}

TEST_CASE("nesting has a limit") {
  const auto nested = [](std::size_t depth) {
    return R"({"number":1,"x":)" + std::string(depth, '[') + std::string(depth, ']') + "}";
  };
  CHECK(problem<Wrapper>(nested(60), UnknownFields::kIgnored) == "none");
  CHECK(problem<Wrapper>(nested(64), UnknownFields::kIgnored).starts_with("json.malformed"));
  CHECK(problem<Wrapper>(nested(100'000), UnknownFields::kIgnored).starts_with("json.malformed"));
}

TEST_CASE("documents may be read while another one is read") {
  const auto outer = read_json(R"({"a":"outer"})", [](JsonValue json) -> Result<void> {
    std::string seen;
    json.for_each_field([&](std::string_view, JsonValue value) {
      CHECK(problem<Wrapper>(R"({"number":1})") == "none");
      seen = value.string().value();
      return true;
    });
    CHECK(seen == "outer");
    return {};
  });
  CHECK(outer);
}
