#include "app/live_config.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <fstream>

#include "privacy/testing/test_folder.hpp"

namespace souk {
namespace {

using live_settings::State;
using live_settings::Value;

struct World {
  TestFolder folder;
  std::string path = folder.path() + "/souk.toml";
  ConfigSources sources;
  std::unique_ptr<LiveConfig> live;
  std::vector<Config> told;

  explicit World(std::string_view text = "", std::vector<std::pair<std::string, std::string>> flags = {}) {
    write(text);
    sources.file = path;
    sources.file_text = text;
    sources.flags = std::move(flags);
    live = std::make_unique<LiveConfig>(sources, load_config(sources).value());
  }
  void write(std::string_view text) const { std::ofstream(path, std::ios::binary) << text; }
  void begin() {
    live->begin();
    live->on_change([this](const Config& now) { told.push_back(now); });
  }
  [[nodiscard]] SettingReport report(std::string_view key) const { return live->find(key).value(); }
};

}  // namespace

TEST_CASE("a file that changes is taken in at once as far as that is possible, and the rest waits") {
  World world("order.payment_timeout_s = 60\n");
  world.begin();
  world.write("order.payment_timeout_s = 70\nactors.budget = 7\n");
  const auto reload = world.live->reload_file();
  CHECK(reload.is_news);
  CHECK(reload.problem.empty());
  CHECK(world.live->in_force().order_payment_timeout_s == 70);
  CHECK(world.told.back().order_payment_timeout_s == 70);
  CHECK(world.report("order.payment_timeout_s").origin == world.path + ":1:7");
  CHECK(world.live->in_force().actors_budget == Config{}.actors_budget);
  CHECK(world.report("actors.budget").waiting == "7");
  CHECK(world.live->waiting() == 1);
  CHECK_FALSE(world.live->reload_file().is_news);
  world.write("# nothing\n");
  CHECK(world.live->reload_file().is_news);
  CHECK(world.live->in_force().order_payment_timeout_s == 600);
  CHECK(world.live->waiting() == 0);
  CHECK(world.live->reloads() == 2);
}

TEST_CASE("a file that is wrong anywhere changes nothing, says where, and says it once") {
  World world("order.payment_timeout_s = 60\n");
  world.begin();
  const auto told = world.told.size();
  for (const char* wrong : {"order.payment_timeout_s = 70\ncolour = 1\n", "order.payment_timeout_s = 70\n[http\n",
                            "order.payment_timeout_s = 70\nkafka.commands_topic = \"a\"\n"}) {
    CAPTURE(wrong);
    world.write(wrong);
    const auto reload = world.live->reload_file();
    CHECK(reload.is_news);
    CHECK_FALSE(reload.problem.empty());
    CHECK(world.live->problems() == std::vector<std::string>{reload.problem});
    CHECK_FALSE(world.live->reload_file().is_news);
  }
  std::remove(world.path.c_str());
  CHECK(world.live->reload_file().problem == world.path + ": cannot be read");
  REQUIRE(::mkfifo(world.path.c_str(), 0600) == 0);  // nobody will ever write it
  CHECK(world.live->reload_file().problem == world.path + ": cannot be read");
  std::remove(world.path.c_str());
  CHECK(world.live->in_force().order_payment_timeout_s == 60);
  CHECK(world.told.size() == told);
  CHECK(world.live->refused_reloads() == 4);
  world.write("order.payment_timeout_s = 60\n");
  CHECK(world.live->reload_file().is_news);
  CHECK(world.live->problems().empty());
}

TEST_CASE("what is set holds over the file, and a flag over what is set") {
  World world("order.payment_timeout_s = 60\n", {{"cart.guest_ttl_s", "5"}});
  world.begin();
  world.live->renew(State{{{"cart.guest_ttl_s", "7"}, {"order.payment_timeout_s", "90"}}}, Version{2});
  CHECK(world.live->in_force().order_payment_timeout_s == 90);
  CHECK(world.report("order.payment_timeout_s").origin == "set by an administrator");
  CHECK(world.live->in_force().cart_guest_ttl_s == 5);
  world.write("order.payment_timeout_s = 61\n");
  CHECK(world.live->reload_file().problem.empty());
  CHECK(world.live->in_force().order_payment_timeout_s == 90);
  world.live->renew(State{}, Version{1});
  CHECK(world.live->in_force().order_payment_timeout_s == 90);
  world.live->renew(State{}, Version{3});
  CHECK(world.live->in_force().order_payment_timeout_s == 61);
}

TEST_CASE("what waits for a restart holds from the start on") {
  World world;
  world.live->renew(State{{{"actors.budget", "7"}}}, Version{1});
  world.begin();
  CHECK(world.live->in_force().actors_budget == 7);
  world.live->renew(State{}, Version{2});
  CHECK(world.live->in_force().actors_budget == 7);
  CHECK(world.report("actors.budget").waiting == "100000");
}

TEST_CASE("what holds and what waits have an origin each") {
  World world("actors.budget = 6\n");
  world.begin();
  world.live->renew(State{{{"actors.budget", "7"}}}, Version{1});
  const auto shown = world.report("actors.budget");
  CHECK(shown.value == "6");
  CHECK(shown.origin == world.path + ":1:8");
  CHECK(shown.waiting == "7");
  CHECK(shown.waiting_origin == "set by an administrator");
  world.live->renew(State{{{"actors.budget", "6"}}}, Version{2});
  CHECK(world.report("actors.budget").origin == "set by an administrator");
  CHECK_FALSE(world.report("actors.budget").waiting_origin);
}

TEST_CASE("what this program does not take of what is set is left out and told of") {
  World world;
  const State state{{{"admin.username", "me"}, {"colour", "1"}, {"order.payment_timeout_s", "60"}}};
  world.live->renew(state, Version{3});
  world.begin();
  CHECK(world.live->in_force().order_payment_timeout_s == 60);
  CHECK(world.live->in_force().admin_username.empty());
  CHECK(world.live->problems() ==
        std::vector<std::string>{"what is set: admin.username can be given by the file, the environment or a flag only",
                                 "what is set: there is no setting called colour"});
  CHECK(world.live->check(state.values, ""));
  CHECK(world.live->check(state.values, "order.payment_timeout_s"));
  CHECK(world.live->check(state.values, "colour").error().reason == "settings.unfit");
  CHECK(world.live->check({{"size", "1"}}, "").error().reason == "settings.unfit");
}

namespace {

/// Commands come by the topic that events of orders would go to, if they were sent.
constexpr const char* kCommands =
    "kafka.brokers = \"127.0.0.1:1\"\nkafka.commands_topic = \"souk.order\"\nkafka.feed_enabled = false\n"
    "kafka.kinds = \"account\"\n";
const Value kFeed{"kafka.feed_enabled", "true"};
const Value kOrders{"kafka.kinds", "order"};
const Value kTimeout{"order.payment_timeout_s", "300"};
const Value kBudget{"actors.budget", "7"};

}  // namespace

TEST_CASE("of what is set only that is left out which does not go together with the rest") {
  World world(kCommands);
  world.live->renew(State{{kBudget, kFeed, kOrders, kTimeout}}, Version{4});
  world.begin();
  const auto now = world.live->in_force();
  CHECK(now.order_payment_timeout_s == 300);
  CHECK(now.actors_budget == 7);
  CHECK(now.kafka_feed_enabled);
  CHECK(now.kafka_kinds == "account");
  REQUIRE(world.live->problems().size() == 1);
  CHECK(world.live->problems().front().find("kafka.kinds") != std::string::npos);
  CHECK(world.live->untold() == world.live->problems());
  CHECK(world.live->untold().empty());
  CHECK(world.live->check({kBudget, kFeed, kOrders, kTimeout}, "actors.budget"));
  CHECK_FALSE(world.live->check({kBudget, kFeed, kOrders, kTimeout}, "kafka.kinds"));
}

TEST_CASE("what is left out holds again when it goes together with the rest") {
  World world(kCommands);
  world.live->renew(State{{kFeed, kOrders}}, Version{2});
  world.begin();
  REQUIRE(world.live->problems().size() == 1);
  SUBCASE("for the file says otherwise") {
    world.write("kafka.brokers = \"127.0.0.1:1\"\n");
    REQUIRE(world.live->reload_file().problem.empty());
  }
  SUBCASE("for another value is taken back") {
    world.live->renew(State{{kOrders}}, Version{3});
    CHECK_FALSE(world.live->settle().is_news);
  }
  CHECK(world.live->problems().empty());
  CHECK(world.report("kafka.kinds").waiting == "order");
}

TEST_CASE("what was set at once with another file is looked at again, and told of") {
  World world(kCommands);
  world.begin();
  // As if the file had changed between the look at them and this.
  world.live->renew(State{{kFeed, kOrders}}, Version{2});
  CHECK(world.live->untold().empty());
  CHECK_FALSE(world.live->settle().is_news);
  CHECK(world.live->untold().size() == 1);
  CHECK_FALSE(world.report("kafka.kinds").waiting);
  CHECK(world.report("kafka.feed_enabled").waiting == "true");
}

TEST_CASE("values that do not go together are refused, also when one is taken back") {
  World world("kafka.brokers = \"127.0.0.1:1\"\nkafka.commands_topic = \"souk.order\"\nkafka.feed_enabled = false\n");
  world.begin();
  const Value accounts{"kafka.kinds", "account"};
  CHECK_FALSE(world.live->check({kFeed}, "kafka.feed_enabled"));
  CHECK(world.live->check({kFeed, accounts}, "kafka.feed_enabled"));
  world.live->renew(State{{kFeed, accounts}}, Version{2});
  const auto refused = world.live->check({kFeed}, "");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().reason == "settings.unfit");
  CHECK(refused.error().detail.find("kafka.commands_topic (" + world.path + ":2:7)") != std::string::npos);
  CHECK(world.live->check({accounts}, ""));
}

TEST_CASE("a file has to go together with what is set, and without it") {
  World world(kCommands);
  world.begin();
  const auto refuses = [&](const std::string& text) {
    world.write(text);
    const auto reload = world.live->reload_file();
    return reload.is_news && reload.problem.find("kafka.commands_topic (" + world.path + ":2:7)") != std::string::npos;
  };
  const std::string feed = "kafka.brokers = \"127.0.0.1:1\"\nkafka.commands_topic = \"souk.order\"\n";
  SUBCASE("alone it would not start") {
    world.live->renew(State{{{"kafka.kinds", "account"}}}, Version{1});
    CHECK(refuses(feed));
  }
  SUBCASE("with what is set it would not") {
    world.live->renew(State{{kOrders}}, Version{1});
    CHECK(refuses(feed + "kafka.kinds = \"account\"\n"));
  }
  CHECK_FALSE(world.live->in_force().kafka_feed_enabled);
  CHECK_FALSE(world.report("kafka.feed_enabled").waiting);
  CHECK(world.live->problems().size() == 1);
}

TEST_CASE("a file that names what is not there yet is taken once it is there") {
  World world;
  world.begin();
  const auto named = world.folder.path() + "/ca.pem";
  world.write("order.payment_timeout_s = 70\npayments.ca_file = \"" + named + "\"\n");
  const auto refused = world.live->reload_file();
  CHECK(refused.problem == "payments.ca_file (" + world.path + ":2:10): " + named + " cannot be read");
  CHECK_FALSE(world.live->settle().is_news);
  REQUIRE(::mkfifo(named.c_str(), 0600) == 0);  // whoever opens it would wait
  CHECK(world.live->settle().problem.ends_with(" cannot be read, for it is no file"));
  std::remove(named.c_str());
  std::ofstream(named) << "-----BEGIN CERTIFICATE-----\n";
  const auto taken = world.live->settle();
  CHECK(taken.is_news);
  CHECK(taken.problem.empty());
  CHECK(world.live->in_force().order_payment_timeout_s == 70);
  CHECK(world.live->problems().empty());
  CHECK_FALSE(world.live->settle().is_news);
}

TEST_CASE("a file that is empty and was not is refused, and so is one of which half was read") {
  World world("order.payment_timeout_s = 60\n");
  world.begin();
  world.write("\n");
  CHECK(world.live->reload_file().problem.starts_with(world.path + ": it is empty"));
  world.write("# order.");
  CHECK(world.live->reload_file([] { return false; }).is_unfinished);
  CHECK(world.live->in_force().order_payment_timeout_s == 60);
  CHECK(world.live->reload_file([] { return true; }).problem.empty());
  CHECK(world.live->in_force().order_payment_timeout_s == 600);
}

TEST_CASE("what may be set is known, in range, not given to the process, and not pinned by a flag") {
  World world("", {{"log.requests", "true"}});
  const auto reason = [&](std::string key, std::string value) {
    const auto checked = world.live->check_value({std::move(key), std::move(value)});
    return checked ? "" : std::string(checked.error().reason);
  };
  CHECK(reason("order.payment_timeout_s", "90") == "");
  CHECK(reason("colour", "90") == "settings.not_found");
  CHECK(reason("order.payment_timeout_s", "0") == "settings.value_invalid");
  CHECK(reason("order.payment_timeout_s", "x") == "settings.value_invalid");
  CHECK(reason("jobs.guest_cart_sweep_schedule", "soon") == "settings.value_invalid");
  CHECK(reason("http.connections_max", "1") == "settings.value_invalid");  // nobody could come to take it back
  CHECK(reason("log.requests", "false") == "settings.pinned");
  for (const char* key :
       {"data_dir", "listen", "admin.password", "kafka.brokers", "kafka.properties_file", "tls.key_file",
        "messages.directory", "payments.sandbox_enabled", "idempotency.retention_s"}) {
    CAPTURE(key);
    CHECK(reason(key, "1") == "settings.given");
  }
}

TEST_CASE("secrets, files and peers are given to the process alone") {
  for (const Setting& setting : settings()) {
    CAPTURE(setting.key);
    const bool is_sensitive = setting.secret || setting.key.ends_with("_file") || setting.key.ends_with("_url") ||
                              setting.key.ends_with("_urls") || setting.key.ends_with("directory") ||
                              setting.key.find("password") != std::string_view::npos;
    const bool is_cost = setting.key.starts_with("password.");
    if (is_sensitive && !is_cost) CHECK(setting.change() == SettingChange::kGiven);
  }
}

TEST_CASE("no report shows a secret, also one that waits") {
  World world("search.elasticsearch_username = \"me\"\nsearch.elasticsearch_password = \"open-sesame\"\n");
  world.begin();
  world.write("search.elasticsearch_username = \"me\"\nsearch.elasticsearch_password = \"open-barley\"\n");
  REQUIRE(world.live->reload_file().problem.empty());
  CHECK(world.report("search.elasticsearch_password").waiting == "********");
  for (const auto& report : world.live->all()) {
    CHECK(encode(report).find("open-") == std::string::npos);
  }
}

}  // namespace souk
