#include <doctest/doctest.h>

#include <atomic>
#include <future>

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
  const auto dropped = node.report().dropped;
  REQUIRE(dropped);
  CHECK(dropped->generation == 2);
  CHECK(dropped->error.starts_with("projection.no_room"));
  CHECK(dropped->at == node.clock.now());
  node.begin_again();
  CHECK_FALSE(node.report().building);
}

TEST_CASE("a file that is far larger than the disk does not fit") {
  Node node;
  CHECK(node.source()->check_room(0));
  CHECK(node.source()->check_room(std::uint64_t{1} << 60).error().reason == "projection.no_room");
}

/// While it is settled something happens.
class Settling final : public FollowerTarget {
 public:
  Settling(std::unique_ptr<FollowerTarget> file, const std::function<void()>& meanwhile)
      : file_(std::move(file)), meanwhile_(meanwhile) {}

  std::string_view name() const override { return file_->name(); }
  std::vector<std::string_view> kinds() const override { return file_->kinds(); }
  std::string path() const override { return file_->path(); }
  Position accepted() const override { return file_->accepted(); }
  Position held() const override { return file_->held(); }
  Position checkpoint() const override { return file_->checkpoint(); }
  Position complete_at() const override { return file_->complete_at(); }
  Result<Taken> take(const std::vector<RecordPtr>& records, Position upto, OnPoison policy, Time now) override {
    return file_->take(records, upto, policy, now);
  }
  Result<void> reload() override { return file_->reload(); }
  std::size_t parked_count() const override { return file_->parked_count(); }
  Result<std::vector<ParkedEvent>> parked(std::size_t limit) override { return file_->parked(limit); }
  Result<Retried> retry_parked(EventLog& log, Position from) override { return file_->retry_parked(log, from); }
  Result<void> settle() override {
    meanwhile_();
    return file_->settle();
  }

 private:
  const std::unique_ptr<FollowerTarget> file_;
  const std::function<void()>& meanwhile_;
};

struct SettlingNode : Node {
  struct Source final : FollowerSource {
    Source(std::unique_ptr<FollowerSource> wrapped, const std::function<void()>& runs)
        : files(std::move(wrapped)), meanwhile(runs) {}
    std::string_view name() const override { return files->name(); }
    std::vector<std::uint64_t> generations() override { return files->generations(); }
    Result<std::unique_ptr<FollowerTarget>> open(std::uint64_t generation, Use use) override {
      return files->open(generation, use).map([this](std::unique_ptr<FollowerTarget> file) {
        return std::unique_ptr<FollowerTarget>(std::make_unique<Settling>(std::move(file), meanwhile));
      });
    }
    Result<void> publish(std::uint64_t generation) override { return files->publish(generation); }
    Result<void> check_room(std::uint64_t bytes) override { return files->check_room(bytes); }
    void remove(std::uint64_t generation) override { files->remove(generation); }

    std::unique_ptr<FollowerSource> files;
    const std::function<void()>& meanwhile;
  };
  std::function<void()> meanwhile;

  std::unique_ptr<FollowerSource> source() override { return std::make_unique<Source>(Node::source(), meanwhile); }
};

TEST_CASE("a copy that fell behind while it was settled follows on before it is taken over") {
  SettlingNode node;
  node.append_many(20);
  std::atomic<int> times{0};
  node.meanwhile = [&] {
    if (++times == 1) node.append_many(1'500);
  };
  node.begin();
  node.supervisor->start();
  REQUIRE(node.supervisor->rebuild("tally"));
  node.await_generation(2);
  CHECK(times == 2);
  REQUIRE(await(*node.tally, Position{1'520}));
  node.supervisor->stop();
  CHECK(testing::tables_of(node.tally->path()) == node.expected_rows());
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

/// Files that count as something elsewhere; the first is of no use once that is said, as can be seen when it is fed.
struct FarNode : Node {
  struct Far final : FollowerSource {
    explicit Far(FarNode& node) : node_(node), files_(node.Node::source()) {}
    std::string_view name() const override { return files_->name(); }
    bool is_elsewhere() const override { return true; }
    std::vector<std::uint64_t> generations() override { return files_->generations(); }
    Result<std::unique_ptr<FollowerTarget>> open(std::uint64_t generation, Use use) override {
      return files_->open(generation, use).map([&](std::unique_ptr<FollowerTarget> file) {
        return std::unique_ptr<FollowerTarget>(
            std::make_unique<Fed>(std::move(file), generation == 1 ? node_.first_is_unfit : node_.others_are_unfit));
      });
    }
    Result<void> publish(std::uint64_t generation) override { return files_->publish(generation); }
    Result<void> check_room(std::uint64_t bytes) override { return files_->check_room(bytes); }
    void remove(std::uint64_t generation) override {
      if (node_.before_removal) node_.before_removal();
      files_->remove(generation);
    }

    FarNode& node_;
    const std::unique_ptr<FollowerSource> files_;
  };
  struct Fed final : FollowerTarget {
    Fed(std::unique_ptr<FollowerTarget> file, const std::atomic<bool>& unfit)
        : file_(std::move(file)), is_unfit(unfit) {}
    std::string_view name() const override { return file_->name(); }
    std::vector<std::string_view> kinds() const override { return file_->kinds(); }
    std::string path() const override { return file_->path(); }
    Position accepted() const override { return file_->accepted(); }
    Position held() const override { return file_->held(); }
    Position checkpoint() const override { return file_->checkpoint(); }
    Position complete_at() const override { return file_->complete_at(); }
    Result<std::size_t> room() override {
      if (is_unfit) return fail(ErrorCode::kInternal, "projection.other_schema", "it was made by another program");
      return kAnyNumber;
    }
    Result<Taken> take(const std::vector<RecordPtr>& records, Position upto, OnPoison policy, Time now) override {
      return file_->take(records, upto, policy, now);
    }
    Result<void> reload() override { return file_->reload(); }
    std::size_t parked_count() const override { return file_->parked_count(); }
    Result<std::vector<ParkedEvent>> parked(std::size_t limit) override { return file_->parked(limit); }
    Result<Retried> retry_parked(EventLog& log, Position from) override { return file_->retry_parked(log, from); }
    Result<void> settle() override { return file_->settle(); }

    const std::unique_ptr<FollowerTarget> file_;
    const std::atomic<bool>& is_unfit;
  };

  std::atomic<bool> first_is_unfit{false};
  std::atomic<bool> others_are_unfit{false};
  std::function<void()> before_removal;

  std::unique_ptr<FollowerSource> source() override { return std::make_unique<Far>(*this); }
};

TEST_CASE("what is elsewhere and turns out to be of no use later is made anew by itself") {
  FarNode node;
  const auto last = node.append_many(20);
  node.first_is_unfit = true;
  SUBCASE("at once") {}
  SUBCASE("and so is a copy that was being built") {
    node.others_are_unfit = true;
  }
  node.begin();
  node.supervisor->start();
  if (node.others_are_unfit) {
    node.await([&] { return node.report().building.has_value(); });
    node.others_are_unfit = false;
  }
  node.await([&] { return node.report().generation > 1; });
  REQUIRE(await(*node.tally, last));
  node.supervisor->stop();
  CHECK(testing::tables_of(node.tally->path()) == node.expected_rows());
}

TEST_CASE("nobody waits for what is elsewhere to be removed") {
  FarNode node;
  node.append_many(20);
  node.begin();
  node.supervisor->start();
  std::promise<void> may_go_on;
  std::promise<void> hangs;
  node.before_removal = [&, is_first = true]() mutable {
    if (!std::exchange(is_first, false)) return;
    hangs.set_value();
    may_go_on.get_future().wait();
  };
  REQUIRE(node.supervisor->rebuild("tally"));
  REQUIRE(node.supervisor->cancel("tally"));
  hangs.get_future().wait();
  CHECK(node.report().generation == 1);
  REQUIRE(node.supervisor->pause("tally"));
  may_go_on.set_value();
  node.supervisor->stop();
}

TEST_CASE("the node is of use without what is elsewhere") {
  FarNode node;
  node.quiet_max = std::chrono::milliseconds(0);
  node.append(1);
  node.begin();
  std::promise<void> may_go_on;
  std::promise<void> hangs;
  node.controls->before_event = [&] {
    hangs.set_value();
    may_go_on.get_future().wait();
  };
  node.supervisor->start();
  hangs.get_future().wait();
  node.await([&] { return node.report().is_stuck; });
  CHECK(node.supervisor->stuck().empty());
  may_go_on.set_value();
  node.supervisor->stop();
}

}  // namespace
}  // namespace souk
