#include "projections/supervisor.hpp"

#include <algorithm>
#include <utility>

#include "eventstore/thread_name.hpp"

namespace souk {

namespace {

constexpr std::size_t kBuildEventsMax = 5'000;

std::uint64_t number(std::int64_t generation) {
  return static_cast<std::uint64_t>(generation);
}

}  // namespace

Result<std::unique_ptr<Supervisor>> Supervisor::open(EventLog& log, Clock& clock, SupervisorOptions options) {
  auto control = ControlFile::open(options.control_path, options.rebuild);
  if (!control) return tl::unexpected<Error>(std::move(control.error()));
  return std::unique_ptr<Supervisor>(new Supervisor(log, clock, std::move(options), std::move(*control)));
}

Supervisor::Supervisor(EventLog& log, Clock& clock, SupervisorOptions options, ControlFile control)
    : log_(log),
      clock_(clock),
      options_(std::move(options)),
      reader_(std::make_shared<LogReader>(log)),
      control_(std::move(control)) {}

Supervisor::~Supervisor() {
  stop();
}

OnPoison Supervisor::policy_of(const Entry& entry) const {
  return entry.control.on_poison.value_or(entry.source->on_poison().value_or(options_.on_poison));
}

FollowerOptions Supervisor::follower_options(const Entry& entry) const {
  FollowerOptions options;
  options.on_poison = policy_of(entry);
  options.catch_up_events_max = kBuildEventsMax;
  options.reader = reader_;
  const std::string name(entry.source->name());
  if (options_.on_failure) {
    options.on_failure = [name, tell = options_.on_failure](const Error& error) { tell(name, error); };
  }
  return options;
}

Result<Follower*> Supervisor::add(std::unique_ptr<FollowerSource> source,
                                  std::function<void(const EventRecord&)> on_news) {
  auto entry = std::make_unique<Entry>();
  entry->source = std::move(source);
  const std::string name(entry->source->name());
  if (auto known = control_.find(name)) {
    entry->control = std::move(*known);
  } else {
    entry->control.name = name;
    entry->control.live = newest_settled(*entry);
  }
  auto target = open_live(*entry);
  if (!target) return tl::unexpected<Error>(std::move(target.error()));
  auto published = entry->source->publish(number(entry->control.live));
  if (!published) return tl::unexpected<Error>(std::move(published.error()));

  auto options = follower_options(*entry);
  options.paused = entry->control.paused;
  options.on_news = std::move(on_news);
  if (options_.on_parked) {
    options.on_parked = [name, tell = options_.on_parked](const ParkedEvent& event) { tell(name, event); };
  }
  entry->live = std::make_unique<Follower>(log_, clock_, std::move(*target), std::move(options));
  if (auto building = open_building(*entry); !building) abandon(*entry, building.error());
  for (const auto generation : entry->source->generations()) {
    const auto found = static_cast<std::int64_t>(generation);
    const auto& control = entry->control;
    if (found != control.live && found != control.building && found != control.previous) {
      remove(*entry, generation);
    }
  }
  entries_.push_back(std::move(entry));
  return entries_.back()->live.get();
}

std::int64_t Supervisor::newest_of(const Entry& entry, const std::vector<std::uint64_t>& there) {
  std::int64_t newest = std::max(entry.control.newest, entry.control.live);
  for (const auto generation : there) {
    newest = std::max(newest, static_cast<std::int64_t>(generation));
  }
  return newest;
}

/// Where nothing is written down about it.
std::int64_t Supervisor::newest_settled(Entry& entry) {
  std::int64_t newest = 0;
  const auto generations = entry.source->generations();
  for (const auto generation : generations) {
    if (entry.source->is_settled(generation)) newest = std::max(newest, static_cast<std::int64_t>(generation));
  }
  if (newest > 0 || generations.empty()) return std::max(newest, entry.control.live);
  return newest_of(entry, generations) + 1;
}

Result<std::unique_ptr<FollowerTarget>> Supervisor::open_live(Entry& entry) {
  auto control = entry.control;
  auto target = entry.source->open(number(control.live), FollowerSource::Use::kLive);
  // One that cannot be made anew beside itself is not replaced by one that is empty: somebody has to decide that.
  if (!target && !entry.source->can_be_rebuilt()) return target;
  if (!target && entry.source->is_of_no_use(target.error().reason)) {
    const auto other = std::exchange(control.live, control.previous.value_or(control.live));
    if (control.previous) target = entry.source->open(number(control.live), FollowerSource::Use::kReturning);
    if (!target) {
      control.newest = newest_of(entry, entry.source->generations()) + 1;
      control.live = control.newest;
      target = entry.source->open(number(control.live), FollowerSource::Use::kLive);
    }
    control.previous = other;
    control.replaced_at = clock_.now();
    control.building.reset();
  } else if (!target && options_.rebuild && target.error().reason.starts_with("projection.")) {
    entry.source->remove(number(control.live));
    target = entry.source->open(number(control.live), FollowerSource::Use::kLive);
  }
  if (!target || control_.find(control.name) == control) return target;
  auto put_down = put(entry, std::move(control));
  if (!put_down) return tl::unexpected<Error>(std::move(put_down.error()));
  return target;
}

/// What was begun before goes on, unless the machine was started anew meanwhile.
Result<void> Supervisor::open_building(Entry& entry) {
  if (!entry.control.building) return {};
  if (!entry.control.rolls_back && entry.control.boot != boot_id()) {
    entry.source->remove(number(*entry.control.building));
    auto changed = entry.control;
    changed.boot = boot_id();
    auto put_down = put(entry, std::move(changed));
    if (!put_down) return put_down;
  }
  using Use = FollowerSource::Use;
  auto target =
      entry.source->open(number(*entry.control.building), entry.control.rolls_back ? Use::kLive : Use::kBuilding);
  if (!target) return tl::unexpected<Error>(std::move(target.error()));
  entry.shadow = std::make_unique<Follower>(log_, clock_, std::move(*target), follower_options(entry));
  return {};
}

void Supervisor::start() {
  const std::lock_guard lock(mutex_);
  if (running_ || stopping_) return;
  running_ = true;
  for (const auto& entry : entries_) {
    entry->live->start();
    if (entry->shadow) entry->shadow->start();
  }
  thread_ = std::thread([this] {
    name_this_thread("souk:copies");
    loop();
  });
}

void Supervisor::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
  for (const auto& entry : entries_) {
    entry->live->stop();
    if (entry->shadow) entry->shadow->stop();
    for (const auto& one : entry->leaving) one.follower->stop();
    let_go(*entry);
  }
}

std::vector<Follower*> Supervisor::followers() const {
  std::vector<Follower*> all;
  for (const auto& entry : entries_) all.push_back(entry->live.get());
  return all;
}

Result<Supervisor::Entry*> Supervisor::find(std::string_view name) const {
  const auto found = std::ranges::find_if(entries_, [&](const auto& entry) { return entry->source->name() == name; });
  if (found != entries_.end()) return found->get();
  return fail(ErrorCode::kNotFound, "projection.not_found", "there is no follower of this name");
}

bool Supervisor::is_stuck(std::chrono::milliseconds quiet) const {
  return running_ && quiet > options_.quiet_max;
}

Result<Follower*> Supervisor::live_of(std::string_view name) const {
  const std::lock_guard lock(mutex_);
  return find(name).map([](Entry* entry) { return entry->live.get(); });
}

FollowerReport Supervisor::report_of(const Entry& entry) const {
  FollowerReport report;
  report.status = entry.live->status();
  report.can_be_rebuilt = entry.source->can_be_rebuilt();
  report.is_complete = !entry.live->is_incomplete();
  report.is_stuck = is_stuck(report.status.quiet);
  report.generation = number(entry.control.live);
  if (entry.shadow) {
    auto status = entry.shadow->status();
    const bool stuck = is_stuck(status.quiet) && !entry.shadow->has_ended();
    report.building = {number(*entry.control.building), entry.control.rolls_back, stuck, std::move(status)};
  }
  if (entry.control.previous && entry.control.replaced_at) {
    report.previous = {number(*entry.control.previous), *entry.control.replaced_at + options_.previous_kept};
  }
  report.dropped = entry.dropped;
  return report;
}

std::vector<FollowerReport> Supervisor::reports() const {
  const std::lock_guard lock(mutex_);
  std::vector<FollowerReport> all;
  for (const auto& entry : entries_) all.push_back(report_of(*entry));
  return all;
}

std::vector<std::string> Supervisor::stuck() const {
  std::vector<std::string> names;
  for (const auto& entry : entries_) {
    if (!entry->source->is_elsewhere() && is_stuck(entry->live->quiet())) names.emplace_back(entry->source->name());
  }
  return names;
}

Result<FollowerReport> Supervisor::report(std::string_view name) const {
  const std::lock_guard lock(mutex_);
  return find(name).map([this](Entry* entry) { return report_of(*entry); });
}

Result<std::vector<ParkedEvent>> Supervisor::parked(std::string_view name, std::size_t limit) {
  const auto live = live_of(name);
  if (!live) return tl::unexpected<Error>(live.error());
  return (*live)->parked(limit);
}

/// Written down before it is so: what is told to somebody is still so after a restart.
Result<void> Supervisor::put(Entry& entry, FollowerControl changed) {
  auto done = control_.put(changed);
  if (done) entry.control = std::move(changed);
  return done;
}

Result<void> Supervisor::pause(std::string_view name) {
  const std::lock_guard lock(mutex_);
  return find(name).and_then([this](Entry* entry) {
    auto changed = entry->control;
    changed.paused = true;
    auto done = put(*entry, std::move(changed));
    if (done) entry->live->pause();
    return done;
  });
}

Result<void> Supervisor::resume(std::string_view name) {
  const std::lock_guard lock(mutex_);
  return find(name).and_then([this](Entry* entry) {
    auto changed = entry->control;
    changed.paused = false;
    auto done = put(*entry, std::move(changed));
    if (!done) return done;
    entry->live->resume();
    if (entry->shadow) entry->shadow->resume();
    return done;
  });
}

Result<void> Supervisor::set_on_poison(std::string_view name, std::optional<OnPoison> policy) {
  const std::lock_guard lock(mutex_);
  return find(name).and_then([&](Entry* entry) {
    auto changed = entry->control;
    changed.on_poison = policy;
    auto done = put(*entry, std::move(changed));
    if (!done) return done;
    entry->live->set_on_poison(policy_of(*entry));
    if (entry->shadow) entry->shadow->set_on_poison(policy_of(*entry));
    return done;
  });
}

Result<Follower::Retried> Supervisor::retry_parked(std::string_view name) {
  const auto live = live_of(name);
  if (!live) return tl::unexpected<Error>(live.error());
  return (*live)->retry_parked();
}

void Supervisor::end_retries() {
  for (const auto& entry : entries_) entry->live->end_retries();
}

}  // namespace souk
