#include "engine/entity.hpp"

#include <doctest/doctest.h>

#include "engine/entities.hpp"

using namespace souk;

namespace {

/// An event whose shape changed twice: first `count` was called `n`, then `unit` was added.
struct Weighed {
  static constexpr std::string_view kType = "test.weighed";
  static constexpr std::uint16_t kSchema = 3;
  std::int64_t count = 0;
  std::string unit;

  static constexpr auto fields() { return field_list(field("count", &Weighed::count), field("unit", &Weighed::unit)); }
  friend bool operator==(const Weighed&, const Weighed&) = default;

  static Result<std::string> upcast(std::uint16_t from, std::string_view payload) {
    std::string text(payload);
    if (from == 1) {
      const auto at = text.find("\"n\"");
      if (at == std::string::npos) return fail(ErrorCode::kInvalid, "test.broken");
      return text.replace(at, 3, "\"count\"");
    }
    text.pop_back();
    return text + R"(,"unit":"g"})";
  }
};

struct Plain {
  static constexpr std::string_view kType = "test.plain";
  static constexpr std::uint16_t kSchema = 2;
  static constexpr auto fields() { return field_list(); }
  friend bool operator==(const Plain&, const Plain&) = default;
};

using Event = std::variant<Plain, Weighed>;

std::string problem(std::string_view type, std::uint16_t schema, std::string_view payload) {
  const auto event = decode_event<Event>(type, schema, payload);
  return event ? "none" : event.error().reason;
}

}  // namespace

TEST_CASE("an event of an old shape is read through every shape since") {
  const Event expected = Weighed{5, "g"};
  CHECK((decode_event<Event>("test.weighed", 1, R"({"n":5})").value() == expected));
  CHECK((decode_event<Event>("test.weighed", 2, R"({"count":5})").value() == expected));
  CHECK((decode_event<Event>("test.weighed", 3, R"({"count":5,"unit":"g"})").value() == expected));
}

TEST_CASE("an event that cannot be read says why") {
  CHECK(problem("test.unknown", 1, "{}") == "event.unknown_type");
  CHECK(problem("test.weighed", 4, "{}") == "event.newer_schema");
  CHECK(problem("test.weighed", 0, "{}") == "event.newer_schema");
  CHECK(problem("test.plain", 1, "{}") == "event.no_upcaster");
  CHECK(problem("test.weighed", 1, "{}") == "test.broken");
  CHECK(problem("test.weighed", 3, "{}") == "field.invalid");
  CHECK(problem("test.weighed", 3, "{") == "json.malformed");
}

TEST_CASE("an event of a newer program may have more fields") {
  CHECK(problem("test.plain", 2, R"({"more":1})") == "none");
}

TEST_CASE("an entity's stream is named after its kind") {
  CHECK(stream_of<Order>(OrderId{{0, 1}}).text() == "order-00000000000000000000000001");
  CHECK(stream_of<Stock>(ProductId{{0, 1}}).text() == "stock-00000000000000000000000001");
  const Tell told = tell<Cart>(AccountId{{0, 2}}, cart::Clear{});
  CHECK((told.target == stream_of<Cart>(AccountId{{0, 2}})));
}

TEST_CASE("effects without anything in them are empty") {
  CHECK(Effects{}.empty());
  CHECK(!Effects{{}, {ClearTimer{"x"}}, {}}.empty());
  CHECK(!Effects{{}, {}, {provider::Query{}}}.empty());
}
