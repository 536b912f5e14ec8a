#include "eventstore/rocks_log_view.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <thread>

#include "eventstore/testing/fixtures.hpp"
#include "eventstore/testing/stores.hpp"

namespace souk::testing {
namespace {

TEST_CASE("a view shows what is durable while the log is held and written to") {
  const TempDirectory folder;
  ManualClock clock;
  RocksLogOptions options;
  options.directory = folder.path();
  auto log = RocksEventLog::open(options, clock).value();
  const StreamId stream("cart", Id128{1, 2});
  for (std::uint64_t version = 0; version < 3; ++version) {
    REQUIRE(log->append(request(stream, version, 1)).has_value());
  }
  while (log->head(Visibility::kDurable) < Position{3}) std::this_thread::yield();

  const auto view = RocksLogView::open(folder.path(), clock);
  REQUIRE(view.has_value());
  const auto records = (*view)->read(Position{}, 10);
  REQUIRE(records.has_value());
  CHECK(records->size() == 3);
  CHECK((records->back()->hash == log->read(Position{2}, 1, Visibility::kDurable).value().front()->hash));
  CHECK((*view)->read(Position{2}, 10)->size() == 1);
  // The writer is not disturbed.
  CHECK(log->append(request(stream, 3, 1)).has_value());
}

TEST_CASE("a view of a directory without a log is refused and makes none") {
  const TempDirectory folder;
  ManualClock clock;
  const auto view = RocksLogView::open(folder.path() + "/nothing", clock);
  REQUIRE_FALSE(view.has_value());
  CHECK(view.error().reason == "store.foreign");
  CHECK_FALSE(std::filesystem::exists(folder.path() + "/nothing"));
}

}  // namespace
}  // namespace souk::testing
