#include "engine/goldens/events.hpp"

#include <doctest/doctest.h>

#include <set>

#include "engine/entities.hpp"

using namespace souk;
using goldens::Golden;
using goldens::kEvents;

namespace {

template <class E>
void check_golden(const Golden& golden) {
  INFO(std::string(golden.type), " ", std::string(golden.payload));
  const auto event = decode_event<typename E::Event>(golden.type, golden.schema, golden.payload);
  REQUIRE_MESSAGE(event, event.error().reason, ": ", event.error().detail);
  const StoredEvent again = encode_event(*event);
  CHECK(again.type == golden.type);
  CHECK(again.payload == (golden.today.empty() ? golden.payload : golden.today));
}

/// Every type of an entity with every version up to today's.
template <class... Events>
void expect_goldens(std::string_view kind, std::variant<Events...>* /*tag*/) {
  const auto expect = [&](std::string_view type, std::uint16_t newest) {
    CHECK_MESSAGE(type.starts_with(std::string(kind) + "."), std::string(type));
    for (std::uint16_t schema = 1; schema <= newest; ++schema) {
      bool found = false;
      for (const auto& golden : kEvents) {
        found = found || (golden.kind == kind && golden.type == type && golden.schema == schema);
      }
      CHECK_MESSAGE(found, "no golden of ", std::string(type), " version ", schema);
    }
  };
  (expect(Events::kType, Events::kSchema), ...);
}

}  // namespace

TEST_CASE("every event ever stored can be read, and is written the same again") {
  for (const auto& golden : kEvents) {
    bool known = false;
    for_each_entity([&]<class E>() {
      if (golden.kind != E::kKind) return;
      known = true;
      check_golden<E>(golden);
    });
    CHECK_MESSAGE(known, "no entity is called ", std::string(golden.kind));
  }
}

TEST_CASE("there is a golden of every type of event in every version") {
  for_each_entity([]<class E>() { expect_goldens(E::kKind, static_cast<typename E::Event*>(nullptr)); });
}

TEST_CASE("no two types of event and no two entities share a name") {
  std::set<std::string_view> types;
  std::set<std::string_view> kinds;
  for_each_entity([&]<class E>() {
    CHECK(kinds.insert(E::kKind).second);
    const auto insert = [&](std::string_view type) { CHECK_MESSAGE(types.insert(type).second, std::string(type)); };
    [&]<class... Events>(std::variant<Events...>*) {
      (insert(Events::kType), ...);
    }(static_cast<typename E::Event*>(nullptr));
  });
}
