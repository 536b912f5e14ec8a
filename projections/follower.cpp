#include "projections/follower.hpp"

#include <algorithm>
#include <utility>

#include "eventstore/thread_name.hpp"
#include "projections/projection_target.hpp"

namespace souk {

namespace {

using SteadyClock = std::chrono::steady_clock;

/// Up to where events are no news. What a target missed while the process was away nobody has heard of yet; one that is
/// made anew sees everything again.
Position told_before(const FollowerTarget& target) {
  return std::max(target.checkpoint(), target.complete_at());
}

FollowerOptions with_reader(EventLog& log, FollowerOptions options) {
  if (!options.reader) options.reader = std::make_shared<LogReader>(log);
  return options;
}

}  // namespace

Result<std::unique_ptr<Follower>> Follower::open(EventLog& log, Clock& clock, std::unique_ptr<Projection> projection,
                                                 FollowerOptions options) {
  ProjectionStore::OpenOptions store;
  store.path = options.path;
  store.rebuild = options.rebuild;
  store.checkpoint_write = options.checkpoint_write;
  auto target = ProjectionTarget::open(log, std::move(projection), store);
  if (!target) return tl::unexpected<Error>(std::move(target.error()));
  return std::make_unique<Follower>(log, clock, std::move(*target), std::move(options));
}

Follower::Follower(EventLog& log, Clock& clock, std::unique_ptr<FollowerTarget> target, FollowerOptions options)
    : log_(log),
      clock_(clock),
      options_(with_reader(log, std::move(options))),
      seat_(options_.reader->take_seat()),
      name_(target->name()),
      told_up_to_(told_before(*target)),
      target_(std::move(target)),
      position_(target_->held().value),
      on_poison_(options_.on_poison),
      beat_(SteadyClock::now()) {
  for (const auto kind : target_->kinds()) kinds_.emplace_back(kind);
  status_.name = name_;
  status_.state = options_.paused ? FollowerState::kPaused : FollowerState::kFollowing;
  status_.accepted = target_->accepted();
  status_.parked = target_->parked_count();
  target_->on_change([this] { changed(); });
}

Follower::~Follower() {
  stop();
  if (target_) target_->on_change(nullptr);
}

void Follower::start() {
  const std::lock_guard lifecycle(lifecycle_);
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || thread_.joinable()) return;
    beat_ = SteadyClock::now();
  }
  log_.add_listener(this);
  ended_ = false;
  thread_ = std::thread([this] {
    name_this_thread("souk:follower");
    loop();
    settle_at_end();
    ended_.store(true, std::memory_order_release);
  });
}

void Follower::begin_stop(AtEnd at_end) {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    at_end_ = at_end;
  }
  wake_.notify_all();
}

void Follower::settle_at_end() {
  {
    const std::lock_guard lock(mutex_);
    if (at_end_ != AtEnd::kSettle) return;
    is_settling_ = true;
  }
  const std::lock_guard work(work_);
  settled_ = reload_if_failed();
  if (settled_) settled_ = target_->settle();
}

void Follower::stop() {
  const std::lock_guard lifecycle(lifecycle_);
  begin_stop(AtEnd::kNothing);
  if (thread_.joinable()) {
    log_.remove_listener(this);
    thread_.join();
    const std::lock_guard work(work_);
    if (!reload_) target_->finish(clock_.now());
  }
  std::multimap<Position, Wait> waits;
  {
    const std::lock_guard lock(mutex_);
    waits.swap(waits_);
  }
  for (auto& [position, wait] : waits) wait.callback(false);
}

void Follower::durable(Position /*position*/) {
  {
    const std::lock_guard lock(mutex_);
    if (news_) return;
    news_ = true;
  }
  wake_.notify_one();
}

/// The target says so, on a thread of its own.
void Follower::changed() {
  {
    const std::lock_guard lock(mutex_);
    news_ = true;
  }
  wake_.notify_one();
  for (auto& callback : reached()) callback(true);
}

/// In slices, for the loop shall be seen to be alive.
template <class Condition>
void Follower::wait(std::unique_lock<std::mutex>& lock, std::chrono::milliseconds longest, Condition is_over) {
  const auto end = SteadyClock::now() + longest;
  for (auto now = SteadyClock::now(); now < end && !is_over(); now = SteadyClock::now()) {
    beat_ = now;
    wake_.wait_until(lock, std::min(end, now + options_.heartbeat), is_over);
  }
  beat_ = SteadyClock::now();
}

void Follower::loop() {
  auto backoff = options_.backoff_min;
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      beat_ = SteadyClock::now();
      while (!stopping_ && status_.state != FollowerState::kFollowing) {
        wait(lock, options_.heartbeat, [this] { return stopping_ || status_.state == FollowerState::kFollowing; });
      }
      if (stopping_) return;
      news_ = false;
      nudge_ = false;
    }
    const auto covered = run_once();
    std::unique_lock lock(mutex_);
    beat_ = SteadyClock::now();
    wake_.notify_all();  // a retry that has let it go round
    if (!covered) {
      wait(lock, backoff, [this] { return stopping_ || nudge_; });
      backoff = std::min(backoff * 2, options_.backoff_max);
      continue;
    }
    backoff = options_.backoff_min;
    if (*covered == 0) {
      wait(lock, options_.heartbeat, [this] { return stopping_ || news_ || nudge_; });
    } else if (*covered < options_.batch_events_max) {
      wait(lock, options_.rest, [this] { return stopping_ || !waits_.empty(); });
    }
  }
}

Result<std::size_t> Follower::run_once() {
  Result<Batch> batch{Batch{}};
  {
    const std::lock_guard work(work_);
    batch = run_batch();
    if (!batch) reload_ = true;
  }
  if (!batch) {
    note_failure(batch.error());
    return tl::unexpected<Error>(std::move(batch.error()));
  }
  advance(*batch);
  if (options_.on_parked) {
    for (const auto& event : batch->taken.parked) options_.on_parked(event);
  }
  for (const auto& record : batch->news) options_.on_news(*record);
  if (batch->taken.poison) return block(*batch->taken.poison);
  return batch->covered;
}

Result<void> Follower::reload_if_failed() {
  if (!reload_) return {};
  auto reloaded = target_->reload();
  if (reloaded) reload_ = false;
  return reloaded;
}

Result<Follower::Batch> Follower::run_batch() {
  auto ready = reload_if_failed();
  if (!ready) return tl::unexpected<Error>(std::move(ready.error()));
  auto batch = feed(*target_);
  if (!batch) return batch;
  batch->parked_total = target_->parked_count();
  std::erase_if(batch->news, [this](const RecordPtr& record) { return record->position <= told_up_to_; });
  return batch;
}

Result<Follower::Batch> Follower::feed(FollowerTarget& target) {
  Batch batch;
  batch.taken.upto = target.accepted();
  const auto room = target.room();
  if (!room) return tl::unexpected<Error>(room.error());
  const bool is_far_behind =
      log_.head(Visibility::kDurable).value > batch.taken.upto.value + options_.catch_up_events_max;
  const auto limit = is_far_behind ? options_.catch_up_events_max : options_.batch_events_max;
  if (*room == 0) return batch;
  auto read = options_.reader->read(*seat_, batch.taken.upto, std::min(limit, *room));
  if (!read) return tl::unexpected<Error>(std::move(read.error()));
  batch.covered = read->end - read->begin;
  if (batch.covered == 0 && !target.has_work()) return batch;

  const auto upto = batch.covered == 0 ? batch.taken.upto : (*read->chunk)[read->end - 1]->position;
  std::vector<RecordPtr> records;
  for (std::size_t i = read->begin; i < read->end; ++i) {
    if (wanted(*(*read->chunk)[i])) records.push_back((*read->chunk)[i]);
  }
  auto taken = target.take(records, upto, on_poison_, clock_.now());
  if (!taken) return tl::unexpected<Error>(std::move(taken.error()));
  batch.taken = std::move(*taken);
  if (options_.on_news) {
    std::erase_if(records, [&](const RecordPtr& record) { return record->position > batch.taken.upto; });
    batch.news = std::move(records);
  }
  return batch;
}

bool Follower::wanted(const EventRecord& record) const {
  return kinds_.empty() || std::find(kinds_.begin(), kinds_.end(), record.stream.kind()) != kinds_.end();
}

void Follower::advance(const Batch& batch) {
  {
    const std::lock_guard lock(mutex_);
    status_.failing = false;
    status_.accepted = batch.taken.upto;
    status_.parked = batch.parked_total;
    status_.events_total += batch.taken.applied;
    status_.batches_total += batch.taken.wrote ? 1 : 0;
    if (batch.covered > 0) status_.last_progress = clock_.now();
    if (!batch.taken.poison) status_.blocked.reset();
  }
  for (auto& callback : reached()) callback(true);
}

std::vector<Follower::WaitCallback> Follower::reached() {
  std::vector<WaitCallback> callbacks;
  const std::lock_guard lock(mutex_);
  if (target_) position_.store(std::max(position_.load(), target_->held().value), std::memory_order_release);
  const auto end = waits_.upper_bound(position());
  for (auto wait = waits_.begin(); wait != end; ++wait) callbacks.push_back(std::move(wait->second.callback));
  waits_.erase(waits_.begin(), end);
  return callbacks;
}

Result<std::size_t> Follower::block(const ParkedEvent& event) {
  const Error error{ErrorCode::kInternal, event.reason,
                    "the event at position " + std::to_string(event.position.value) + ": " + event.detail};
  {
    const std::lock_guard lock(mutex_);
    status_.blocked = event;
    // Not over a pause that was asked for meanwhile.
    const bool is_following = status_.state == FollowerState::kFollowing;
    if (on_poison_ == OnPoison::kStop && is_following) status_.state = FollowerState::kStopped;
  }
  note_failure(error);
  return tl::unexpected<Error>(error);
}

void Follower::note_failure(const Error& error) {
  {
    const std::lock_guard lock(mutex_);
    status_.failing = true;
    status_.last_error = error.reason + ": " + error.detail;
    status_.last_error_at = clock_.now();
  }
  if (options_.on_failure) options_.on_failure(error);
}

void Follower::pause() {
  const std::lock_guard lock(mutex_);
  status_.state = FollowerState::kPaused;
}

void Follower::resume() {
  {
    const std::lock_guard lock(mutex_);
    status_.state = FollowerState::kFollowing;
    nudge_ = true;
  }
  wake_.notify_all();
}

void Follower::set_on_poison(OnPoison policy) {
  {
    const std::lock_guard lock(mutex_);
    on_poison_ = policy;
    if (status_.state == FollowerState::kStopped) status_.state = FollowerState::kFollowing;
    nudge_ = true;
  }
  wake_.notify_all();
}

Follower::WaitTicket Follower::when_caught_up(Position position, WaitCallback callback) {
  bool caught_up = false;
  WaitTicket ticket = 0;
  {
    const std::lock_guard lock(mutex_);
    caught_up = this->position() >= position;
    if (!caught_up && !stopping_) {
      ticket = ++last_ticket_;
      waits_.emplace(position, Wait{ticket, std::move(callback)});
    }
  }
  if (ticket == 0) {
    callback(caught_up);
  } else {
    wake_.notify_one();
  }
  return ticket;
}

bool Follower::cancel(WaitTicket ticket) {
  const std::lock_guard lock(mutex_);
  const auto found =
      std::find_if(waits_.begin(), waits_.end(), [&](const auto& entry) { return entry.second.ticket == ticket; });
  if (found == waits_.end()) return false;
  waits_.erase(found);
  return true;
}

Follower::Place Follower::place() const {
  const std::lock_guard lock(mutex_);
  return {generation_, target_->path(), position()};
}

Position Follower::complete_at() const {
  const std::lock_guard lock(mutex_);
  return target_->complete_at();
}

FollowerStatus Follower::status() const {
  FollowerStatus status;
  {
    const std::lock_guard lock(mutex_);
    status = status_;
    status.position = position();
    status.on_poison = on_poison_;
    status.quiet = quiet_by(SteadyClock::now());
  }
  status.head = std::max(log_.head(Visibility::kDurable), status.position);
  status.lag_events = status.head.value - status.position.value;
  if (status.lag_events == 0) return status;
  const auto missing = log_.read(status.position, 1, Visibility::kDurable);
  if (missing && !missing->empty()) {
    status.lag = std::max(Duration{}, clock_.now() - missing->front()->recorded_at);
  }
  return status;
}

bool Follower::is_stopping() const {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

std::chrono::milliseconds Follower::quiet() const {
  const std::lock_guard lock(mutex_);
  return quiet_by(SteadyClock::now());
}

}  // namespace souk
