#include "kafka/command_intake.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <condition_variable>
#include <future>
#include <set>

#include "kafka/testing/mock_cluster.hpp"

using namespace souk::kafka;
using souk::kafka::testing::MockCluster;
namespace testing = souk::kafka::testing;

namespace {

using Kind = CommandOutcome::Kind;

struct IntakeWorld {
  MockCluster cluster;
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::string> obeyed;  ///< payloads, each time they were tried
  std::function<CommandOutcome(const std::string& payload)> judge = [](const std::string&) { return CommandOutcome{}; };

  IntakeWorld() {
    cluster.create_topic("commands", 2);
    cluster.create_topic("commands.dead", 1);
  }

  IntakeOptions options() {
    IntakeOptions options;
    options.client = cluster.client();
    // The brokers here notice only by it that a member of the group has left.
    options.client.properties.emplace_back("session.timeout.ms", "6000");
    options.client.properties.emplace_back("heartbeat.interval.ms", "500");
    options.topic = "commands";
    options.dead_letter_topic = "commands.dead";
    options.backoff_min = std::chrono::milliseconds(1);
    options.backoff_max = std::chrono::milliseconds(5);
    options.commit_every = std::chrono::milliseconds(1);
    options.obey = [this](const InboundMessage& message, bool is_last_try, const IntakeOptions::Then& then) {
      CommandOutcome outcome;
      {
        const std::lock_guard lock(mutex);
        const auto payload = message.payload.value_or("null");
        outcome = judge(payload);
        if (outcome.kind == Kind::kFailed && is_last_try) outcome.kind = Kind::kRefused;
        obeyed.push_back(payload);
      }
      changed.notify_all();
      then(outcome);
    };
    return options;
  }

  std::vector<std::string> await(std::size_t tries) {
    std::unique_lock lock(mutex);
    CHECK(changed.wait_for(lock, std::chrono::seconds(30), [&] { return obeyed.size() >= tries; }));
    return obeyed;
  }
  /// What comes again, as it may when a partition changes hands, counts once.
  void await_different(std::size_t messages) {
    std::unique_lock lock(mutex);
    CHECK(changed.wait_for(lock, std::chrono::seconds(30),
                           [&] { return std::set<std::string>(obeyed.begin(), obeyed.end()).size() >= messages; }));
  }
};

std::unique_ptr<CommandIntake> started(IntakeOptions options) {
  auto intake = CommandIntake::open(std::move(options));
  REQUIRE(intake);
  (*intake)->start();
  return std::move(*intake);
}

template <class Figure>
void await_figure(const Figure& figure, std::uint64_t wanted) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (figure < wanted && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));  // the brokers are in this process and want the core
  }
  CHECK(figure == wanted);
}

}  // namespace

TEST_CASE("messages of a key are obeyed one after the other, and what was dealt with does not come again") {
  IntakeWorld world;
  for (int i = 0; i < 20; ++i) world.cluster.write("commands", i % 2, i % 2 == 0 ? "a" : "b", std::to_string(i));
  auto options = world.options();
  const auto figures = options.figures;
  auto intake = started(options);
  const auto obeyed = world.await(20);
  await_figure(figures->obeyed, 20);
  std::vector<int> of_a;
  for (const auto& payload : obeyed) {
    if (std::stoi(payload) % 2 == 0) of_a.push_back(std::stoi(payload));
  }
  CHECK(std::ranges::is_sorted(of_a));
  intake->stop();

  world.cluster.write("commands", 0, "a", "last");
  intake = started(world.options());
  CHECK(world.await(21).back() == "last");
}

TEST_CASE("a refused message is a dead letter with the reason and where it came from, and others go on") {
  IntakeWorld world;
  world.judge = [](const std::string& payload) {
    return payload == "poison" ? CommandOutcome{Kind::kRefused, "command.unknown", "there is none"} : CommandOutcome{};
  };
  world.cluster.write("commands", 1, "a", "poison");
  world.cluster.write("commands", 1, "a", "sound");
  auto options = world.options();
  auto intake = started(options);
  await_figure(options.figures->obeyed, 1);
  const auto letters = world.cluster.read("commands.dead", 1);
  REQUIRE(letters.size() == 1);
  CHECK(letters[0].key == "a");
  CHECK(letters[0].payload == "poison");
  CHECK((letters[0].headers == std::map<std::string, std::string>{{"reason", "command.unknown"},
                                                                  {"detail", "there is none"},
                                                                  {"topic", "commands"},
                                                                  {"partition", "1"},
                                                                  {"offset", "0"}}));
  CHECK(options.figures->refused == 1);
}

TEST_CASE("a letter that cannot be written is tried again until it is, and is written once") {
  IntakeWorld world;
  world.judge = [](const std::string&) { return CommandOutcome{Kind::kRefused, "command.unknown", ""}; };
  for (int i = 0; i < 10; ++i) world.cluster.write("commands", i % 2, std::to_string(i), std::to_string(i));
  world.cluster.fail_produce(40, MockCluster::kTopicAuthorizationFailed);
  auto options = world.options();
  auto intake = started(options);
  await_figure(options.figures->refused, 10);
  auto letters = world.cluster.read("commands.dead", 10);
  // What was under way when another one failed may come twice, but no more than that.
  CHECK(letters.size() < 20);
  std::ranges::sort(letters, {}, &testing::Message::payload);
  const auto repeated = std::ranges::unique(letters, {}, &testing::Message::payload);
  CHECK(repeated.begin() - letters.begin() == 10);
}

TEST_CASE("a letter that is too large for its topic says so, with the beginning of what it was") {
  IntakeWorld world;
  world.judge = [](const std::string&) { return CommandOutcome{Kind::kRefused, "command.unknown", ""}; };
  world.cluster.write("commands", 0, "a", std::string(1'500'000, 'x'));
  auto options = world.options();
  SUBCASE("for the topic") {
    world.cluster.fail_produce(1, MockCluster::kMessageTooLarge);
    auto intake = started(options);
    await_figure(options.figures->refused, 1);
    const auto letters = world.cluster.read("commands.dead", 1);
    REQUIRE(letters.size() == 1);
    CHECK(letters[0].payload == std::string(1'000, 'x'));
    CHECK(letters[0].headers.at("truncated") == "1500000");
    CHECK(letters[0].headers.at("offset") == "0");
  }
  SUBCASE("and is whole if the topic takes it") {
    auto intake = started(options);
    await_figure(options.figures->refused, 1);
    const auto letters = world.cluster.read("commands.dead", 1);
    REQUIRE(letters.size() == 1);
    CHECK(letters[0].payload.size() == 1'500'000);
    CHECK(letters[0].headers.count("truncated") == 0);
  }
}

TEST_CASE("it stops while the broker is away, with commands obeyed that it could not tell of") {
  IntakeWorld world;
  world.cluster.write("commands", 0, "a", "first");
  auto options = world.options();
  options.client.properties.emplace_back("session.timeout.ms", "120000");  // else its partitions are lost before
  options.commit_every = std::chrono::hours(1);
  auto intake = started(options);
  await_figure(options.figures->obeyed, 1);
  world.cluster.set_down(true);
  auto stopped = std::async(std::launch::async, [&] { intake->stop(); });
  CHECK(stopped.wait_for(std::chrono::seconds(30)) == std::future_status::ready);
  world.cluster.set_down(false);
}

TEST_CASE("what cannot be done now is tried again, and only those of its key wait for it") {
  IntakeWorld world;
  world.judge = [&](const std::string& payload) {
    const auto tries = std::ranges::count(world.obeyed, payload);
    return payload == "hard" && tries < 3 ? CommandOutcome{Kind::kLater, "server.busy", ""} : CommandOutcome{};
  };
  world.cluster.write("commands", 0, "a", "hard");
  world.cluster.write("commands", 0, "a", "behind");
  world.cluster.write("commands", 0, "b", "other");
  auto options = world.options();
  auto intake = started(options);
  await_figure(options.figures->obeyed, 3);
  const auto obeyed = world.await(6);
  CHECK(std::ranges::count(obeyed, "hard") == 4);
  CHECK(obeyed.back() == "behind");
  CHECK(std::ranges::find(obeyed, "other") < std::ranges::find(obeyed.rbegin(), obeyed.rend(), "hard").base() - 1);
  CHECK(options.figures->retried == 3);
}

TEST_CASE("one that waits for long stops its partition in the end, and no other one") {
  IntakeWorld world;
  world.judge = [](const std::string& payload) {
    return payload == "hard" ? CommandOutcome{Kind::kLater, "server.busy", ""} : CommandOutcome{};
  };
  world.cluster.write("commands", 0, "a", "hard");
  for (int i = 0; i < 20; ++i) {
    for (const int partition : {0, 1}) world.cluster.write("commands", partition, "b", std::to_string(partition));
  }
  auto options = world.options();
  options.at_a_time_max = 5;
  options.ahead_max = 5;
  auto intake = started(options);
  await_figure(options.figures->obeyed, 4 + 20);
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (options.figures->behind != 21 && std::chrono::steady_clock::now() < end) std::this_thread::yield();
  CHECK(options.figures->behind == 21);
  for (int i = 0; i < 5; ++i) world.cluster.write("commands", 0, "b", "later");
  while (options.figures->behind != 26 && std::chrono::steady_clock::now() < end) std::this_thread::yield();
  CHECK(options.figures->behind == 26);
}

TEST_CASE("what fails by our fault is a dead letter after ten tries") {
  IntakeWorld world;
  world.judge = [](const std::string& payload) {
    return payload == "bug" ? CommandOutcome{Kind::kFailed, "entity.fault", ""} : CommandOutcome{};
  };
  world.cluster.write("commands", 0, "a", "bug");
  world.cluster.write("commands", 0, "a", "behind");
  auto options = world.options();
  auto intake = started(options);
  await_figure(options.figures->obeyed, 1);
  CHECK(options.figures->refused == 1);
  CHECK(world.await(11).size() == 11);
}

TEST_CASE("a letter is what came: null stays null, and the sender's headers are there") {
  IntakeWorld world;
  world.judge = [](const std::string&) { return CommandOutcome{Kind::kRefused, "command.unknown", ""}; };
  world.cluster.write("commands", 0, {}, {}, {{"trace", "t-1"}, {"reason", "of an earlier letter"}});
  auto options = world.options();
  auto intake = started(options);
  await_figure(options.figures->refused, 1);
  const auto letters = world.cluster.read("commands.dead", 1);
  REQUIRE(letters.size() == 1);
  CHECK(letters[0].is_key_null);
  CHECK(letters[0].is_payload_null);
  CHECK(letters[0].headers.at("trace") == "t-1");
  CHECK(letters[0].headers.at("reason") == "command.unknown");
}

TEST_CASE("what is older than commands are remembered is refused") {
  IntakeWorld world;
  world.cluster.write("commands", 0, "a", "old");
  auto options = world.options();
  options.age_max = std::chrono::milliseconds(0);
  auto intake = started(options);
  await_figure(options.figures->refused, 1);
  const auto letters = world.cluster.read("commands.dead", 1);
  REQUIRE(letters.size() == 1);
  CHECK(letters[0].headers.at("reason") == "command.too_old");
  CHECK(world.obeyed.empty());
}

TEST_CASE("members of the group share the partitions, and take over those of one that goes") {
  IntakeWorld world;
  std::size_t written = 0;
  const auto write = [&] {
    for (const int partition : {0, 1}) world.cluster.write("commands", partition, "k", std::to_string(written++));
  };
  auto first_options = world.options();
  auto second_options = world.options();
  auto first = started(first_options);
  write();
  await_figure(first_options.figures->obeyed, 2);
  auto second = started(second_options);
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(120);
  while (second_options.figures->obeyed == 0 && std::chrono::steady_clock::now() < end) {
    write();
    world.await_different(written);
  }
  CHECK(second_options.figures->obeyed > 0);
  second->stop();
  write();
  world.await_different(written);
}

TEST_CASE("a consumer that the broker has thrown out for good is replaced") {
  IntakeWorld world;
  auto options = world.options();
  options.client.properties.emplace_back("group.instance.id", "one");
  std::atomic<std::uint64_t> thrown_out = 0;
  options.on_trouble = [&](const std::string& what) { thrown_out += what.starts_with("_FATAL") ? 1 : 0; };
  auto intake = started(options);
  world.cluster.write("commands", 0, "a", "first");
  await_figure(options.figures->obeyed, 1);
  world.cluster.fail_heartbeat(MockCluster::kFencedInstanceId);
  await_figure(thrown_out, 1);
  world.cluster.write("commands", 0, "a", "second");
  await_figure(options.figures->obeyed, 2);
}

TEST_CASE("nothing behind a message that is not dealt with is taken for done") {
  IntakeWorld world;
  world.judge = [](const std::string& payload) {
    return payload == "hard" ? CommandOutcome{Kind::kLater, "server.busy", ""} : CommandOutcome{};
  };
  world.cluster.write("commands", 0, "a", "hard");
  world.cluster.write("commands", 0, "b", "other");
  auto options = world.options();
  auto intake = started(options);
  await_figure(options.figures->obeyed, 1);
  intake->stop();
  world.judge = [](const std::string&) { return CommandOutcome{}; };
  world.obeyed.clear();
  auto again = world.options();
  intake = started(again);
  await_figure(again.figures->obeyed, 2);
}

TEST_CASE("a window that is full takes no more until there is room, and then all of it") {
  IntakeWorld world;
  for (int i = 0; i < 30; ++i) world.cluster.write("commands", 0, "k" + std::to_string(i), std::to_string(i));
  std::vector<std::function<void(CommandOutcome)>> held;
  auto options = world.options();
  options.at_a_time_max = 4;
  options.ahead_max = 6;
  options.obey = [&](const InboundMessage& message, bool /*is_last_try*/, IntakeOptions::Then then) {
    const std::lock_guard lock(world.mutex);
    world.obeyed.push_back(*message.payload);
    held.push_back(std::move(then));
    world.changed.notify_all();
  };
  auto intake = started(options);
  CHECK(world.await(4).size() == 4);
  while (options.figures->obeyed < 30) {
    std::vector<std::function<void(CommandOutcome)>> now;
    {
      const std::lock_guard lock(world.mutex);
      now.swap(held);
    }
    for (auto& then : now) then({});
  }
  CHECK(world.await(30).size() == 30);
}
