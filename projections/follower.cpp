#include "projections/follower.hpp"

#include <algorithm>
#include <utility>

#include "eventstore/thread_name.hpp"

namespace souk {

namespace {

/// Events of no interest move the checkpoint in memory only, until they are so many that reading them again after a
/// crash would be felt.
constexpr std::uint64_t kUnwrittenEventsMax = 50'000;
constexpr std::size_t kRetryEventsMax = 1'000;

/// Up to where events are no news. What a file missed while the process was away nobody has heard of yet; a file that
/// is made anew holds nothing, and sees everything again.
Position told_before(const ProjectionStore& store, const EventLog& log) {
  return store.checkpoint() == Position{} ? log.head(Visibility::kDurable) : store.checkpoint();
}

}  // namespace

Result<std::unique_ptr<Follower>> Follower::open(EventLog& log, Clock& clock, std::unique_ptr<Projection> projection,
                                                 FollowerOptions options) {
  auto store = ProjectionStore::open(options.path, *projection, LogIdentity{log.log_id(), log.epoch()},
                                     log.head(Visibility::kDurable), options.rebuild);
  if (!store) return tl::unexpected<Error>(std::move(store.error()));
  store->set_checkpoint_write(options.checkpoint_write);
  return std::unique_ptr<Follower>(
      new Follower(log, clock, std::move(projection), std::move(options), std::move(*store)));
}

Follower::Follower(EventLog& log, Clock& clock, std::unique_ptr<Projection> projection, FollowerOptions options,
                   ProjectionStore store)
    : log_(log),
      clock_(clock),
      projection_(std::move(projection)),
      options_(std::move(options)),
      was_rebuilt_(store.was_rebuilt()),
      told_up_to_(told_before(store, log)),
      store_(std::move(store)),
      position_(store_.checkpoint().value) {
  for (const auto kind : projection_->kinds()) kinds_.emplace_back(kind);
  status_.name = projection_->name();
  status_.parked = store_.parked_count();
}

Follower::~Follower() {
  stop();
}

void Follower::start() {
  const std::lock_guard lifecycle(lifecycle_);
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || thread_.joinable()) return;
  }
  log_.add_listener(this);
  thread_ = std::thread([this] {
    name_this_thread("souk:follower");
    loop();
  });
}

void Follower::stop() {
  const std::lock_guard lifecycle(lifecycle_);
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) {
    log_.remove_listener(this);
    thread_.join();
    const std::lock_guard work(work_);
    // Only saves reading events of no interest again at the next start, so a failure means nothing.
    if (position() > store_.checkpoint() && !reload_) {
      (void)store_.apply_batch(*projection_, {}, position(), clock_.now());
    }
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

void Follower::loop() {
  auto backoff = options_.backoff_min;
  for (;;) {
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) return;
      news_ = false;
    }
    const auto covered = run_once();
    std::unique_lock lock(mutex_);
    if (!covered) {
      wake_.wait_for(lock, backoff, [this] { return stopping_; });
      backoff = std::min(backoff * 2, options_.backoff_max);
      continue;
    }
    backoff = options_.backoff_min;
    if (*covered == 0) {
      wake_.wait(lock, [this] { return stopping_ || news_; });
    } else if (*covered < options_.batch_events_max) {
      wake_.wait_for(lock, options_.rest, [this] { return stopping_ || !waits_.empty(); });
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
    for (const auto& event : batch->newly_parked) options_.on_parked(event);
  }
  for (const auto& record : batch->news) options_.on_news(*record);
  return batch->covered;
}

Result<Follower::Batch> Follower::run_batch() {
  Batch batch;
  batch.upto = position();
  if (reload_) {
    auto reloaded = store_.reload();
    if (!reloaded) return tl::unexpected<Error>(std::move(reloaded.error()));
    reload_ = false;
    batch.upto = std::max(batch.upto, store_.checkpoint());
  }
  auto records = log_.read(batch.upto, options_.batch_events_max, Visibility::kDurable);
  if (!records) return tl::unexpected<Error>(std::move(records.error()));
  batch.parked_total = store_.parked_count();
  if (records->empty()) return batch;

  batch.covered = records->size();
  batch.upto = records->back()->position;
  std::erase_if(*records, [this](const RecordPtr& record) { return !wanted(*record); });
  batch.applied = records->size();
  if (records->empty() && batch.upto.value - store_.checkpoint().value < kUnwrittenEventsMax) return batch;

  auto parked = store_.apply_batch(*projection_, *records, batch.upto, clock_.now());
  if (!parked) return tl::unexpected<Error>(std::move(parked.error()));
  batch.wrote = true;
  batch.applied -= parked->size();
  batch.newly_parked = std::move(*parked);
  if (options_.on_news) {
    std::erase_if(*records, [this](const RecordPtr& record) { return record->position <= told_up_to_; });
    batch.news = std::move(*records);
  }
  batch.parked_total = store_.parked_count();
  return batch;
}

bool Follower::wanted(const EventRecord& record) const {
  return kinds_.empty() || std::find(kinds_.begin(), kinds_.end(), record.stream.kind()) != kinds_.end();
}

void Follower::advance(const Batch& batch) {
  std::vector<WaitCallback> reached;
  {
    const std::lock_guard lock(mutex_);
    status_.failing = false;
    status_.parked = batch.parked_total;
    status_.events_total += batch.applied;
    status_.batches_total += batch.wrote ? 1 : 0;
    if (batch.covered > 0) status_.last_progress = clock_.now();
    position_.store(std::max(position_.load(), batch.upto.value), std::memory_order_release);
    const auto end = waits_.upper_bound(batch.upto);
    for (auto wait = waits_.begin(); wait != end; ++wait) reached.push_back(std::move(wait->second.callback));
    waits_.erase(waits_.begin(), end);
  }
  for (auto& callback : reached) callback(true);
}

void Follower::note_failure(const Error& error) {
  {
    const std::lock_guard lock(mutex_);
    status_.failing = true;
    status_.last_error = error.reason + ": " + error.detail;
  }
  if (options_.on_failure) options_.on_failure(error);
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

Result<Follower::Retried> Follower::retry_parked() {
  const std::lock_guard work(work_);
  auto streams = store_.parked_streams();
  if (!streams) return tl::unexpected<Error>(std::move(streams.error()));
  Retried retried;
  for (const auto& stream : *streams) {
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) break;
    }
    auto applied = retry_stream(stream);
    if (!applied) {
      reload_ = true;
      return tl::unexpected<Error>(std::move(applied.error()));
    }
    retried.applied += *applied;
  }
  retried.still_parked = store_.parked_count();
  const std::lock_guard lock(mutex_);
  status_.parked = retried.still_parked;
  status_.events_total += retried.applied;
  return retried;
}

Result<std::size_t> Follower::retry_stream(const StreamId& stream) {
  std::size_t applied_total = 0;
  for (;;) {
    auto positions = store_.parked_positions(stream, kRetryEventsMax);
    if (!positions) return tl::unexpected<Error>(std::move(positions.error()));
    if (positions->empty()) return applied_total;
    std::vector<RecordPtr> records;
    for (const auto position : *positions) {
      auto found = log_.read(Position{position.value - 1}, 1, Visibility::kDurable);
      if (!found) return tl::unexpected<Error>(std::move(found.error()));
      if (found->empty() || found->front()->position != position) {
        return fail(ErrorCode::kInternal, "projection.parked_event_lost",
                    "the log has no event at " + std::to_string(position.value));
      }
      records.push_back(std::move(found->front()));
    }
    auto applied = store_.retry(*projection_, stream, records);
    if (!applied) return applied;
    applied_total += *applied;
    if (*applied < records.size()) return applied_total;
  }
}

Result<std::vector<ParkedEvent>> Follower::parked(std::size_t limit) {
  const std::lock_guard work(work_);
  return store_.parked(limit);
}

FollowerStatus Follower::status() const {
  FollowerStatus status;
  {
    const std::lock_guard lock(mutex_);
    status = status_;
    status.position = position();
  }
  status.head = std::max(log_.head(Visibility::kDurable), status.position);
  status.lag_events = status.head.value - status.position.value;
  return status;
}

}  // namespace souk
