#include "limits/redis_store.hpp"

#include <doctest/doctest.h>

#include <condition_variable>

#include "limits/testing/fake_redis.hpp"
#include "limits/testing/store_conformance.hpp"

using namespace souk;
using namespace souk::limits;
using namespace souk::limits::testing;
using namespace std::chrono_literals;

namespace {

/// Waits for changes of a store instead of asking again and again.
class Changes {
 public:
  std::function<void(const std::optional<std::string>&)> listener() {
    return [this](const std::optional<std::string>& trouble) {
      const std::scoped_lock lock(mutex_);
      said_.push_back(trouble.value_or("connected"));
      has_changed_.notify_all();
    };
  }
  bool await(const std::string& wanted) {
    std::unique_lock lock(mutex_);
    return has_changed_.wait_for(lock, 20s, [&] {
      return std::any_of(said_.begin(), said_.end(),
                         [&](const auto& one) { return one.find(wanted) != std::string::npos; });
    });
  }
  void forget() {
    const std::scoped_lock lock(mutex_);
    said_.clear();
  }

 private:
  std::mutex mutex_;
  std::condition_variable has_changed_;
  std::vector<std::string> said_;
};

const std::string kRight = "*3\r\n:0\r\n:1000000\r\n:0\r\n";

struct FakeWorld {
  RedisOptions options() {
    RedisOptions made;
    made.port = server.port();
    made.deadline = 50ms;
    made.connect_deadline = 100ms;
    made.reconnect_after = 10ms;
    made.on_change = changes.listener();
    return made;
  }
  /// The reason why it was not answered, and how long that took.
  std::pair<std::string, std::chrono::milliseconds> ask(RedisStore& store) {
    const auto before = std::chrono::steady_clock::now();
    std::promise<Standings> promise;
    store.charge({charge_of(1, plain_rule(1, 1'000, 1))}, [&](Standings said) { promise.set_value(std::move(said)); });
    const auto said = promise.get_future().get();
    const auto took = std::chrono::steady_clock::now() - before;
    return {said ? "" : said.error().reason, std::chrono::duration_cast<std::chrono::milliseconds>(took)};
  }

  Changes changes;
  FakeRedis server;
};

}  // namespace

TEST_CASE("a question that is not answered within the deadline is given up, and at last the connection, too") {
  FakeWorld world;
  RedisStore store(world.options());
  REQUIRE(world.changes.await("connected"));
  CHECK_FALSE(store.trouble().has_value());
  const auto [reason, took] = world.ask(store);
  CHECK(reason == "limits.store_away");
  CHECK(took >= 50ms);
  CHECK(took < 2'000ms);
  world.changes.forget();
  REQUIRE(world.changes.await("no answer in time"));
  REQUIRE(world.changes.await("connected"));
  CHECK(world.server.connections() >= 2);
}

TEST_CASE("an answer that comes late costs its own question and nothing else") {
  FakeWorld world;
  auto options = world.options();
  options.deadline = 200ms;
  RedisStore store(options);
  REQUIRE(world.changes.await("connected"));
  CHECK(world.ask(store).first == "limits.store_away");
  world.server.say(kRight);
  world.server.answer_with(kRight);
  CHECK(world.ask(store).first.empty());
  CHECK(world.ask(store).first.empty());
  CHECK(world.server.connections() == 1);
}

TEST_CASE("an answer that is there is not late, however late the store's thread is") {
  FakeWorld world;
  auto options = world.options();
  options.deadline = 500ms;
  RedisStore store(options);
  REQUIRE(world.changes.await("connected"));
  std::promise<void> is_answered;
  std::promise<void> may_go_on;
  std::promise<Standings> second;
  store.charge({charge_of(1, plain_rule(1, 1'000, 1))}, [&](const Standings&) {
    is_answered.set_value();
    may_go_on.get_future().wait();
  });
  store.charge({charge_of(2, plain_rule(1, 1'000, 1))}, [&](Standings said) { second.set_value(std::move(said)); });
  const auto late = std::chrono::steady_clock::now() + 510ms;
  world.server.await_questions(2);
  world.server.say(kRight);
  is_answered.get_future().wait();
  world.server.say(kRight);
  std::this_thread::sleep_until(late);
  may_go_on.set_value();
  CHECK(second.get_future().get().has_value());
  CHECK(world.server.connections() == 1);
}

TEST_CASE("a server that has forgotten the script is told it again, and nobody notices") {
  FakeWorld world;
  world.server.answer_with("-NOSCRIPT No matching script.\r\n");
  world.server.answer_script_with(kRight);
  auto options = world.options();
  options.deadline = 5'000ms;
  RedisStore store(options);
  REQUIRE(world.changes.await("connected"));
  for (int i = 0; i < 3; ++i) CHECK(world.ask(store).first.empty());
  CHECK(world.server.connections() == 1);
}

namespace {

/// Asks so many questions at once. How often a reason is given.
class Many {
 public:
  void ask(RedisStore& store, int count) {
    asked_ += count;
    for (int i = 0; i < count; ++i) {
      store.charge({charge_of(1, plain_rule(1, 1'000, 1))}, [this](const Standings& said) {
        const std::scoped_lock lock(mutex_);
        reasons_.push_back(said ? "" : said.error().reason);
        has_changed_.notify_all();
      });
    }
  }
  std::ptrdiff_t count(std::string_view reason) {
    std::unique_lock lock(mutex_);
    has_changed_.wait(lock, [&] { return reasons_.size() == static_cast<std::size_t>(asked_); });
    return std::count(reasons_.begin(), reasons_.end(), reason);
  }

 private:
  std::mutex mutex_;
  std::condition_variable has_changed_;
  std::vector<std::string> reasons_;
  int asked_ = 0;
};

}  // namespace

TEST_CASE("questions that a lost connection takes with it are one failure") {
  FakeWorld world;
  auto options = world.options();
  options.deadline = 10'000ms;
  RedisStore store(options);
  REQUIRE(world.changes.await("connected"));
  Many many;
  many.ask(store, 100);
  world.server.await_questions(100);
  world.server.answer_with("close");
  many.ask(store, 1);
  CHECK(many.count("limits.store_away") == 1);
  CHECK(many.count("limits.store_away_with_another") == 100);
}

TEST_CASE("once an attempt to connect has failed each question is a failure") {
  int port = 0;
  {
    const FakeRedis gone;
    port = gone.port();
  }
  Changes changes;
  RedisOptions options;
  options.port = port;
  options.on_change = changes.listener();
  RedisStore store(options);
  REQUIRE(changes.await("Connection refused"));
  Many many;
  many.ask(store, 5);
  CHECK(many.count("limits.store_away") == 5);
  CHECK(store.is_away());
}

TEST_CASE("questions that one stall makes late are one failure") {
  FakeWorld world;
  auto options = world.options();
  options.deadline = 1'000ms;
  RedisStore store(options);
  REQUIRE(world.changes.await("connected"));
  Many many;
  many.ask(store, 100);
  CHECK(many.count("limits.store_away") == 1);
}

TEST_CASE("without a connection a question is refused at once") {
  FakeWorld world;
  world.server.greet_with("");
  RedisStore store(world.options());
  REQUIRE(world.changes.await("no answer while connecting"));
  CHECK(store.trouble() == "no answer while connecting");
  CHECK(world.ask(store).second < 40ms);
}

TEST_CASE("a server that refuses to let us in is told about") {
  FakeWorld world;
  world.server.greet_with("-NOAUTH Authentication required.\r\n");
  RedisStore store(world.options());
  CHECK(world.changes.await("NOAUTH"));
}

TEST_CASE("a server that closes, lost the script or says what was not asked for is no danger") {
  for (const auto* said :
       {"close", "-NOSCRIPT No matching script.\r\n", ":1\r\n", "*1\r\n:1\r\n", "rubbish\r\n", "$-1\r\n", "*-1\r\n",
        "*3\r\n:0\r\n:0\r\n:0\r\n", "*3\r\n:-1\r\n:1000000\r\n:0\r\n", "*3\r\n:0\r\n:9223372036854775807\r\n:0\r\n",
        "*3\r\n:0\r\n$1\r\nx\r\n:0\r\n", "*3\r\n:0\r\n:1000000\r\n*0\r\n"}) {
    FakeWorld world;
    world.server.answer_with(said);
    RedisStore store(world.options());
    REQUIRE(world.changes.await("connected"));
    CHECK_MESSAGE(world.ask(store).first == "limits.store_away", said);
  }
}

TEST_CASE("a right answer is one, and the next that nobody asked for ends the connection") {
  FakeWorld world;
  world.server.answer_with(kRight + kRight);
  RedisStore store(world.options());
  REQUIRE(world.changes.await("connected"));
  CHECK(world.ask(store).first.empty());
  CHECK(world.changes.await("an answer to no question"));
}

TEST_CASE("no more questions wait than may, and all are answered when the store goes") {
  FakeWorld world;
  auto options = world.options();
  options.waiting_max = 100;
  options.deadline = 10'000ms;
  std::atomic<int> answered{0};
  {
    RedisStore store(options);
    REQUIRE(world.changes.await("connected"));
    for (int i = 0; i < 100'000; ++i) {
      store.charge({charge_of(1, plain_rule(1, 1'000, 1))}, [&](const Standings&) { ++answered; });
    }
    CHECK(answered > 0);
  }
  CHECK(answered == 100'000);
}

TEST_CASE("nobody listens: that is told about, and asked again") {
  int port = 0;
  {
    const FakeRedis gone;
    port = gone.port();
  }
  Changes changes;
  RedisOptions options;
  options.port = port;
  options.on_change = changes.listener();
  RedisStore store(options);
  CHECK(changes.await("Connection refused"));
}

// --- against a real server, where the environment names one (tests/services)

namespace {

const char* real_server() {
  return std::getenv("SOUK_TEST_REDIS_PORT");
}

StoreWorld real_world() {
  StoreWorld made;
  RedisOptions options;
  options.port = std::atoi(real_server());
  options.key_prefix = "test:" + std::to_string(std::chrono::steady_clock::now().time_since_epoch().count()) + ":";
  options.deadline = 5'000ms;
  options.clock = [now = made.now_us] { return Time{*now}; };
  auto connected = std::make_shared<std::promise<void>>();
  options.on_change = [connected, is_set = false](const auto& trouble) mutable {
    if (!trouble && !std::exchange(is_set, true)) connected->set_value();
  };
  made.store = std::make_unique<RedisStore>(options);
  REQUIRE(connected->get_future().wait_for(20s) == std::future_status::ready);
  return made;
}

}  // namespace

TEST_CASE("a real server counts as meters do" * doctest::skip(real_server() == nullptr)) {
  counts_as_meters_do(real_world());
}
TEST_CASE("a real server counts exactly at the limits" * doctest::skip(real_server() == nullptr)) {
  counts_exactly_at_the_limits(real_world());
}
TEST_CASE("a real server charges all or none" * doctest::skip(real_server() == nullptr)) {
  charges_all_or_none(real_world());
}
TEST_CASE("a real server serves many callers" * doctest::skip(real_server() == nullptr)) {
  serves_many_callers(real_world());
}
