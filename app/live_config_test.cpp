#include "app/live_config.hpp"

#include <doctest/doctest.h>

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
  world.write("");
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
  CHECK(world.report("order.payment_timeout_s").origin == "version 2 of what is set");
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
  CHECK(world.live->check(state.values));
  CHECK(world.live->check({{"size", "1"}}).error().reason == "settings.unfit");
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
