#include <doctest/doctest.h>

#include <thread>

#include "projections/follower.hpp"
#include "projections/testing/follower_world.hpp"

namespace souk {
namespace {

using World = testing::FollowerWorld;

/// Takes whatever comes, and tries what was parked in as many turns as it shall.
class PatientTarget final : public FollowerTarget {
 public:
  std::string_view name() const override { return "patient"; }
  std::vector<std::string_view> kinds() const override { return {}; }
  Position accepted() const override { return Position{held_.load()}; }
  Position held() const override { return accepted(); }
  Position checkpoint() const override { return accepted(); }
  Result<Taken> take(const std::vector<RecordPtr>& records, Position upto, OnPoison, Time) override {
    handed += records.size();
    held_ = upto.value;
    return Taken{upto, records.size(), true, {}, {}};
  }
  Result<void> reload() override { return {}; }
  std::size_t parked_count() const override { return 0; }
  Result<std::vector<ParkedEvent>> parked(std::size_t) override { return std::vector<ParkedEvent>{}; }
  Result<Retried> retry_parked(EventLog&, Position from) override {
    turns.push_back(from);
    if (on_retry) on_retry();
    if (turns.size() >= turns_max) return Retried{1, {}};
    return Retried{1, Position{from.value + 3}};
  }

  std::size_t handed = 0;
  std::vector<Position> turns;
  std::size_t turns_max = 1;
  std::function<void()> on_retry;

 private:
  std::atomic<std::uint64_t> held_{0};
};

TEST_CASE("a retry goes on in turns, between which the loop goes round, and ends early where the server stops") {
  World world;
  auto owned = std::make_unique<PatientTarget>();
  PatientTarget& target = *owned;
  target.turns_max = 4;
  Follower follower(world.log, world.clock, std::move(owned), world.options());
  SUBCASE("to its end") {
    const auto retried = follower.retry_parked();
    REQUIRE(retried);
    CHECK(retried->applied == 4);
    CHECK((target.turns == std::vector<Position>{Position{}, Position{3}, Position{6}, Position{9}}));
  }
  SUBCASE("beside the loop") {
    const auto before = world.append_many(3);
    target.on_retry = [&] {
      // What came before the last turn has been taken by now.
      if (target.turns.size() == 2) world.append_many(2);
      if (target.turns.size() == 4) CHECK(target.handed == before.value + 2);
    };
    follower.start();
    while (follower.status().accepted < before) std::this_thread::yield();
    REQUIRE(follower.retry_parked());
    CHECK(target.turns.size() == 4);
    follower.stop();
  }
  SUBCASE("where the server stops") {
    target.on_retry = [&] { follower.end_retries(); };
    CHECK(follower.retry_parked().error().reason == "projection.busy");
    CHECK(target.turns.size() == 1);
  }
}

}  // namespace
}  // namespace souk
