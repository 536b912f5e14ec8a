#include <algorithm>
#include <utility>

#include "projections/supervisor.hpp"

namespace souk {

namespace {

/// How often it is looked whether a copy has caught up, and whether a loop is stuck.
constexpr std::chrono::milliseconds kLookWhileBuilding{20};
constexpr std::chrono::milliseconds kLook{1'000};
/// A copy that is so close takes the rest within the exchange.
constexpr std::uint64_t kTakeOverEventsMax = 1'000;
constexpr std::string_view kParksMore = "projection.parks_more";

std::uint64_t number(std::int64_t generation) {
  return static_cast<std::uint64_t>(generation);
}

tl::unexpected<Error> conflict(std::string_view reason, std::string detail) {
  return fail(ErrorCode::kConflict, reason, std::move(detail));
}

/// One that is paused stays where it is, so nothing could take its place.
Result<void> check_paused(bool paused) {
  if (!paused) return {};
  return conflict("projection.paused", "it is paused, and nothing takes its place before it is resumed");
}

/// A copy that could make less of the log than the live one has is no better.
Result<void> check_parked(const FollowerTarget& copy, const FollowerTarget& live) {
  if (copy.parked_count() <= live.parked_count()) return {};
  if (copy.held() > live.accepted()) {
    return fail(ErrorCode::kUnavailable, "projection.busy",
                "the copy is further than the live one, which may park them too");
  }
  return conflict(kParksMore, "the copy was dropped, for " + std::to_string(copy.parked_count()) +
                                  " events are parked in it, and " + std::to_string(live.parked_count()) +
                                  " in the live one");
}

}  // namespace

Result<void> Supervisor::rebuild(std::string_view name) {
  // None comes or goes any more.
  auto found = find(name);
  if (!found) return tl::unexpected<Error>(std::move(found.error()));
  const auto there = (*found)->source->generations();
  const std::lock_guard lock(mutex_);
  return rebuild(**found, there);
}

Result<void> Supervisor::rebuild(Entry& entry, const std::vector<std::uint64_t>& there) {
  if (!entry.source->can_be_rebuilt()) {
    return conflict("projection.not_rebuildable", "what it feeds cannot be made anew from here");
  }
  if (entry.control.building) return conflict("projection.building", "another copy is being made already");
  if (auto ready = check_paused(entry.control.paused); !ready) return ready;
  auto room = check_room(entry);
  if (!room) return room;
  forget_previous(entry);
  auto changed = entry.control;
  changed.newest = newest_of(entry, there) + 1;
  changed.building = changed.newest;
  changed.rolls_back = false;
  changed.boot = boot_id();
  return begin_building(entry, std::move(changed));
}

/// All copies that are being made have to fit, and one more.
Result<void> Supervisor::check_room(const Entry& another) const {
  std::uint64_t needed = 0;
  for (const auto& entry : entries_) {
    const auto& control = entry->control;
    const bool is_built = control.building && !control.rolls_back;
    if (!is_built && entry.get() != &another) continue;
    const auto whole = entry->source->bytes_to_build(number(control.live));
    needed += whole - std::min(whole, is_built ? entry->source->bytes_of(number(*control.building)) : 0);
  }
  const auto freed = another.control.previous ? another.source->bytes_of(number(*another.control.previous)) : 0;
  return another.source->check_room(needed - std::min(needed, freed));
}

Result<void> Supervisor::roll_back(std::string_view name) {
  const std::lock_guard lock(mutex_);
  auto found = find(name);
  if (!found) return tl::unexpected<Error>(std::move(found.error()));
  Entry& entry = **found;
  if (entry.control.building) return conflict("projection.building", "another copy is being made already");
  if (auto ready = check_paused(entry.control.paused); !ready) return ready;
  if (!entry.control.previous) return conflict("projection.no_previous", "there is nothing to go back to");
  let_go(entry);
  if (!entry.leaving.empty()) return conflict("projection.building", "what was cancelled has not come to its end yet");
  auto changed = entry.control;
  changed.building = changed.previous;
  changed.rolls_back = true;
  auto begun = begin_building(entry, std::move(changed));
  if (!begun && begun.error().reason == "projection.other_schema") {
    return conflict("projection.previous_unfit",
                    "what was live before is of another program, and of no use to this one");
  }
  return begun;
}

Result<void> Supervisor::begin_building(Entry& entry, FollowerControl changed) {
  const auto before = entry.control;
  auto done = put(entry, std::move(changed));
  if (!done) return done;
  done = open_building(entry);
  if (!done) {
    if (!entry.control.rolls_back) remove(entry, number(*entry.control.building));
    (void)put(entry, before);  // a restart finds out by itself if this cannot be written either
    return done;
  }
  entry.dropped.reset();
  if (running_) entry.shadow->start();
  wake_.notify_all();
  return {};
}

Result<void> Supervisor::cancel(std::string_view name) {
  const std::lock_guard lock(mutex_);
  auto found = find(name);
  if (!found) return tl::unexpected<Error>(std::move(found.error()));
  Entry& entry = **found;
  if (!entry.control.building) return conflict("projection.not_building", "no copy is being made");
  const auto building = *entry.control.building;
  const bool rolls_back = entry.control.rolls_back;
  auto changed = entry.control;
  changed.building.reset();
  changed.rolls_back = false;
  auto done = put(entry, std::move(changed));
  if (!done) return done;
  leave(entry, building, !rolls_back);
  return {};
}

/// Ends what is built, and removes it if it is of no more use.
void Supervisor::leave(Entry& entry, std::int64_t generation, bool is_removed) {
  if (entry.shadow) {
    entry.shadow->begin_stop(Follower::AtEnd::kNothing);
    entry.leaving.push_back({std::move(entry.shadow), generation, is_removed});
    let_go(entry);
    wake_.notify_all();
  } else if (is_removed) {
    remove(entry, number(generation));
  }
}

void Supervisor::remove(Entry& entry, std::uint64_t generation) {
  if (!entry.source->is_elsewhere()) {
    entry.source->remove(generation);
    return;
  }
  removals_.push_back({entry.source.get(), generation});
  wake_.notify_all();
}

/// Never waits for a loop that hangs.
void Supervisor::let_go(Entry& entry) {
  std::erase_if(entry.leaving, [&](Entry::Leaving& one) {
    if (!one.follower->has_ended()) return false;
    one.follower.reset();
    if (one.is_removed) remove(entry, number(one.generation));
    return true;
  });
}

void Supervisor::loop() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    bool builds = false;
    std::vector<Entry*> unfit;
    for (const auto& entry : entries_) {
      if (look_after(*entry)) unfit.push_back(entry.get());
      builds = builds || entry->shadow || !entry->leaving.empty();
    }
    const auto removals = std::exchange(removals_, {});
    if (!unfit.empty() || !removals.empty()) {
      lock.unlock();
      for (const auto& removal : removals) removal.source->remove(removal.generation);
      for (auto* entry : unfit) {
        notice(*entry, "what it feeds is of no use to this program, and another one is made");
        (void)rebuild(entry->source->name());
      }
      lock.lock();
      continue;
    }
    wake_.wait_for(lock, builds ? kLookWhileBuilding : kLook);
  }
}

void Supervisor::look_for_stuck(Entry& entry) const {
  const auto report = report_of(entry);
  const bool building_is_stuck = report.building && report.building->is_stuck;
  if (std::exchange(entry.was_stuck, report.is_stuck) != report.is_stuck) {
    notice(entry, report.is_stuck ? "its loop does not go round any more" : "its loop goes round again");
  }
  if (std::exchange(entry.building_was_stuck, building_is_stuck) != building_is_stuck) {
    notice(entry, building_is_stuck ? "the loop over the copy that is built does not go round any more"
                                    : "no loop over a copy that is built hangs any more");
  }
}

/// Files are looked at when they are opened.
bool Supervisor::is_of_no_use(const Entry& entry, const Follower& follower) const {
  if (!entry.source->is_elsewhere()) return false;
  const auto status = follower.status();
  return status.failing && entry.source->is_of_no_use(status.last_error.substr(0, status.last_error.find(':')));
}

bool Supervisor::look_after(Entry& entry) {
  look_for_stuck(entry);
  let_go(entry);
  if (entry.shadow && is_of_no_use(entry, *entry.shadow)) {
    abandon(entry, Error{ErrorCode::kConflict, "projection.other_schema", entry.shadow->status().last_error});
  }
  const auto& control = entry.control;
  if (!control.building && control.previous && control.replaced_at &&
      clock_.now() >= *control.replaced_at + options_.previous_kept) {
    forget_previous(entry);
  }
  if (entry.shadow && !control.rolls_back) {
    // The log needs the rest more than a copy does.
    const auto room = entry.source->check_room(0);
    if (!room && room.error().code == ErrorCode::kConflict) abandon(entry, room.error());
  }
  // What could not be written down when it came to be.
  if (control_.find(control.name) != control) (void)put(entry, control);
  // A live one that is paused is to stay where it is, also in another copy.
  const auto now = std::chrono::steady_clock::now();
  if (control.paused || now < entry.take_over_after) return false;
  if (!control.building && is_of_no_use(entry, *entry.live)) {
    entry.take_over_after = now + kLook;
    return true;
  }
  if (!entry.shadow) return false;
  if (!entry.shadow->has_ended()) {
    const auto status = entry.shadow->status();
    const bool is_close = status.lag_events <= kTakeOverEventsMax;
    if (status.state == FollowerState::kFollowing && !status.failing && is_close) {
      entry.shadow->begin_stop(Follower::AtEnd::kSettle);
    }
  }
  // Its loop may hang all the same, and nobody else is to wait for it.
  if (entry.shadow->has_ended()) take_over(entry);
  return false;
}

void Supervisor::follow_on(Entry& entry, std::unique_ptr<FollowerTarget> target) {
  entry.shadow = std::make_unique<Follower>(log_, clock_, std::move(target), follower_options(entry));
  entry.shadow->start();
}

void Supervisor::take_over(Entry& entry) {
  auto done = entry.shadow->settled();
  auto target = entry.shadow->release();
  entry.shadow.reset();
  // Settling may have taken long, and what came meanwhile is not to hold up the live one.
  if (done && log_.head(Visibility::kDurable).value > target->held().value + kTakeOverEventsMax) {
    follow_on(entry, std::move(target));
    return;
  }
  // Who rolls back has asked for what was; and one that is stopped by an event has parked none.
  const bool is_compared = !entry.control.rolls_back && !entry.live->status().blocked;
  if (done) done = entry.live->exchange(target, is_compared ? Follower::Check(check_parked) : Follower::Check{});
  if (!done && done.error().reason == kParksMore) {
    target.reset();
    abandon(entry, done.error());
    return;
  }
  if (!done) {
    if (options_.on_failure) options_.on_failure(entry.control.name, done.error());
    follow_on(entry, std::move(target));
    entry.take_over_after = std::chrono::steady_clock::now() + kLook;
    return;
  }
  target->finish(clock_.now());
  target.reset();
  auto changed = entry.control;
  const std::int64_t dropped = changed.rolls_back ? 0 : changed.previous.value_or(0);
  changed.previous = std::exchange(changed.live, *changed.building);
  changed.building.reset();
  changed.rolls_back = false;
  changed.replaced_at = clock_.now();
  const auto generation = number(changed.live);
  // What cannot be written now is found again at the next start: the same copy catches up and takes over once more.
  done = put(entry, changed);
  if (!done) entry.control = std::move(changed);
  if (done) done = entry.source->publish(generation);
  if (!done && options_.on_failure) options_.on_failure(entry.control.name, done.error());
  if (dropped > 0) remove(entry, number(dropped));
  const auto parked = entry.live->status().parked;
  notice(entry, "generation " + std::to_string(generation) + " serves from now on" +
                    (parked > 0 ? ", with " + std::to_string(parked) + " events parked" : std::string()));
}

void Supervisor::abandon(Entry& entry, const Error& error) {
  if (options_.on_failure) options_.on_failure(entry.control.name, error);
  notice(entry, "generation " + std::to_string(*entry.control.building) + ", which was being made, is dropped");
  auto changed = entry.control;
  entry.dropped = {number(*changed.building), changed.rolls_back, error.reason + ": " + error.detail, clock_.now()};
  leave(entry, *changed.building, !changed.rolls_back);
  changed.building.reset();
  changed.rolls_back = false;
  // So it is also if it cannot be written down now.
  entry.control = changed;
  (void)put(entry, std::move(changed));
}

void Supervisor::forget_previous(Entry& entry) {
  if (!entry.control.previous) return;
  auto changed = entry.control;
  const auto previous = *changed.previous;
  changed.previous.reset();
  changed.replaced_at.reset();
  if (put(entry, std::move(changed))) remove(entry, number(previous));
}

void Supervisor::notice(const Entry& entry, const std::string& what) const {
  if (options_.on_notice) options_.on_notice(entry.control.name, what);
}

}  // namespace souk
