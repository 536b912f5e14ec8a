#include "eventstore/memory_event_log.hpp"

#include <algorithm>
#include <cassert>

#include "eventstore/assemble.hpp"
#include "eventstore/record_codec.hpp"

namespace souk {

MemoryEventLog::MemoryEventLog(Clock& clock, MemoryLogOptions options)
    : MemoryEventLog(clock, MemoryDisk{}, std::move(options)) {}

MemoryEventLog::MemoryEventLog(Clock& clock, MemoryDisk disk, MemoryLogOptions options)
    : clock_(clock), options_(std::move(options)), disk_(std::move(disk)) {
  if (!disk_.records.empty()) last_time_ = disk_.records.back()->recorded_at;
  for (const auto& [stream, positions] : disk_.streams) ordered_versions_[stream] = {positions.size()};
  ordered_commands_ = disk_.commands;
  ordered_checkpoints_ = disk_.checkpoints;
}

tl::expected<Appended, Conflict> MemoryEventLog::append(AppendRequest request) {
  const StreamId stream = request.stream;
  const Version expected = request.expected;
  Records records = assemble_records(std::move(request), options_.epoch);
  Appended appended;
  {
    const std::lock_guard lock(mutex_);
    Version& version = ordered_versions_[stream];
    if (version != expected) return tl::unexpected<Conflict>(Conflict{version});
    last_time_ = std::max(last_time_, clock_.now());
    const Position before{disk_.records.size() + in_flight_.size()};
    place_records(records, before, version, last_time_);
    version.value += records.size();
    const EventRecord& last = *records.back();
    appended = {{before.value + 1}, last.position, version, last_time_};
    if (last.meta.has_key) {
      ordered_commands_.insert_or_assign(last.meta.command_id,
                                         KnownCommand{stream, last.position, last.meta.fingerprint, last.recorded_at});
    }
    in_flight_.insert(in_flight_.end(), records.begin(), records.end());
    queue_.emplace_back(std::move(records));
  }
  listeners_.tell_ordered();
  if (options_.auto_commit) commit_all();
  return appended;
}

void MemoryEventLog::enqueue(Write write) {
  {
    const std::lock_guard lock(mutex_);
    if (const auto* place = std::get_if<NewCheckpoint>(&write)) {
      ordered_checkpoints_.insert_or_assign(place->consumer, place->position);
    }
    queue_.push_back(std::move(write));
  }
  if (options_.auto_commit) commit_all();
}

void MemoryEventLog::forget_timer(const PendingTimer& timer) {
  enqueue(timer);
}

void MemoryEventLog::set_checkpoint(std::string_view consumer, Position position) {
  enqueue(NewCheckpoint{std::string(consumer), position});
}

void MemoryEventLog::save_snapshot(const StreamId& stream, Snapshot snapshot) {
  const std::lock_guard lock(mutex_);
  if (is_dead_ || snapshot.position > disk_.head()) return;
  disk_.snapshots.insert_or_assign(stream, std::move(snapshot));
}

void MemoryEventLog::commit_some(std::size_t appends) {
  commit(appends, false);
}
void MemoryEventLog::commit_all() {
  commit(SIZE_MAX, true);
}

void MemoryEventLog::commit(std::size_t appends, bool also_trailing) {
  const std::lock_guard commit_lock(commit_mutex_);
  Position head;
  std::optional<std::string> failure;
  {
    const std::lock_guard lock(mutex_);
    if (is_dead_ || queue_.empty() || (appends == 0 && !also_trailing)) return;
    failure = std::exchange(failure_, std::nullopt);
    if (failure) {
      is_dead_ = true;
    } else {
      const Position before = disk_.head();
      while (!queue_.empty() && (appends > 0 || also_trailing)) {
        const Write write = std::move(queue_.front());
        queue_.pop_front();
        if (std::holds_alternative<Records>(write)) --appends;
        std::visit([this](const auto& what) { apply(what); }, write);
      }
      ++stats_.commits;
      in_flight_.erase(in_flight_.begin(),
                       in_flight_.begin() + static_cast<std::ptrdiff_t>(disk_.head().value - before.value));
      if (disk_.head() != before) head = disk_.head();
    }
  }
  if (failure) {
    options_.on_fatal(*failure);
  } else if (head != Position{}) {
    listeners_.tell_durable(head);
  }
}

void MemoryEventLog::apply(const Records& records) {
  std::string bytes;
  for (const auto& record : records) {
    bytes.clear();
    encode_record(*record, bytes);
    const Hash256 previous = disk_.records.empty() ? Hash256{} : disk_.records.back()->hash;
    record->hash = chain_hash(previous, bytes);
    assert(record->position.value == disk_.records.size() + 1);
    disk_.records.push_back(record);
    disk_.streams[record->stream].push_back(record->position);
    for (const auto& change : record->timers) apply_timer(*record, change);
    ++stats_.events;
    stats_.bytes += bytes.size() + sizeof(Hash256);
  }
  const EventRecord& last = *records.back();
  if (last.meta.has_key) {
    disk_.commands.insert_or_assign(last.meta.command_id,
                                    KnownCommand{last.stream, last.position, last.meta.fingerprint, last.recorded_at});
  }
}

void MemoryEventLog::apply(const NewCheckpoint& checkpoint) {
  disk_.checkpoints.insert_or_assign(checkpoint.consumer, checkpoint.position);
}

void MemoryEventLog::apply(const PendingTimer& forgotten) {
  const MemoryDisk::TimerKey key{forgotten.stream, forgotten.name};
  const auto found = disk_.timers.find(key);
  if (found == disk_.timers.end() || found->second.set_by != forgotten.set_by) return;
  disk_.timers_by_due.erase({found->second.due, key});
  disk_.timers.erase(found);
}

void MemoryEventLog::apply_timer(const EventRecord& record, const TimerChange& change) {
  const MemoryDisk::TimerKey key{record.stream, change.name};
  if (const auto found = disk_.timers.find(key); found != disk_.timers.end()) {
    disk_.timers_by_due.erase({found->second.due, key});
    disk_.timers.erase(found);
  }
  if (change.kind == TimerChange::Kind::kSet) {
    disk_.timers.emplace(key, MemoryDisk::Timer{change.due, record.position});
    disk_.timers_by_due.insert({change.due, key});
  }
}

std::size_t MemoryEventLog::waiting() const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::size_t>(
      std::ranges::count_if(queue_, [](const Write& write) { return std::holds_alternative<Records>(write); }));
}

void MemoryEventLog::fail_next_commit(std::string what) {
  const std::lock_guard lock(mutex_);
  failure_ = std::move(what);
}

MemoryDisk MemoryEventLog::crash() {
  const std::lock_guard lock(mutex_);
  is_dead_ = true;
  return disk_;
}

std::vector<RecordPtr> MemoryEventLog::durable_stream(const StreamId& stream, Version after, std::size_t limit) const {
  std::vector<RecordPtr> out;
  const auto found = disk_.streams.find(stream);
  if (found == disk_.streams.end()) return out;
  for (std::size_t i = after.value; i < found->second.size() && out.size() < limit; ++i) {
    out.push_back(disk_.records[found->second[i].value - 1]);
  }
  return out;
}

Result<LoadedStream> MemoryEventLog::load(const StreamId& stream, std::uint32_t state_schema) {
  const std::lock_guard lock(mutex_);
  LoadedStream loaded;
  if (const auto found = disk_.snapshots.find(stream); found != disk_.snapshots.end()) {
    const Snapshot& snapshot = found->second;
    const auto at = durable_stream(stream, {snapshot.version.value - 1}, 1);
    if (snapshot.schema == state_schema && at.size() == 1 && at.front()->position == snapshot.position) {
      loaded.snapshot = snapshot;
    } else {
      ++stats_.snapshots_ignored;
    }
  }
  loaded.records = durable_stream(stream, loaded.snapshot ? loaded.snapshot->version : Version{}, SIZE_MAX);
  return loaded;
}

Result<std::vector<RecordPtr>> MemoryEventLog::read_stream(const StreamId& stream, Version after, std::size_t limit) {
  const std::lock_guard lock(mutex_);
  return durable_stream(stream, after, limit);
}

Result<std::vector<RecordPtr>> MemoryEventLog::read(Position after, std::size_t limit, Visibility visibility) {
  const std::lock_guard lock(mutex_);
  std::vector<RecordPtr> out;
  const std::size_t durable = disk_.records.size();
  const std::size_t head = durable + (visibility == Visibility::kOrdered ? in_flight_.size() : 0);
  for (std::size_t i = after.value; i < head && out.size() < limit; ++i) {
    out.push_back(i < durable ? disk_.records[i] : in_flight_[i - durable]);
  }
  return out;
}

Position MemoryEventLog::head(Visibility visibility) const {
  const std::lock_guard lock(mutex_);
  return {disk_.records.size() + (visibility == Visibility::kOrdered ? in_flight_.size() : 0)};
}

bool MemoryEventLog::is_expired(const KnownCommand& command) {
  return command.recorded_at + options_.idempotency_retention < clock_.now();
}

std::optional<KnownCommand> MemoryEventLog::find_command(const CommandId& id) {
  const std::lock_guard lock(mutex_);
  const auto found = ordered_commands_.find(id);
  if (found == ordered_commands_.end() || is_expired(found->second)) return std::nullopt;
  return found->second;
}

std::vector<PendingTimer> MemoryEventLog::due_timers(Time until, std::size_t limit) {
  const std::lock_guard lock(mutex_);
  std::vector<PendingTimer> out;
  for (const auto& [due, key] : disk_.timers_by_due) {
    if (due > until || out.size() >= limit) break;
    out.push_back({key.first, key.second, due, disk_.timers.at(key).set_by});
  }
  return out;
}

Position MemoryEventLog::checkpoint(std::string_view consumer) const {
  const std::lock_guard lock(mutex_);
  const auto found = ordered_checkpoints_.find(consumer);
  return found == ordered_checkpoints_.end() ? Position{} : found->second;
}

LogStats MemoryEventLog::stats() const {
  LogStats stats;
  const std::size_t queued = waiting();
  const std::lock_guard lock(mutex_);
  stats = stats_;
  stats.queue_length = queued;
  return stats;
}

}  // namespace souk
