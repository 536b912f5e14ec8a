#include "engine/base/schema.hpp"

#include <doctest/doctest.h>

using namespace souk;

namespace {

enum class Colour : std::uint8_t { kRed, kGreen };

struct Part {
  std::string name;
  std::optional<std::int64_t> quantity;
  std::string note = "none";

  static constexpr auto fields() {
    return field_list(field("name", &Part::name), field("quantity", &Part::quantity), defaulted("note", &Part::note));
  }
  static constexpr auto limits() {
    return limit_list(limit("name", length(1, 20), matching("^[a-z]+$"), says("What it is called")),
                      limit("quantity", between(1, 99)));
  }
  static constexpr std::string_view kExample = R"({"name":"wheel"})";
};

struct Whole {
  bool flag = false;
  Time at;
  Colour colour = Colour::kRed;
  std::vector<Part> parts;
  std::map<ProductId, std::int64_t> counts;
  std::vector<Whole> inner;

  static constexpr auto fields() {
    return field_list(field("flag", &Whole::flag), field("at", &Whole::at), field("colour", &Whole::colour),
                      field("parts", &Whole::parts), field("counts", &Whole::counts), field("inner", &Whole::inner));
  }
  static constexpr auto limits() { return limit_list(limit("parts", item_count(0, 3))); }
};

}  // namespace

template <>
struct souk::EnumNames<Colour> {
  static constexpr std::array<std::string_view, 2> values{"red", "green"};
};

TEST_CASE("what a client gets is described as the codec writes it") {
  Schemas schemas("#/");
  CHECK(schema_of<Part>(schemas) == R"({"$ref":"#/Part"})");
  CHECK(schemas.components().at("Part") ==
        R"({"type":"object","properties":{"name":{"description":"What it is called","type":"string","minLength":1,)"
        R"("maxLength":20,"pattern":"^[a-z]+$"},"quantity":{"type":"integer","minimum":1,"maximum":99},)"
        R"("note":{"type":"string"}},"required":["name","note"],"examples":[{"name":"wheel"}]})");
}

TEST_CASE("what a client sends is described strictly, with null for what may be absent") {
  Schemas schemas("#/");
  schemas.side = Schemas::Side::kInput;
  CHECK(schema_of<Part>(schemas) == R"({"$ref":"#/PartInput"})");
  const auto& text = schemas.components().at("PartInput");
  CHECK(text.find(R"("required":["name"],"additionalProperties":false)") != std::string::npos);
  CHECK(text.find(R"("quantity":{"anyOf":[{"type":"integer","minimum":1,"maximum":99},{"type":"null"}]})") !=
        std::string::npos);
}

TEST_CASE("what is stored is described as it may have been written ever") {
  Schemas schemas("#/");
  schemas.side = Schemas::Side::kStored;
  CHECK(schema_of<Part>(schemas) == R"({"$ref":"#/Part"})");
  CHECK(schemas.components().at("Part") ==
        R"({"type":"object","properties":{"name":{"description":"What it is called","type":"string"},)"
        R"("quantity":{"type":"integer","minimum":-9007199254740991,"maximum":9007199254740991},)"
        R"("note":{"type":"string"}},"required":["name"],"examples":[{"name":"wheel"}]})");
}

TEST_CASE("every kind of field has a schema, and a struct may hold itself") {
  Schemas schemas("#/");
  CHECK(schema_of<std::vector<Whole>>(schemas) == R"({"type":"array","items":{"$ref":"#/Whole"}})");
  const auto& text = schemas.components().at("Whole");
  CHECK(text.find(R"("at":{"type":"string","pattern":)") != std::string::npos);
  CHECK(text.find(R"("format":"date-time")") != std::string::npos);
  CHECK(text.find(R"("colour":{"type":"string","enum":["red","green"]})") != std::string::npos);
  CHECK(text.find(R"("parts":{"type":"array","items":{"$ref":"#/Part"},"maxItems":3})") != std::string::npos);
  CHECK(text.find(R"("propertyNames":{"type":"string","pattern":"^[0-7][0-9a-hjkmnp-tv-z]{25}$"})") !=
        std::string::npos);
  CHECK(text.find(R"("inner":{"type":"array","items":{"$ref":"#/Whole"}})") != std::string::npos);
  CHECK(schema_of<Money>(schemas) == R"({"$ref":"#/Money"})");
  CHECK(schemas.components().at("Money").find("9007199254740991") != std::string::npos);
}
