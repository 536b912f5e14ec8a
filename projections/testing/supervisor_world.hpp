/// For tests of the supervisor: a node with one read model, a tally, which may be started anew.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "projections/read_model_source.hpp"
#include "projections/supervisor.hpp"
#include "projections/testing/fixtures.hpp"
#include "projections/testing/follower_world.hpp"

namespace souk::testing {

struct SupervisorWorld : FollowerWorld {
  using Files = std::vector<std::string>;

  std::unique_ptr<Supervisor> supervisor;
  Follower* tally = nullptr;
  bool rebuild = false;
  std::chrono::milliseconds quiet_max{10'000};
  std::vector<std::string> notices;
  std::vector<std::uint64_t> news;

  virtual ~SupervisorWorld() = default;

  virtual std::unique_ptr<FollowerSource> source() {
    return std::make_unique<ReadModelSource>(log, scratch.path().string(),
                                             [this] { return std::make_unique<Tally>(controls); });
  }

  void begin() {
    SupervisorOptions options;
    options.control_path = scratch.file("control.json");
    options.rebuild = rebuild;
    options.quiet_max = quiet_max;
    options.on_parked = [this](std::string_view, const ParkedEvent& event) { reported.push_back(event); };
    options.on_failure = [this](std::string_view, const Error& error) { failures.push_back(error); };
    options.on_notice = [this](std::string_view, const std::string& what) { notices.push_back(what); };
    auto opened = Supervisor::open(log, clock, std::move(options));
    if (!opened) FAIL(opened.error().reason);
    supervisor = std::move(*opened);
    const auto added = add();
    if (!added) FAIL(added.error().reason << ": " << added.error().detail);
    tally = *added;
  }
  Result<Follower*> add() {
    return supervisor->add(source(), [this](const EventRecord& record) { news.push_back(record.position.value); });
  }
  void begin_again() {
    supervisor.reset();
    begin();
  }
  FollowerReport report() { return supervisor->report("tally").value(); }
  Files files() const {
    Files names;
    for (const auto& entry : std::filesystem::directory_iterator(scratch.path())) {
      const auto name = entry.path().filename().string();
      if (name.ends_with(".sqlite")) names.push_back(name);
    }
    std::sort(names.begin(), names.end());
    return names;
  }
  /// At most ten seconds. Each look takes a lock that the supervisor holds meanwhile, so this goes round a few times.
  void await(const std::function<bool()>& is_over) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!is_over() && std::chrono::steady_clock::now() < end) std::this_thread::yield();
    REQUIRE(is_over());
  }
  void await_generation(std::uint64_t generation) {
    await([&] { return report().generation == generation; });
  }
};

}  // namespace souk::testing
