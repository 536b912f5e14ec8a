#include <doctest/doctest.h>

#include "projections/guest_carts.hpp"
#include "projections/jobs.hpp"
#include "projections/read_model_source.hpp"
#include "projections/testing/supervisor_world.hpp"

namespace souk {
namespace {

using testing::await;
using testing::catch_up;
using Node = testing::SupervisorWorld;

/// Files of 100 bytes each, another one of which takes 150 while it is built, on a disk of which 10 are to be left.
class Cramped final : public FollowerSource {
 public:
  Cramped(std::unique_ptr<ReadModelSource> files, std::uint64_t& bytes_left)
      : files_(std::move(files)), bytes_left_(bytes_left) {}

  std::string_view name() const override { return files_->name(); }
  std::vector<std::uint64_t> generations() override { return files_->generations(); }
  Result<std::unique_ptr<FollowerTarget>> open(std::uint64_t generation, Use use) override {
    return files_->open(generation, use);
  }
  bool is_settled(std::uint64_t generation) override { return files_->is_settled(generation); }
  Result<void> publish(std::uint64_t generation) override { return files_->publish(generation); }
  std::uint64_t bytes_of(std::uint64_t /*generation*/) override { return 100; }
  std::uint64_t bytes_to_build(std::uint64_t /*generation*/) override { return 150; }
  Result<void> check_room(std::uint64_t bytes) override {
    if (bytes + 10 <= bytes_left_) return {};
    return fail(ErrorCode::kConflict, "projection.no_room");
  }
  void remove(std::uint64_t generation) override { files_->remove(generation); }

 private:
  const std::unique_ptr<ReadModelSource> files_;
  std::uint64_t& bytes_left_;
};

struct CrampedNode : Node {
  std::uint64_t bytes_left = 1'000;

  std::unique_ptr<FollowerSource> cramped(MakeProjection make) {
    return std::make_unique<Cramped>(std::make_unique<ReadModelSource>(log, scratch.path().string(), std::move(make)),
                                     bytes_left);
  }
  std::unique_ptr<FollowerSource> source() override {
    return cramped([this] { return std::make_unique<testing::Tally>(controls); });
  }
};

TEST_CASE("a rebuild has to fit beside all those that are under way") {
  CrampedNode node;
  node.begin();
  REQUIRE(node.supervisor->add(node.cramped(make_jobs_projection)));
  REQUIRE(node.supervisor->add(node.cramped(make_guest_carts_projection)));
  node.bytes_left = 160;
  REQUIRE(node.supervisor->rebuild("tally"));
  // That one has 50 to go.
  node.bytes_left = 209;
  CHECK(node.supervisor->rebuild("jobs").error().reason == "projection.no_room");
  node.bytes_left = 210;
  REQUIRE(node.supervisor->rebuild("jobs"));
  CHECK(node.supervisor->rebuild("guest_carts").error().reason == "projection.no_room");
}

TEST_CASE("a rebuild that is refused leaves what can be rolled back to, whose place counts as free") {
  CrampedNode node;
  node.begin();
  node.supervisor->start();
  REQUIRE(node.supervisor->rebuild("tally"));
  node.await_generation(2);
  node.bytes_left = 59;
  CHECK(node.supervisor->rebuild("tally").error().reason == "projection.no_room");
  CHECK(node.report().previous->generation == 1);
  node.bytes_left = 60;
  REQUIRE(node.supervisor->rebuild("tally"));
  CHECK_FALSE(node.report().previous);
}

TEST_CASE("a rebuild ends before it takes what the log needs") {
  CrampedNode node;
  node.append_many(20);
  node.begin();
  REQUIRE(catch_up(*node.tally));
  REQUIRE(node.supervisor->rebuild("tally"));
  node.bytes_left = 9;
  node.supervisor->start();
  node.await([&] { return !node.report().building; });
  node.supervisor->stop();
  CHECK(node.report().generation == 1);
  CHECK(node.files() == Node::Files{"tally.1.sqlite", "tally.sqlite"});
  REQUIRE(node.failures.size() == 1);
  CHECK(node.failures.front().reason == "projection.no_room");
  node.begin_again();
  CHECK_FALSE(node.report().building);
}

TEST_CASE("a copy that had to park what the live one took in is dropped") {
  Node node;
  node.append(1, "cart.poison");
  node.controls->healed = true;
  node.begin();
  REQUIRE(catch_up(*node.tally));
  node.controls->healed = false;
  REQUIRE(node.supervisor->rebuild("tally"));
  node.supervisor->start();
  node.await([&] { return !node.report().building; });
  node.supervisor->stop();
  CHECK(node.report().generation == 1);
  CHECK(node.report().status.parked == 0);
  CHECK(node.files() == Node::Files{"tally.1.sqlite", "tally.sqlite"});
  REQUIRE(node.failures.size() == 1);
  CHECK(node.failures.front().reason == "projection.parks_more");
}

TEST_CASE("who rolls back gets what was parked then, and is told of it") {
  Node node;
  node.append(1, "cart.poison");
  node.begin();
  node.supervisor->start();
  REQUIRE(await(*node.tally, Position{1}));
  node.controls->healed = true;
  REQUIRE(node.supervisor->rebuild("tally"));
  node.await_generation(2);
  CHECK(node.report().status.parked == 0);
  REQUIRE(node.supervisor->roll_back("tally"));
  node.await_generation(1);
  CHECK(node.report().status.parked == 1);
  node.supervisor->stop();
  CHECK(node.notices.back() == "generation 1 serves from now on, with 1 events parked");
}

}  // namespace
}  // namespace souk
