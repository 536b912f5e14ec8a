#include "eventstore/sequencer.hpp"

#include <algorithm>

#include "eventstore/assemble.hpp"
#include "eventstore/record_codec.hpp"

namespace souk {
namespace {

/// Encodes with holes where the order is not known yet, so that the lock is held for patching only.
std::string encode_unordered(const std::vector<std::shared_ptr<EventRecord>>& records) {
  std::size_t size = 0;
  for (const auto& record : records) size += encoded_size(*record) + sizeof(Hash256);
  std::string stored;
  stored.reserve(size);
  for (const auto& record : records) {
    encode_record(*record, stored);
    stored.resize(stored.size() + sizeof(Hash256));
  }
  return stored;
}

}  // namespace

Sequencer::Sequencer(SequencerOptions options, Start start, Clock& clock, DurableVersions& versions)
    : options_(options),
      epoch_(start.epoch),
      clock_(clock),
      versions_(versions),
      ordered_(start.head.value),
      durable_(start.head.value),
      last_time_(start.last_time),
      heads_(options.stream_heads_max),
      recent_(start.head, options.recent_records_max, options.recent_bytes_max),
      checkpoints_(std::move(start.checkpoints)) {}

tl::expected<Appended, Conflict> Sequencer::append(AppendRequest request) {
  const StreamId stream = request.stream;
  const Version expected = request.expected;
  PendingAppend pending;
  pending.records = assemble_records(std::move(request), epoch_);
  pending.stored = encode_unordered(pending.records);

  std::unique_lock lock(mutex_);
  Version& version = head_of(lock, stream, expected);
  if (version != expected) return tl::unexpected<Conflict>(Conflict{version});
  const Position before = ordered();
  last_time_ = std::max(last_time_, clock_.now());
  place_records(pending.records, before, version, last_time_);
  char* at = pending.stored.data();
  for (const auto& record : pending.records) {
    const std::size_t bytes = encoded_size(*record) + sizeof(Hash256);
    patch_order(at, record->position, record->version, record->recorded_at);
    at += bytes;
    recent_.push(record, bytes + sizeof(EventRecord));
  }
  const EventRecord& last = *pending.records.back();
  version = last.version;
  const Appended appended{{before.value + 1}, last.position, last.version, last_time_};
  if (last.meta.has_key) {
    in_flight_.insert_or_assign(last.meta.command_id,
                                KnownCommand{stream, last.position, last.meta.fingerprint, last.recorded_at});
  }
  queue_.push_back(std::move(pending));
  queued_.fetch_add(1, std::memory_order_relaxed);
  ordered_.store(appended.last.value, std::memory_order_release);
  const bool wake = std::exchange(committer_waits_, false);
  lock.unlock();
  if (wake) wake_.notify_one();
  return appended;
}

Version& Sequencer::head_of(std::unique_lock<std::mutex>& lock, const StreamId& stream, Version expected) {
  for (;;) {
    if (Version* known = heads_.find(stream)) return *known;
    // What is on its way is never dropped from heads_, so all of this stream is on disk, and stays so unless somebody
    // else appends meanwhile: then it is in heads_, at least until the next rotation.
    const auto rotations = heads_.rotations();
    lock.unlock();
    const Version version = versions_.durable_version(stream, expected);
    lock.lock();
    if (heads_.rotations() != rotations) continue;
    if (Version* known = heads_.find(stream)) return *known;
    return heads_.insert(stream, version);
  }
}

void Sequencer::note_side_write() {
  if (new_checkpoints_.empty() && forgotten_.empty()) {
    side_writes_due_ = std::chrono::steady_clock::now() + options_.checkpoint_delay;
    if (std::exchange(committer_waits_, false)) wake_.notify_one();
  }
}

void Sequencer::forget_timer(const PendingTimer& timer) {
  const std::lock_guard lock(mutex_);
  note_side_write();
  forgotten_.push_back(timer);
}

void Sequencer::set_checkpoint(std::string_view consumer, Position position) {
  const std::lock_guard lock(mutex_);
  note_side_write();
  checkpoints_.insert_or_assign(std::string(consumer), position);
  const Position behind = ordered();
  if (!new_checkpoints_.empty()) {
    auto& last = new_checkpoints_.back();
    if (last.consumer == consumer && last.behind == behind) {
      last.position = position;
      return;
    }
  }
  new_checkpoints_.push_back({std::string(consumer), position, behind});
}

Position Sequencer::checkpoint(std::string_view consumer) const {
  const std::lock_guard lock(mutex_);
  const auto found = checkpoints_.find(consumer);
  return found == checkpoints_.end() ? Position{} : found->second;
}

std::optional<KnownCommand> Sequencer::find_in_flight(const CommandId& id) const {
  const std::lock_guard lock(mutex_);
  const auto found = in_flight_.find(id);
  if (found == in_flight_.end()) return std::nullopt;
  return found->second;
}

std::vector<RecordPtr> Sequencer::read_recent(Position after, Position until, std::size_t limit,
                                              Position& recent_from) const {
  // Short turns, so that a reader of much does not stall the appenders.
  constexpr std::size_t kTurn = 256;
  std::vector<RecordPtr> out;
  while (out.size() < limit && after < until) {
    const std::lock_guard lock(mutex_);
    recent_from = recent_.first();
    if (recent_from.value > after.value + 1) break;
    const std::size_t before = out.size();
    recent_.read(after, until, std::min(kTurn, limit - before), out);
    after.value += out.size() - before;
  }
  return out;
}

RecordPtr Sequencer::find_recent(Position position) const {
  const std::lock_guard lock(mutex_);
  return recent_.find(position);
}

bool Sequencer::has_work() const {
  if (!queue_.empty() || closing_) return true;
  return (!new_checkpoints_.empty() || !forgotten_.empty()) && std::chrono::steady_clock::now() >= side_writes_due_;
}

CommitWork Sequencer::take() {
  CommitWork work;
  std::unique_lock lock(mutex_);
  while (!has_work()) {
    committer_waits_ = true;
    if (new_checkpoints_.empty() && forgotten_.empty()) {
      wake_.wait(lock);
    } else {
      wake_.wait_until(lock, side_writes_due_);
    }
  }
  committer_waits_ = false;
  take_appends(work);
  const Position last = work.appends.empty() ? durable() : work.appends.back().records.back()->position;
  const auto waits = std::ranges::find_if(
      new_checkpoints_, [&](const PendingCheckpoint& checkpoint) { return checkpoint.behind > last; });
  work.checkpoints.assign(std::make_move_iterator(new_checkpoints_.begin()), std::make_move_iterator(waits));
  new_checkpoints_.erase(new_checkpoints_.begin(), waits);
  work.forgotten = std::exchange(forgotten_, {});
  return work;
}

void Sequencer::take_appends(CommitWork& work) {
  std::size_t bytes = 0;
  while (!queue_.empty() && work.appends.size() < options_.batch_appends_max) {
    bytes += queue_.front().stored.size();
    if (!work.appends.empty() && bytes > options_.batch_bytes_max) break;
    work.appends.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
}

void Sequencer::committed(Position durable, const std::vector<PendingAppend>& appends) {
  // Destroyed behind the lock.
  std::vector<RecordPtr> records;
  StreamHeads::Generation heads;
  const std::lock_guard lock(mutex_);
  durable_.store(durable.value, std::memory_order_release);
  queued_.fetch_sub(appends.size(), std::memory_order_relaxed);
  for (const auto& append : appends) {
    const EventRecord& last = *append.records.back();
    if (!last.meta.has_key) continue;
    const auto found = in_flight_.find(last.meta.command_id);
    if (found != in_flight_.end() && found->second.position == last.position) in_flight_.erase(found);
  }
  records = recent_.trim(durable);
  heads = heads_.rotate_if_full(ordered(), durable);
}

void Sequencer::close() {
  const std::lock_guard lock(mutex_);
  closing_ = true;
  wake_.notify_one();
}

}  // namespace souk
