#include "projections/supervisor.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <thread>

#include "projections/read_model.hpp"
#include "projections/testing/supervisor_world.hpp"

namespace souk {
namespace {

using testing::await;
using testing::catch_up;
using Node = testing::SupervisorWorld;

constexpr std::chrono::milliseconds kLook{1};

TEST_CASE("a rebuild makes a second file, takes it over and keeps the first for one roll back") {
  Node node;
  node.append_many(50);
  node.begin();
  node.supervisor->start();
  REQUIRE(await(*node.tally, Position{50}));
  auto reader = std::move(ReadModel::open(*node.tally).value());
  const auto read = [&] {
    return reader->read([](sqlite::Database& db) { return db.execute("SELECT count(*) FROM tally"); }).value();
  };
  CHECK(read() == Position{50});
  REQUIRE(node.supervisor->rebuild("tally"));
  node.await_generation(2);
  CHECK(node.files() == Node::Files{"tally.1.sqlite", "tally.2.sqlite", "tally.sqlite"});
  CHECK(std::filesystem::read_symlink(node.scratch.file("tally.sqlite")) == "tally.2.sqlite");
  const auto last = node.append(1);
  REQUIRE(await(*node.tally, last));
  CHECK(read() == last);
  CHECK(testing::tables_of(node.scratch.file("tally.2.sqlite")) == node.expected_rows());
  CHECK(node.report().previous->generation == 1);
  CHECK_FALSE(node.report().building);

  SUBCASE("what was live before is live again, with all that came since") {
    REQUIRE(node.supervisor->roll_back("tally"));
    node.await_generation(1);
    CHECK(read() == last);
    CHECK(testing::tables_of(node.scratch.file("tally.1.sqlite")) == node.expected_rows());
    CHECK(node.report().previous->generation == 2);
  }
  SUBCASE("another rebuild drops what was kept") {
    REQUIRE(node.supervisor->rebuild("tally"));
    node.await_generation(3);
    node.supervisor->stop();
    CHECK(node.files() == Node::Files{"expected.sqlite", "tally.2.sqlite", "tally.3.sqlite", "tally.sqlite"});
  }
  SUBCASE("it is dropped after a week") {
    node.clock.advance(Duration::seconds(8 * 86'400));
    reader.reset();
    node.begin_again();
    node.supervisor->start();
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (node.report().previous && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(kLook);
    CHECK(node.supervisor->roll_back("tally").error().reason == "projection.no_previous");
  }
  node.supervisor->stop();
  CHECK(node.news == std::vector<std::uint64_t>{last.value});
}

TEST_CASE("a rebuild has no effects but its own file") {
  Node node;
  node.append(1, "cart.poison");
  node.append_many(20);
  node.begin();
  node.supervisor->start();
  REQUIRE(await(*node.tally, Position{21}));
  const auto parked = node.report().status.parked;
  CHECK(parked > 0);
  REQUIRE(node.supervisor->rebuild("tally"));
  node.await_generation(2);
  node.supervisor->stop();
  CHECK(node.reported.size() == parked);
  CHECK(node.news.empty());
  CHECK(node.report().status.parked == parked);
}

TEST_CASE("a rebuild that is under way goes on after a restart, and can be cancelled") {
  Node node;
  node.append_many(50);
  node.begin();
  REQUIRE(catch_up(*node.tally));
  REQUIRE(node.supervisor->rebuild("tally"));
  CHECK(node.supervisor->rebuild("tally").error().reason == "projection.building");
  CHECK(node.report().building->generation == 2);
  node.begin_again();
  CHECK(node.report().building->generation == 2);
  CHECK(node.report().generation == 1);

  SUBCASE("it goes on") {
    node.supervisor->start();
    node.await_generation(2);
    node.begin_again();
    CHECK(node.report().generation == 2);
    CHECK(node.tally->position() == Position{50});
  }
  SUBCASE("it is cancelled") {
    REQUIRE(node.supervisor->cancel("tally"));
    CHECK(node.supervisor->cancel("tally").error().reason == "projection.not_building");
    CHECK(node.files() == Node::Files{"tally.1.sqlite", "tally.sqlite"});
    node.begin_again();
    CHECK_FALSE(node.report().building);
  }
  SUBCASE("the machine was started anew meanwhile: what was not waited for may be of no use") {
    const auto path = node.scratch.file("control.json");
    std::ifstream in(path);
    std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    text.replace(text.find(boot_id()), boot_id().size(), "another");
    std::ofstream(path) << text;
    std::ofstream(node.scratch.file("tally.2.sqlite")) << std::string(8'192, 'x');
    node.begin_again();
    node.supervisor->start();
    node.await_generation(2);
    CHECK(testing::tables_of(node.scratch.file("tally.2.sqlite")) == node.expected_rows());
  }
}

TEST_CASE("what an operator has said is still so after a restart") {
  Node node;
  node.begin();
  REQUIRE(node.supervisor->pause("tally"));
  REQUIRE(node.supervisor->set_on_poison("tally", OnPoison::kStop));
  node.begin_again();
  CHECK(node.report().status.state == FollowerState::kPaused);
  CHECK(node.report().status.on_poison == OnPoison::kStop);
  node.supervisor->start();
  const auto last = node.append_many(3);
  REQUIRE(node.supervisor->resume("tally"));
  CHECK(await(*node.tally, last));
  REQUIRE(node.supervisor->set_on_poison("tally", std::nullopt));
  node.begin_again();
  CHECK(node.report().status.state == FollowerState::kFollowing);
  CHECK(node.report().status.on_poison == OnPoison::kPark);
  CHECK(node.supervisor->pause("others").error().reason == "projection.not_found");
}

TEST_CASE("a file of another schema is kept beside a new one, and taken up again by a program that knows it") {
  Node node;
  node.append_many(1'500);
  node.begin();
  REQUIRE(catch_up(*node.tally));
  CHECK_FALSE(node.tally->is_incomplete());
  node.controls->schema = 2;
  node.begin_again();
  CHECK(node.report().generation == 2);
  CHECK(node.tally->is_incomplete());
  CHECK(node.supervisor->roll_back("tally").error().reason == "projection.previous_unfit");
  REQUIRE(node.tally->run_once());
  node.begin_again();
  CHECK(node.tally->is_incomplete());
  REQUIRE(catch_up(*node.tally));
  CHECK_FALSE(node.tally->is_incomplete());
  node.controls->schema = 1;
  node.begin_again();
  CHECK(node.report().generation == 1);
  CHECK(node.tally->position() == Position{1'500});
  CHECK(node.files() == Node::Files{"tally.1.sqlite", "tally.2.sqlite", "tally.sqlite"});
}

TEST_CASE("a file that is taken up again is not complete before it holds what the log holds by then") {
  Node node;
  node.append_many(20);
  node.begin();
  REQUIRE(catch_up(*node.tally));
  node.controls->schema = 2;
  node.begin_again();
  node.append_many(10);
  REQUIRE(catch_up(*node.tally));
  node.controls->schema = 1;
  node.begin_again();
  CHECK(node.tally->position() == Position{20});
  CHECK(node.tally->is_incomplete());
  node.begin_again();
  CHECK(node.tally->is_incomplete());
  REQUIRE(catch_up(*node.tally));
  CHECK_FALSE(node.tally->is_incomplete());
}

TEST_CASE("a live file that cannot be used is refused, or made anew if that is allowed") {
  Node node;
  node.append_many(20);
  node.begin();
  REQUIRE(catch_up(*node.tally));
  node.supervisor.reset();
  std::ofstream(node.scratch.file("tally.1.sqlite")) << std::string(8'192, 'x');
  SUBCASE("refused") {
    SupervisorOptions options;
    options.control_path = node.scratch.file("control.json");
    node.supervisor = std::move(Supervisor::open(node.log, node.clock, options).value());
    CHECK(node.add().error().reason == "projection.unreadable");
  }
  SUBCASE("made anew") {
    node.rebuild = true;
    node.begin();
    REQUIRE(catch_up(*node.tally));
    CHECK(testing::tables_of(node.tally->path()) == node.expected_rows());
  }
}

TEST_CASE("a control file that cannot be read is refused, or the newest files are used") {
  Node node;
  node.append_many(20);
  node.begin();
  REQUIRE(catch_up(*node.tally));
  node.supervisor.reset();
  std::ofstream(node.scratch.file("control.json")) << "{";
  SupervisorOptions options;
  options.control_path = node.scratch.file("control.json");
  CHECK(Supervisor::open(node.log, node.clock, options).error().reason == "projection.control_unreadable");
  node.rebuild = true;
  node.begin();
  CHECK(node.tally->position() == Position{20});
}

TEST_CASE("without a control file the newest file is used that is not half made") {
  Node node;
  node.append_many(20);
  node.begin();
  REQUIRE(catch_up(*node.tally));
  REQUIRE(node.supervisor->rebuild("tally"));
  CHECK(node.files() == Node::Files{"tally.1.sqlite", "tally.2.sqlite", "tally.sqlite"});
  node.supervisor.reset();
  std::filesystem::remove(node.scratch.file("control.json"));
  SUBCASE("one is whole") {
    node.begin();
    CHECK(node.report().generation == 1);
    CHECK(node.tally->position() == Position{20});
    CHECK(node.files() == Node::Files{"tally.1.sqlite", "tally.sqlite"});
  }
  SUBCASE("none is") {
    sqlite::remove_database(node.scratch.file("tally.1.sqlite"));
    node.begin();
    CHECK(node.report().generation == 3);
    CHECK(node.tally->is_incomplete());
    REQUIRE(catch_up(*node.tally));
    CHECK(testing::tables_of(node.tally->path()) == node.expected_rows());
  }
}

TEST_CASE("a control file that is there and cannot be opened is not taken for none") {
  Node node;
  std::filesystem::create_symlink("control.json", node.scratch.file("control.json"));
  SupervisorOptions options;
  options.control_path = node.scratch.file("control.json");
  options.rebuild = true;
  CHECK(Supervisor::open(node.log, node.clock, options).error().reason == "projection.control_unreadable");
}

TEST_CASE("a start that changes nothing needs to write nothing down") {
  Node node;
  node.append_many(20);
  node.begin();
  REQUIRE(catch_up(*node.tally));
  node.supervisor.reset();
  // In the way of what would be written.
  std::filesystem::create_directory(node.scratch.file("control.json.new"));
  node.begin();
  CHECK(node.tally->position() == Position{20});
}

TEST_CASE("a loop that does not go round any more is told of, even when nothing is to be done") {
  Node node;
  node.quiet_max = std::chrono::milliseconds(1'500);
  node.begin();
  node.supervisor->start();
  std::promise<void> may_go_on;
  std::promise<void> hangs;
  node.controls->before_event = [&, once = false]() mutable {
    if (!std::exchange(once, true)) {
      hangs.set_value();
      may_go_on.get_future().wait();
    }
  };
  CHECK(node.supervisor->stuck().empty());
  const auto last = node.append(1);
  hangs.get_future().wait();
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (node.supervisor->stuck().empty() && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(kLook);
  CHECK(node.supervisor->stuck() == std::vector<std::string>{"tally"});
  CHECK(node.report().is_stuck);
  CHECK(node.supervisor->parked("tally", 1).error().reason == "projection.busy");
  may_go_on.set_value();
  REQUIRE(await(*node.tally, last));
  // A quiet one is not stuck: its loop goes round with nothing to do.
  for (int rounds = 0; rounds < 2 && std::chrono::steady_clock::now() < end; ++rounds) {
    const auto quiet = node.report().status.quiet;
    while (node.report().status.quiet >= quiet && std::chrono::steady_clock::now() < end)
      std::this_thread::sleep_for(kLook);
  }
  CHECK(node.supervisor->stuck().empty());
  node.supervisor->stop();
}

TEST_CASE("a rebuild whose loop does not go round any more is told of, and the live one is not taken for it") {
  Node node;
  node.quiet_max = std::chrono::milliseconds(1'500);
  // So many that they are not taken in by the exchange.
  node.append_many(1'500);
  node.begin();
  node.supervisor->start();
  REQUIRE(await(*node.tally, Position{1'500}));
  std::promise<void> may_go_on;
  std::promise<void> hangs;
  node.controls->before_event = [&, once = false]() mutable {
    if (!std::exchange(once, true)) {
      hangs.set_value();
      may_go_on.get_future().wait();
    }
  };
  REQUIRE(node.supervisor->rebuild("tally"));
  hangs.get_future().wait();
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!node.report().building->is_stuck && std::chrono::steady_clock::now() < end)
    std::this_thread::sleep_for(kLook);
  CHECK(node.report().building->is_stuck);
  CHECK_FALSE(node.report().is_stuck);
  CHECK(node.supervisor->stuck().empty());

  SUBCASE("it goes on") {
    may_go_on.set_value();
    node.await_generation(2);
  }
  SUBCASE("it is cancelled, and another one does not wait for it") {
    REQUIRE(node.supervisor->cancel("tally"));
    CHECK_FALSE(node.report().building);
    REQUIRE(node.supervisor->rebuild("tally"));
    node.await_generation(3);
    may_go_on.set_value();
  }
  node.supervisor->stop();
  CHECK(node.files().front() == "tally.1.sqlite");
  CHECK(node.files().size() == 3);
}

}  // namespace
}  // namespace souk
