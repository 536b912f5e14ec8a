#include "app/setup_checks.hpp"

#include <doctest/doctest.h>

#include <fstream>

#include "privacy/testing/test_folder.hpp"

namespace souk {
namespace {

std::string mistake_in(const Config& config) {
  const auto checked = check_setup(config);
  if (checked) return "";
  CHECK(checked.error().reason == "config.invalid");
  return checked.error().detail;
}

bool says(const std::string& mistake, std::string_view what) {
  CAPTURE(mistake);
  return mistake.find(what) != std::string::npos;
}

Config with_brokers() {
  Config config;
  config.kafka_brokers = "127.0.0.1:9092";
  return config;
}

void write(const std::string& path, std::string_view text) {
  std::ofstream(path, std::ios::binary) << text;
}

}  // namespace

TEST_CASE("what the defaults say fits together") {
  CHECK(mistake_in(Config{}) == "");
}

TEST_CASE("what does not go together is told of with where it comes from") {
  ConfigSources sources;
  sources.file = "souk.toml";
  sources.file_text = "[kafka]\ncommands_topic = \"a\"\n";
  sources.environment = {"SOUK_SEARCH_ELASTICSEARCH_USERNAME=me"};
  const auto config = load_config(sources).value();
  const auto checked = check_setup(config);
  REQUIRE_FALSE(checked);
  CHECK(checked.error().reason == "config.invalid");
  CHECK(says(checked.error().detail,
             "search.elasticsearch_username (environment variable SOUK_SEARCH_ELASTICSEARCH_USERNAME) needs "
             "search.elasticsearch_password\n"));
  CHECK(says(checked.error().detail, "kafka.commands_topic (souk.toml:2:1) needs kafka.brokers"));
  CHECK(check_setup(load_config({}).value()));
}

TEST_CASE("a name within a longer one is not taken for it") {
  ConfigSources sources;
  sources.flags = {{"limits.redis", "127.0.0.1:1"}};
  const auto checked = check_setup(load_config(sources).value());
  REQUIRE_FALSE(checked);
  CHECK(says(checked.error().detail, "limits.cluster_secret must"));
  CHECK(says(checked.error().detail, "limits.redis (flag for limits.redis)"));
}

TEST_CASE("commands need brokers") {
  Config config;
  config.kafka_commands_topic = "souk.commands";
  CHECK(says(mistake_in(config), "kafka.commands_topic needs kafka.brokers"));
  config.kafka_brokers = "127.0.0.1:9092";
  CHECK(mistake_in(config) == "");
}

TEST_CASE("commands, dead letters and events have topics of their own") {
  Config config = with_brokers();
  config.kafka_commands_topic = "souk.commands";
  config.kafka_dead_letter_topic = "souk.commands";
  CHECK(says(mistake_in(config), "kafka.dead_letter_topic is kafka.commands_topic"));
  config.kafka_dead_letter_topic = "souk.order";
  CHECK(says(mistake_in(config), "kafka.dead_letter_topic: events of the feed go to souk.order"));
  config.kafka_dead_letter_topic.clear();
  config.kafka_commands_topic = "souk.product";
  CHECK(says(mistake_in(config), "kafka.commands_topic: events of the feed go to souk.product"));

  SUBCASE("no event goes there, for there is no feed") {
    config.kafka_feed_enabled = false;
  }
  SUBCASE("no event goes there, for there is another prefix") {
    config.kafka_topic_prefix = "shop.";
  }
  SUBCASE("no event goes there, for there are other kinds") {
    config.kafka_kinds = "order, stock";
  }
  CHECK(mistake_in(config) == "");
}

TEST_CASE("a name needs its password, and a password its name, and neither is told") {
  Config config;
  SUBCASE("of the search server: a name") {
    config.search_elasticsearch_username = "me-myself";
    CHECK(mistake_in(config) == "search.elasticsearch_username needs search.elasticsearch_password");
  }
  SUBCASE("of the search server: a password") {
    config.search_elasticsearch_password = "open-sesame";
    CHECK(mistake_in(config) == "search.elasticsearch_password needs search.elasticsearch_username");
  }
  SUBCASE("of the administrator") {
    config.admin_password = "open-sesame";
    CHECK(mistake_in(config) == "admin.password needs admin.username");
  }
}

TEST_CASE("files that are named are there and hold what they should, and all that is wrong is told at once") {
  const TestFolder folder;
  const auto path = folder.path() + "/file";
  Config config;
  config.search_elasticsearch_ca_file = path;
  config.payments_ca_file = path;
  const auto both =
      "search.elasticsearch_ca_file: " + path + " cannot be read\npayments.ca_file: " + path + " cannot be read";
  CHECK(mistake_in(config) == both);
  write(path, "something else");
  CHECK(says(mistake_in(config), "payments.ca_file: " + path + " has no certificate"));
  write(path, "# ours\n-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n");
  CHECK(mistake_in(config) == "");
  config.payments_ca_file = folder.path();
  CHECK(says(mistake_in(config), "cannot be read"));
}

TEST_CASE("synonyms are read before anything is opened") {
  const TestFolder folder;
  Config config;
  config.search_synonyms_file = folder.path() + "/synonyms.txt";
  CHECK(says(mistake_in(config), "search.synonyms_file: " + config.search_synonyms_file));
  write(config.search_synonyms_file, "mug, cup\nmug, ,\n");
  CHECK(says(mistake_in(config), "search.synonyms_file: " + config.search_synonyms_file));
  write(config.search_synonyms_file, "mug, cup\n");
  CHECK(mistake_in(config) == "");
}

}  // namespace souk
