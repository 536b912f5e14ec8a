#include "eventstore/log_batch.hpp"

#include <cassert>

#include "eventstore/keys.hpp"

namespace souk {

rocksdb::ColumnFamilyHandle* family_of(const RocksDb& rocks, Index index) {
  switch (index) {
    case Index::kStreams: return rocks.streams;
    case Index::kTimers: return rocks.timers;
    case Index::kIdempotency: return rocks.idempotency;
  }
  return nullptr;
}

const char* name_of(Index index) {
  switch (index) {
    case Index::kStreams: return "streams";
    case Index::kTimers: return "timers";
    case Index::kIdempotency: return "idempotency";
  }
  return "";
}

LogBatch::LogBatch(const RocksDb& rocks, std::size_t bytes_expected) : rocks_(rocks), batch_(bytes_expected) {}

void LogBatch::put(rocksdb::ColumnFamilyHandle* family, std::string_view key, std::string_view value) {
  // Fails only beyond 4 GiB, which the limits of a record and of a batch exclude.
  [[maybe_unused]] const auto status = batch_.Put(family, slice(key), slice(value));
  assert(status.ok());
}

void LogBatch::forget_timer(const PendingTimer& timer) {
  rocksdb::PinnableSlice found;
  const auto by_due = keys::timer_by_due(timer.due, timer.stream, timer.name);
  if (rocks_.db->Get(read_options(), rocks_.timers, by_due, &found).ok() &&
      keys::parse_number(view(found)) == timer.set_by.value) {
    batch_.Delete(rocks_.timers, by_due);
  }
  found.Reset();
  const auto by_name = keys::timer_by_name(timer.stream, timer.name);
  if (rocks_.db->Get(read_options(), rocks_.timers, by_name, &found).ok()) {
    const auto value = keys::parse_timer_value(view(found));
    if (value && value->set_by == timer.set_by && value->due == timer.due) batch_.Delete(rocks_.timers, by_name);
  }
}

void LogBatch::put_record(const EventRecord& record, std::string_view stored) {
  put(rocks_.log, keys::Number(record.position).bytes(), stored);
  for (const auto index : kIndexes) index_record(record, index);
}

void LogBatch::index_record(const EventRecord& record, Index index) {
  switch (index) {
    case Index::kStreams:
      put(rocks_.streams, keys::StreamVersion(record.stream, record.version).bytes(),
          keys::Number(record.position).bytes());
      break;
    case Index::kTimers: put_timers(record); break;
    case Index::kIdempotency:
      if (record.meta.has_key && record.last_of_command) {
        put(rocks_.idempotency, keys::command_key(record.meta.command_id),
            keys::command_value({record.stream, record.position, record.meta.fingerprint, record.recorded_at}));
      }
      break;
  }
}

// Written without reading: a timer that is moved leaves its old entry by due time behind, which counts only while the
// entry by name says that the same event set it. Whoever meets a stale one forgets it.
void LogBatch::put_timers(const EventRecord& record) {
  for (const auto& change : record.timers) {
    const auto by_due = keys::timer_by_due(change.due, record.stream, change.name);
    const auto by_name = keys::timer_by_name(record.stream, change.name);
    if (change.kind == TimerChange::Kind::kSet) {
      put(rocks_.timers, by_due, keys::Number(record.position).bytes());
      put(rocks_.timers, by_name, keys::timer_value({change.due, record.position}));
    } else {
      batch_.Delete(rocks_.timers, by_due);
      batch_.Delete(rocks_.timers, by_name);
    }
  }
}

void LogBatch::put_checkpoint(std::string_view consumer, Position position) {
  put(rocks_.meta, std::string(keys::kCheckpointPrefix).append(consumer), keys::Number(position).bytes());
}

void LogBatch::put_meta(std::string_view key, std::string_view value) {
  put(rocks_.meta, key, value);
}

void LogBatch::put_high(Index index, Position position) {
  put(family_of(rocks_, index), keys::kHighKey, keys::Number(position).bytes());
}

void LogBatch::clear(Index index) {
  // Keys are shorter than this and begin with ASCII or, of commands, with anything.
  batch_.DeleteRange(family_of(rocks_, index), rocksdb::Slice(""), rocksdb::Slice(std::string(64, '\xff')));
}

rocksdb::Status LogBatch::write(bool sync) {
  return rocks_.db->Write(write_options(sync), &batch_);
}

}  // namespace souk
