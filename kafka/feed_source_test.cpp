#include "kafka/feed_source.hpp"

#include <doctest/doctest.h>

#include <filesystem>

#include "kafka/testing/feed_world.hpp"
#include "projections/supervisor.hpp"

using namespace souk;
using namespace souk::kafka;
using souk::kafka::testing::FeedWorld;
using souk::kafka::testing::MockCluster;
using souk::kafka::testing::Positions;
using souk::testing::await;

namespace {

struct FedWorld : FeedWorld {
  /// One event was sent and acknowledged.
  FedWorld() {
    add("cart", 1);
    auto follower = open(feed());
    follower->start();
    REQUIRE(await(*follower, Position{1}));
    follower->stop();
  }

  [[nodiscard]] std::string path() const { return scratch.file("kafka.1.sqlite"); }
  Error error_of(const FeedOptions& options) {
    auto target = FeedTarget::open(log, clock, options, path());
    return target ? Error{} : target.error();
  }
  /// Of a start with projections.rebuild.
  Error error_of_start(EventLog& of) {
    SupervisorOptions options;
    options.control_path = scratch.file("control.json");
    options.rebuild = true;
    auto supervisor = Supervisor::open(of, clock, options);
    REQUIRE(supervisor);
    auto added = (*supervisor)
                     ->add(std::make_unique<FeedSource>(of, clock, std::filesystem::path(path()).parent_path().string(),
                                                        feed(), OnPoison::kPark));
    return added ? Error{} : added.error();
  }
  void run_in_file(const char* sql) const {
    auto db = sqlite::Database::open(path(), sqlite::Database::Mode::kWriter);
    REQUIRE(db);
    REQUIRE(db->run(sql));
  }
};

}  // namespace

TEST_CASE("a feed's file of another log or another program is kept, and the shop does not start") {
  FedWorld world;
  Error error;
  SUBCASE("another log") {
    MemoryLogOptions options;
    options.log_id = Id128{7, 7};
    MemoryEventLog other(world.clock, options);
    error = world.error_of_start(other);
    CHECK(error.reason == "projection.foreign_log");
  }
  SUBCASE("another program") {
    world.run_in_file("PRAGMA user_version=9");
    error = world.error_of_start(world.log);
    CHECK(error.reason == "projection.other_schema");
    world.run_in_file("PRAGMA user_version=2");
  }
  CHECK(error.detail.find("kafka.1.sqlite") != std::string::npos);
  CHECK(error.detail.find("remove the file") != std::string::npos);
  CHECK(error.detail.find("rebuild") == std::string::npos);
  auto follower = world.open(world.feed());
  CHECK(follower->position() == Position{1});
}

TEST_CASE("a feed to other topics or of more events is refused, and one of fewer is not") {
  FedWorld world;
  auto options = world.feed();
  options.topic_prefix = "shop.";
  CHECK(world.error_of(options).reason == "kafka.other_destination");
  options = world.feed();
  options.kinds = {"order", "stock"};
  CHECK(world.error_of(options).reason.empty());
  options.kinds = {"stock"};
  options.types = {"stock.received"};
  CHECK(world.error_of(options).reason.empty());
  options.kinds = {"stock", "order"};
  CHECK(world.error_of(options).reason == "kafka.other_destination");
  options.kinds = {"stock"};
  options.types = {};
  CHECK(world.error_of(options).reason == "kafka.other_destination");
  CHECK(world.error_of(world.feed()).reason == "kafka.other_destination");
}

TEST_CASE("as long as nothing was sent a feed may go anywhere") {
  FeedWorld world;
  auto options = world.feed();
  options.kinds = {"order"};
  world.open(options);
  options.topic_prefix = "shop.";
  options.kinds = {};
  CHECK(FeedTarget::open(world.log, world.clock, options, world.scratch.file("kafka.1.sqlite")));
}

TEST_CASE("a file of before destinations were written down is of the one it is fed to now") {
  FedWorld world;
  world.run_in_file("DROP TABLE souk_feed");
  CHECK(world.error_of(world.feed()).reason.empty());
  auto options = world.feed();
  options.topic_prefix = "shop.";
  CHECK(world.error_of(options).reason == "kafka.other_destination");
}

TEST_CASE("nothing is sent to another cluster, which lacks all that came before") {
  FedWorld world;
  const auto last = world.add("cart", 2);
  MockCluster other;
  other.create_topic("souk.cart", 1);
  auto options = world.feed();
  options.client = other.client();
  auto follower = world.open(options);
  follower->start();
  while (follower->status().last_error.find("kafka.other_destination") == std::string::npos) std::this_thread::yield();
  CHECK(follower->retry_parked().error().reason == "kafka.other_destination");
  follower.reset();
  CHECK(other.read("souk.cart", 0).empty());
  follower = world.open(world.feed());
  follower->start();
  REQUIRE(await(*follower, last));
  CHECK((world.sorted_positions("souk.cart", 2) == Positions{1, 2}));
}
