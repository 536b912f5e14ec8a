#include "eventstore/rocks_reader.hpp"

#include <algorithm>

#include "eventstore/keys.hpp"
#include "eventstore/record_codec.hpp"
#include "eventstore/rocks_db.hpp"

namespace souk {
namespace {

tl::unexpected<Error> unreadable(const rocksdb::Status& status, std::string_view doing) {
  return tl::unexpected<Error>(store_error(status, doing));
}

tl::unexpected<Error> damaged(std::string what) {
  return fail(ErrorCode::kInternal, "store.damaged", std::move(what));
}

Result<RecordPtr> decode_at(std::string_view value, Position position) {
  auto record = decode_stored_record(value);
  if (!record) return tl::unexpected<Error>(std::move(record.error()));
  if (record->position != position) {
    return damaged("the record at position " + std::to_string(position.value) + " says that it is " +
                   std::to_string(record->position.value));
  }
  return std::make_shared<const EventRecord>(std::move(*record));
}

}  // namespace

RocksReader::RocksReader(const RocksDb& rocks, std::function<void(const Error&)> broken)
    : rocks_(rocks), broken_(std::move(broken)) {}

Version RocksReader::durable_version(const StreamId& stream, Version expected) {
  // A right guess needs no iterator: the version is there and the next is not, and a filter mostly answers the latter.
  const auto next = position_of(stream, {expected.value + 1});
  if (next && !*next) {
    if (expected.value == 0) return expected;
    const auto here = position_of(stream, expected);
    if (here && *here) return expected;
  }
  const std::unique_ptr<rocksdb::Iterator> at(rocks_.db->NewIterator(read_options(), rocks_.streams));
  at->SeekForPrev(slice(keys::StreamVersion(stream, {UINT64_MAX}).bytes()));
  if (at->Valid()) {
    const auto last = keys::parse_stream_version(view(at->key()));
    if (last && last->stream == stream) return last->version;
  }
  if (!at->status().ok()) broken_(store_error(at->status(), "reading the versions of " + std::string(stream.text())));
  return {};
}

Result<std::optional<Position>> RocksReader::position_of(const StreamId& stream, Version version) const {
  rocksdb::PinnableSlice value;
  const auto status =
      rocks_.db->Get(read_options(), rocks_.streams, slice(keys::StreamVersion(stream, version).bytes()), &value);
  if (status.IsNotFound()) return std::optional<Position>{};
  if (!status.ok()) return unreadable(status, "reading the stream " + std::string(stream.text()));
  const auto position = keys::parse_number(view(value));
  if (!position) return damaged("the stream " + std::string(stream.text()) + " has a malformed entry");
  return std::optional{Position{*position}};
}

Result<std::vector<Position>> RocksReader::positions(const StreamId& stream, Version after, std::size_t limit) const {
  std::vector<Position> out;
  const keys::StreamVersion end(stream, {UINT64_MAX});
  const rocksdb::Slice bound = slice(end.bytes());
  auto options = read_options();
  options.iterate_upper_bound = &bound;
  const std::unique_ptr<rocksdb::Iterator> at(rocks_.db->NewIterator(options, rocks_.streams));
  Version next{after.value + 1};
  for (at->Seek(slice(keys::StreamVersion(stream, next).bytes())); at->Valid() && out.size() < limit; at->Next()) {
    const auto position = keys::parse_number(view(at->value()));
    if (!position || view(at->key()) != keys::StreamVersion(stream, next).bytes()) {
      return damaged("the stream " + std::string(stream.text()) + " has a gap at version " +
                     std::to_string(next.value));
    }
    out.push_back({*position});
    ++next.value;
  }
  if (!at->status().ok()) return unreadable(at->status(), "reading the stream " + std::string(stream.text()));
  return out;
}

Result<std::vector<RecordPtr>> RocksReader::read_stream(const StreamId& stream, Version after, std::size_t limit,
                                                        const FindRecent& recent) const {
  const auto found = positions(stream, after, limit);
  if (!found) return tl::unexpected<Error>(found.error());
  std::vector<RecordPtr> out;
  out.reserve(found->size());
  rocksdb::PinnableSlice value;
  for (const Position position : *found) {
    if (auto record = recent(position)) {
      out.push_back(std::move(record));
      continue;
    }
    value.Reset();
    const auto status = rocks_.db->Get(read_options(), rocks_.log, slice(keys::Number(position).bytes()), &value);
    if (!status.ok()) return unreadable(status, "reading position " + std::to_string(position.value));
    auto record = decode_at(view(value), position);
    if (!record) return tl::unexpected<Error>(std::move(record.error()));
    out.push_back(std::move(*record));
  }
  return out;
}

Result<std::vector<RecordPtr>> RocksReader::read(Position after, Position until, std::size_t limit) const {
  std::vector<RecordPtr> out;
  const std::unique_ptr<rocksdb::Iterator> at(rocks_.db->NewIterator(read_options(), rocks_.log));
  Position next{after.value + 1};
  for (at->Seek(slice(keys::Number(next).bytes())); at->Valid() && next <= until && out.size() < limit; at->Next()) {
    if (view(at->key()) != keys::Number(next).bytes()) {
      return damaged("the log has a gap at position " + std::to_string(next.value));
    }
    auto record = decode_at(view(at->value()), next);
    if (!record) return tl::unexpected<Error>(std::move(record.error()));
    out.push_back(std::move(*record));
    ++next.value;
  }
  if (!at->status().ok()) return unreadable(at->status(), "reading the log");
  return out;
}

Result<std::optional<Snapshot>> RocksReader::read_snapshot(const StreamId& stream) const {
  rocksdb::PinnableSlice value;
  const auto status = rocks_.db->Get(read_options(), rocks_.snapshots, slice(stream.text()), &value);
  if (status.IsNotFound()) return std::optional<Snapshot>{};
  if (!status.ok()) return unreadable(status, "reading the snapshot of " + std::string(stream.text()));
  return keys::parse_snapshot_value(view(value));
}

Result<void> RocksReader::write_snapshot(const StreamId& stream, const Snapshot& snapshot) const {
  const auto status =
      rocks_.db->Put(write_options(false), rocks_.snapshots, slice(stream.text()), keys::snapshot_value(snapshot));
  if (!status.ok()) return unreadable(status, "writing the snapshot of " + std::string(stream.text()));
  return {};
}

std::optional<KnownCommand> RocksReader::find_command(const CommandId& id) const {
  rocksdb::PinnableSlice value;
  const auto status = rocks_.db->Get(read_options(), rocks_.idempotency, keys::command_key(id), &value);
  if (status.IsNotFound()) return std::nullopt;
  const auto command = status.ok() ? keys::parse_command_value(view(value)) : std::nullopt;
  // To answer "unknown" here would let a command be obeyed twice.
  if (!command) {
    broken_(store_error(status.ok() ? rocksdb::Status::Corruption("malformed entry") : status,
                        "reading the command " + id.str()));
  }
  return command;
}

Result<RocksReader::DueTimers> RocksReader::due_timers(Time until, std::size_t limit) const {
  DueTimers out;
  rocksdb::ManagedSnapshot snapshot(rocks_.db.get());
  auto options = read_options();
  options.snapshot = snapshot.snapshot();
  const auto behind = keys::timers_behind(until);
  const rocksdb::Slice bound = behind;
  options.iterate_upper_bound = &bound;
  const std::unique_ptr<rocksdb::Iterator> at(rocks_.db->NewIterator(options, rocks_.timers));
  auto point_options = read_options();
  point_options.snapshot = snapshot.snapshot();
  rocksdb::PinnableSlice by_name;
  for (at->Seek("d"); at->Valid() && out.due.size() < limit; at->Next()) {
    auto timer = keys::parse_timer_by_due(view(at->key()));
    const auto set_by = keys::parse_number(view(at->value()));
    if (!timer || !set_by) return damaged("the timers have a malformed entry");
    timer->set_by = {*set_by};
    by_name.Reset();
    const auto status =
        rocks_.db->Get(point_options, rocks_.timers, keys::timer_by_name(timer->stream, timer->name), &by_name);
    if (!status.ok() && !status.IsNotFound()) return unreadable(status, "reading the timers");
    const auto current = status.ok() ? keys::parse_timer_value(view(by_name)) : std::nullopt;
    const bool is_current = current && current->set_by == timer->set_by && current->due == timer->due;
    (is_current ? out.due : out.stale).push_back(std::move(*timer));
  }
  if (!at->status().ok()) return unreadable(at->status(), "reading the timers");
  return out;
}

}  // namespace souk
