/// For tests of followers: a log, a clock, and followers of a tally whose failures the test decides.
#pragma once

#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "eventstore/memory_event_log.hpp"
#include "eventstore/testing/fixtures.hpp"
#include "projections/testing/fixtures.hpp"
#include "projections/testing/scratch.hpp"
#include "projections/testing/tally.hpp"

namespace souk::testing {

struct FollowerWorld {
  ScratchDirectory scratch;
  ManualClock clock;
  MemoryEventLog log{clock};
  std::shared_ptr<TallyControls> controls = std::make_shared<TallyControls>();
  std::vector<ParkedEvent> reported;
  std::vector<Error> failures;

  FollowerOptions options(const std::string& file = "tally.sqlite") {
    FollowerOptions options;
    options.path = scratch.file(file);
    options.batch_events_max = 7;
    options.rest = std::chrono::milliseconds(0);
    options.on_parked = [this](const ParkedEvent& event) { reported.push_back(event); };
    options.on_failure = [this](const Error& error) { failures.push_back(error); };
    return options;
  }

  std::unique_ptr<Follower> open(FollowerOptions with, EventLog& of) {
    auto follower = Follower::open(of, clock, std::make_unique<Tally>(controls), std::move(with));
    if (!follower) FAIL(follower.error().reason << ": " << follower.error().detail);
    return std::move(*follower);
  }
  std::unique_ptr<Follower> open() { return open(options(), log); }

  Error open_error(EventLog& of) {
    auto follower = Follower::open(of, clock, std::make_unique<Tally>(controls), options());
    return follower ? Error{} : follower.error();
  }

  Position append(std::uint64_t number, const std::string& type = "cart.item_added", std::string_view kind = "cart") {
    const StreamId id(kind, Id128{0, number});
    const auto version = log.read_stream(id, {}, 1'000'000)->size();
    auto appended = log.append({id, {version}, {{type, 1, "{}", {}}}, {}});
    REQUIRE(appended);
    return appended->last;
  }
  Position append_many(std::size_t count) {
    Position last;
    for (std::size_t i = 0; i < count; ++i) last = append(1 + (i * 7) % 5);
    return last;
  }
  /// The rows that a follower which never failed would have made.
  std::string expected_rows() {
    auto follower = open(options("expected.sqlite"), log);
    REQUIRE(catch_up(*follower));
    CHECK(follower->status().parked == 0);
    return tables_of(follower->path());
  }
  std::string rows() { return tables_of(options().path); }
};

}  // namespace souk::testing
