#include "projections/projection_store.hpp"

#include <doctest/doctest.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>

#include "projections/testing/follower_world.hpp"

namespace {

std::atomic<int> waits_for_the_disk{0};

}  // namespace

/// In the place of the C library's, for all of this program.
extern "C" int fdatasync(int fd) {
  ++waits_for_the_disk;
  return static_cast<int>(::syscall(SYS_fdatasync, fd));
}

namespace souk {
namespace {

/// An event of this one writes more than what is left in a write-ahead log while a file is built.
class Large final : public Projection {
 public:
  std::string_view name() const override { return "large"; }
  std::uint32_t schema() const override { return 1; }
  std::vector<std::string_view> kinds() const override { return {}; }
  Result<void> create_tables(sqlite::Database& db) override { return db.run("CREATE TABLE large (bytes BLOB)"); }
  Result<void> apply(sqlite::Database& db, const EventRecord& /*record*/) override {
    return db.run("INSERT INTO large VALUES (zeroblob(70000000))");
  }
};

struct World : testing::FollowerWorld {
  Large projection;
  std::string path = scratch.file("large.sqlite");

  ProjectionStore built() {
    ProjectionStore::OpenOptions options;
    options.path = path;
    options.building = true;
    auto store = ProjectionStore::open(options, projection, {log.log_id(), log.epoch()}, Position{1});
    REQUIRE(store);
    append(1);
    const auto records = log.read(Position{}, 1, Visibility::kDurable);
    REQUIRE(store->apply_batch(projection, *records, Position{1}, OnPoison::kStop, clock.now()));
    return std::move(*store);
  }
};

TEST_CASE("what was built is on the disk once it is settled, also if nothing is left in its write-ahead log") {
  World world;
  auto store = world.built();
  waits_for_the_disk = 0;
  CHECK_FALSE(ProjectionStore::is_settled(world.path));
  REQUIRE(store.settle());
  // The write-ahead log, then the file, then the log once more with the mark.
  CHECK(waits_for_the_disk >= 3);
  CHECK(ProjectionStore::is_settled(world.path));
}

TEST_CASE("what somebody reads cannot be settled, and can once they have ended") {
  World world;
  auto store = world.built();
  auto reader = std::move(sqlite::Database::open(world.path, sqlite::Database::Mode::kReader).value());
  {
    const auto reading = std::move(sqlite::Transaction::begin(reader, sqlite::Transaction::Kind::kRead).value());
    REQUIRE(reader.query("SELECT count(*) FROM large")->step());
    CHECK(store.settle().error().reason == "sqlite.busy");
    CHECK_FALSE(ProjectionStore::is_settled(world.path));
  }
  CHECK(store.settle());
  CHECK(ProjectionStore::is_settled(world.path));
}

}  // namespace
}  // namespace souk
