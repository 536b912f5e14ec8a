#include "engine/live_settings/live_settings.hpp"

#include <doctest/doctest.h>

#include "engine/entities.hpp"
#include "engine/testing/given.hpp"

using namespace souk;
using namespace souk::live_settings;
using namespace souk::testing;

TEST_CASE("a setting replaces what was set before, and the same again changes nothing") {
  const auto past = given<LiveSettings>(WasPut{{"order.payment_timeout_s", "60"}});
  past.when(Put{{"order.payment_timeout_s", "90"}}).then(WasPut{{"order.payment_timeout_s", "90"}});
  past.when(Put{{"order.payment_timeout_s", "60"}}).then_nothing();
  past.when(Put{{"log.requests", ""}}).then(WasPut{{"log.requests", ""}});
}

TEST_CASE("only what is set can be taken back") {
  const auto past = given<LiveSettings>(WasPut{{"log.requests", "false"}});
  past.when(Remove{"log.requests"}).then(Removed{"log.requests"});
  past.when(Remove{"log"}).then_rejected(ErrorCode::kNotFound, "settings.not_set");
  given<LiveSettings>(WasPut{{"log.requests", "false"}}, Removed{"log.requests"})
      .when(Remove{"log.requests"})
      .then_rejected(ErrorCode::kNotFound, "settings.not_set");
}

TEST_CASE("keys and values have a form") {
  for (const char* key : {"", "A", "a b", "a-b", "\xc3\xa4"}) {
    CAPTURE(key);
    given<LiveSettings>().when(Put{{key, "1"}}).then_rejected(ErrorCode::kInvalid, "settings.key_invalid");
  }
  given<LiveSettings>()
      .when(Put{{std::string(kKeySizeMax + 1, 'a'), "1"}})
      .then_rejected(ErrorCode::kInvalid, "settings.key_invalid");
  for (const auto& value : {std::string("a\nb"), std::string("\x7f"), std::string(kValueSizeMax + 1, 'v')}) {
    given<LiveSettings>().when(Put{{"a", value}}).then_rejected(ErrorCode::kInvalid, "settings.value_invalid");
  }
}

TEST_CASE("no more can be set than there is room for, and what is set can be changed then") {
  std::vector<Value> many;
  for (std::size_t i = 0; i < kValuesMax; ++i) many.push_back({"a" + std::to_string(1'000 + i), "1"});
  const auto past = given<LiveSettings>(RolledBack{Version{1}, many});
  past.when(Put{{"b", "1"}}).then_rejected(ErrorCode::kConflict, "settings.full");
  past.when(Put{{"a1000", "2"}}).then(WasPut{{"a1000", "2"}});
  many.push_back({"b", "1"});
  past.when(RollBack{Version{1}, many}).then_rejected(ErrorCode::kConflict, "settings.full");
}

TEST_CASE("a roll back brings all values of a version, in order, and nothing if they are those of now") {
  const auto past = given<LiveSettings>(WasPut{{"a", "1"}}, WasPut{{"b", "1"}});
  past.when(RollBack{Version{1}, {{"a", "1"}}}).then(RolledBack{Version{1}, {{"a", "1"}}});
  past.when(RollBack{Version{9}, {{"c", "1"}, {"b", "2"}}}).then(RolledBack{Version{9}, {{"b", "2"}, {"c", "1"}}});
  past.when(RollBack{Version{2}, {{"b", "1"}, {"a", "1"}}}).then_nothing();
  past.when(RollBack{Version{}, {}}).then(RolledBack{Version{}, {}});
  past.when(RollBack{Version{1}, {{"A", "1"}}}).then_rejected(ErrorCode::kInvalid, "settings.key_invalid");
}
