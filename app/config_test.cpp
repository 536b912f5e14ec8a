#include "app/config.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <set>

#include "privacy/testing/test_folder.hpp"

namespace souk {
namespace {

struct ConfigFile {
  TestFolder folder;
  std::string path = folder.path() + "/souk.toml";
  explicit ConfigFile(std::string_view text) { std::ofstream(path, std::ios::binary) << text; }
};

std::string mistakes_in(std::string_view toml) {
  const ConfigFile file(toml);
  const auto config = load_config({file.path, {}, {}});
  if (config) return "";
  CHECK(config.error().reason == "config.invalid");
  std::string detail = config.error().detail;
  for (auto found = detail.find(file.path); found != std::string::npos; found = detail.find(file.path)) {
    detail.replace(found, file.path.size(), "souk.toml");
  }
  return detail;
}

std::string mistake_of(const ConfigSources& sources) {
  const auto config = load_config(sources);
  return config ? "" : config.error().detail;
}

std::string origin_of(const EffectiveConfig& config, std::string_view key) {
  for (std::size_t i = 0; i < settings().size(); ++i) {
    if (settings()[i].key == key) return config.origins[i];
  }
  return "";
}

}  // namespace

TEST_CASE("without any layer the defaults hold") {
  const auto config = load_config({});
  REQUIRE(config.has_value());
  CHECK((config->values == Config{}));
  CHECK(config->values.order_payment_timeout_s == 600);
  for (const auto& origin : config->origins) CHECK(origin == "default");
}

TEST_CASE("every setting has a name of its own in the file and in the environment, and its default is in range") {
  std::set<std::string> keys;
  std::set<std::string> names;
  for (const Setting& setting : settings()) {
    CAPTURE(setting.key);
    CHECK(keys.insert(std::string(setting.key)).second);
    CHECK(names.insert(setting.environment_name()).second);
    CHECK(!setting.description.empty());
    if (const auto* member = std::get_if<std::int64_t Config::*>(&setting.member)) {
      CHECK(Config{}.*(*member) >= setting.min);
      CHECK(Config{}.*(*member) <= setting.max);
    }
    if (const auto* member = std::get_if<std::string Config::*>(&setting.member)) {
      if (setting.check != nullptr) CHECK(setting.check(Config{}.*(*member)).empty());
    }
  }
}

TEST_CASE("flags win over the environment, which wins over the file, which wins over the defaults") {
  const ConfigFile file(
      "listen = \"0.0.0.0:1\"\n"
      "[order]\n"
      "payment_timeout_s = 1\n"
      "answer_deadline_ms = 10\n");
  const auto config =
      load_config({file.path,
                   {"HOME=/", "SOUK_ORDER_PAYMENT_TIMEOUT_S=2", "SOUK_LISTEN=0.0.0.0:2", "SOUK_LOG_REQUESTS=false"},
                   {{"listen", "0.0.0.0:3"}}});
  REQUIRE_MESSAGE(config.has_value(), config.error().detail);
  CHECK(config->values.listen == "0.0.0.0:3");
  CHECK(config->values.order_payment_timeout_s == 2);
  CHECK(config->values.order_answer_deadline_ms == 10);
  CHECK(!config->values.log_requests);
  CHECK(config->values.token_access_ttl_s == 7'200);

  CHECK(origin_of(*config, "listen") == "flag for listen");
  CHECK(origin_of(*config, "order.payment_timeout_s") == "environment variable SOUK_ORDER_PAYMENT_TIMEOUT_S");
  CHECK(origin_of(*config, "order.answer_deadline_ms") == file.path + ":4:1");
  CHECK(origin_of(*config, "token.access_ttl_s") == "default");
}

TEST_CASE("tables and dotted keys of the file mean the same") {
  const ConfigFile dotted("http.idle_timeout_ms = 500\nlog.requests = false\n");
  const ConfigFile tables("[http]\nidle_timeout_ms = 500\n[log]\nrequests = false\n");
  CHECK((load_config({dotted.path, {}, {}})->values == load_config({tables.path, {}, {}})->values));
  CHECK(load_config({dotted.path, {}, {}})->values.http_idle_timeout_ms == 500);
}

TEST_CASE("a mistake in the file is refused with its line and column") {
  CHECK(mistakes_in("colour = 1\n") == "souk.toml:1:1: there is no setting called colour");
  CHECK(mistakes_in("\n[order]\npayment_timeout = 1\n") ==
        "souk.toml:3:1: there is no setting called order.payment_timeout");
  CHECK(mistakes_in("[orders]\n") == "souk.toml:1:2: there is no setting called orders");
  CHECK(mistakes_in("order = 1\n") == "souk.toml:1:1: order must be a table");
  CHECK(mistakes_in("[listen]\nport = 1\n") == "souk.toml:1:2: listen must be a text");
  CHECK(mistakes_in("[order]\n  payment_timeout_s = 0\n") ==
        "souk.toml:2:3: order.payment_timeout_s must be a whole number from 1 to 2592000");
  for (const char* value : {"\"600\"", "600.0", "true", "[600]", "{}", "2592001", "-1", "1979-05-27"}) {
    CAPTURE(value);
    CHECK(mistakes_in("[order]\npayment_timeout_s = " + std::string(value) + "\n") ==
          "souk.toml:2:1: order.payment_timeout_s must be a whole number from 1 to 2592000");
  }
  CHECK(mistakes_in("[log]\nrequests = 1\n") == "souk.toml:2:1: log.requests must be true or false");
  CHECK(mistakes_in("listen = \"8080\"\n") ==
        "souk.toml:1:1: listen must be HOST:PORT, such as 127.0.0.1:8080 or [::1]:8080");
}

TEST_CASE("a file that is no TOML is refused with its line and column") {
  CHECK(mistakes_in("listen = \n").starts_with("souk.toml:1:"));
  CHECK(mistakes_in("\n\nlisten 1\n").starts_with("souk.toml:3:"));
  CHECK(mistakes_in("[log]\nrequests = true\nrequests = true\n").starts_with("souk.toml:3:"));
  CHECK(mistakes_in("listen = \"\xff\"\n").starts_with("souk.toml:1:"));
}

TEST_CASE("all mistakes are told at once, also those that a later layer would overrule") {
  const ConfigFile file("listen = 1\ncolour = 1\n");
  const auto detail = mistake_of({file.path, {"SOUK_COLOUR=1"}, {{"listen", "a:1"}, {"colour", "1"}}});
  CHECK(std::count(detail.begin(), detail.end(), '\n') == 3);
}

TEST_CASE("unknown variables and bad values of the environment are refused by name") {
  CHECK(mistake_of({"", {"SOUK_COLOUR=1"}, {}}) == "environment variable SOUK_COLOUR: there is no such setting");
  for (const char* value : {"", "x", "1x", " 1", "1 ", "0x10", "1.0", "99999999999999999999", "-5"}) {
    CAPTURE(value);
    CHECK(mistake_of({"", {"SOUK_ORDER_PAYMENT_TIMEOUT_S=" + std::string(value)}, {}}) ==
          "environment variable SOUK_ORDER_PAYMENT_TIMEOUT_S: order.payment_timeout_s must be a whole number from 1 to "
          "2592000");
  }
  CHECK(mistake_of({"", {"SOUK_LOG_REQUESTS=yes"}, {}}) ==
        "environment variable SOUK_LOG_REQUESTS: log.requests must be true or false");
}

TEST_CASE("variables that are not ours, and those of tests and scripts, are passed over") {
  CHECK(mistake_of({"", {"PATH=/bin", "SOUKS=1", "SOUK_SEED=7", "SOUK_TEST_X=1", "SOUK_BENCH_Y=", "odd"}, {}}) == "");
  CHECK(mistake_of({"", {"souk_colour=1"}, {}}) == "");
}

TEST_CASE("an unknown flag is refused") {
  CHECK(mistake_of({"", {}, {{"colour", "1"}}}) == "flag for colour: there is no such setting");
}

TEST_CASE("what is no TOML is told of without what may be a secret") {
  for (const char* secret : {"[admin]\npassword = trust-me-9\n", "admin.password = falsetto\n",
                             "admin = { password = 0abc }\n", "limits.cluster_secret = inf1n1te\n"}) {
    CAPTURE(secret);
    const auto mistake = mistakes_in(secret);
    CHECK(mistake.ends_with(": it is no TOML"));
    CHECK(mistake.starts_with("souk.toml:"));
  }
  CHECK(mistakes_in("[admin]\npassword = \"x\"\n[log]\nrequests = trust\n").find("expected") != std::string::npos);
}

TEST_CASE("a file that cannot be read is refused") {
  const auto config = load_config({"/nowhere/souk.toml", {}, {}});
  REQUIRE(!config.has_value());
  CHECK(config.error().reason == "config.unreadable");
  const TestFolder folder;
  CHECK(load_config({folder.path(), {}, {}}).error().reason == "config.unreadable");
  const auto large = folder.path() + "/large";
  std::ofstream(large) << std::string(kFileSizeMax, '\n');
  CHECK(read_file(large).has_value());
  std::ofstream(large, std::ios::app) << '\n';
  CHECK_FALSE(read_file(large));
}

TEST_CASE("what is printed names every setting and its origin, and shows no secret") {
  const auto config = load_config({"", {"SOUK_ADMIN_PASSWORD=hunter2 \"\n", "SOUK_ADMIN_USERNAME=a\"b\\\n"}, {}});
  REQUIRE(config.has_value());
  const auto text = print_effective(*config);
  CHECK(text.find("hunter2") == std::string::npos);
  CHECK(text.find("admin.password = \"********\"") != std::string::npos);
  CHECK(text.find("# environment variable SOUK_ADMIN_PASSWORD") != std::string::npos);
  for (const Setting& setting : settings()) {
    CHECK(text.find(std::string(setting.key) + " = ") != std::string::npos);
  }
  // It is a configuration file itself.
  const ConfigFile file(text);
  const auto again = load_config({file.path, {}, {}});
  REQUIRE_MESSAGE(again.has_value(), again.error().detail);
  CHECK(again->values.admin_username == "a\"b\\\n");
  CHECK(load_config({}).has_value());
  CHECK(print_effective(*load_config({})).find("admin.password = \"\"") != std::string::npos);
}

TEST_CASE("the reference is a file that changes nothing") {
  const ConfigFile file(print_reference());
  const auto config = load_config({file.path, {}, {}});
  REQUIRE_MESSAGE(config.has_value(), config.error().detail);
  CHECK((config->values == Config{}));
}

}  // namespace souk
