#include "eventstore/rocks_event_log.hpp"

#include <sodium/core.h>

#include <algorithm>

#include "eventstore/committer.hpp"
#include "eventstore/data_directory.hpp"
#include "eventstore/recovery.hpp"
#include "eventstore/rocks_reader.hpp"
#include "eventstore/small_file.hpp"
#include "eventstore/verify.hpp"

namespace souk {
namespace {

SequencerOptions sequencer_options(const RocksLogOptions& options) {
  return {options.batch_appends_max, options.batch_bytes_max,  options.recent_records_max,
          options.recent_bytes_max,  options.stream_heads_max, options.checkpoint_delay};
}

Result<std::optional<Witness>> read_witness(const DataDirectory& directory) {
  auto bytes = read_small_file(directory.path() + "/" + kWitnessFile);
  if (!bytes) return tl::unexpected<Error>(std::move(bytes.error()));
  if (!*bytes) return std::optional<Witness>{};
  return decode_witness(**bytes).map([](const Witness& witness) { return std::optional{witness}; });
}

}  // namespace

/// In the order in which they must be destroyed, the last first.
struct RocksEventLog::Parts {
  Parts(RocksLogOptions opts, Clock& a_clock, DataDirectory dir, std::unique_ptr<RocksDb> db, Recovered recovered)
      : options(std::move(opts)),
        clock(a_clock),
        directory(std::move(dir)),
        rocks(std::move(db)),
        epoch(recovered.start.epoch),
        fail_stop(options.on_fatal),
        reader(*rocks, [this](const Error& error) { fail_stop.fail("the log cannot be read: " + error.detail); }),
        sequencer(sequencer_options(options), recovered.start, clock, reader),
        witness(directory.path(), {directory.log_id(), epoch, recovered.start.head, recovered.head_hash},
                options.witness_interval, fail_stop),
        committer(*rocks, sequencer, listeners, witness, fail_stop, recovered.head_hash) {}

  const RocksLogOptions options;
  Clock& clock;
  DataDirectory directory;
  std::unique_ptr<RocksDb> rocks;
  const std::uint32_t epoch;
  FailStop fail_stop;
  LogListeners listeners;
  RocksReader reader;
  Sequencer sequencer;
  std::atomic<std::uint64_t> snapshots_ignored = 0;
  WitnessKeeper witness;
  Committer committer;
};

Result<std::unique_ptr<RocksEventLog>> RocksEventLog::open(RocksLogOptions options, Clock& clock) {
  if (::sodium_init() < 0) return fail(ErrorCode::kInternal, "store.io", "libsodium cannot be initialised");
  auto directory = DataDirectory::open(options.directory);
  if (!directory) return tl::unexpected<Error>(std::move(directory.error()));
  const auto witness = read_witness(*directory);
  if (!witness) return tl::unexpected<Error>(witness.error());
  const RocksDbOptions db_options{options.block_cache_bytes, options.write_buffer_bytes, options.idempotency_retention,
                                  static_cast<rocksdb::Env*>(options.env_for_tests)};
  auto rocks = open_rocks_db(directory->database_path(), db_options, clock);
  if (!rocks) return tl::unexpected<Error>(std::move(rocks.error()));
  auto recovered = recover(**rocks, directory->log_id(), *witness);
  if (!recovered) return tl::unexpected<Error>(std::move(recovered.error()));
  // From here on a lost database is noticed, even one in which nothing was written yet.
  const Witness now{directory->log_id(), recovered->start.epoch, recovered->start.head, recovered->head_hash};
  if (*witness != now) {
    if (auto done = replace_file(directory->path(), kWitnessFile, encode_witness(now)); !done) {
      return tl::unexpected<Error>(std::move(done.error()));
    }
  }
  auto parts = std::make_unique<Parts>(std::move(options), clock, std::move(*directory), std::move(*rocks),
                                       std::move(*recovered));
  return std::unique_ptr<RocksEventLog>(new RocksEventLog(std::move(parts)));
}

RocksEventLog::RocksEventLog(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
RocksEventLog::~RocksEventLog() = default;

Result<VerifyReport> RocksEventLog::verify() const {
  return verify_store(*parts_->rocks, parts_->clock, parts_->options.idempotency_retention);
}

tl::expected<Appended, Conflict> RocksEventLog::append(AppendRequest request) {
  auto appended = parts_->sequencer.append(std::move(request));
  if (appended) parts_->listeners.tell_ordered();
  return appended;
}

void RocksEventLog::forget_timer(const PendingTimer& timer) {
  parts_->sequencer.forget_timer(timer);
}

void RocksEventLog::set_checkpoint(std::string_view consumer, Position position) {
  parts_->sequencer.set_checkpoint(consumer, position);
}

void RocksEventLog::save_snapshot(const StreamId& stream, Snapshot snapshot) {
  if (snapshot.position > parts_->sequencer.durable()) return;
  const auto done = parts_->reader.write_snapshot(stream, snapshot);
  if (!done) parts_->fail_stop.fail("a snapshot cannot be written: " + done.error().detail);
}

Result<LoadedStream> RocksEventLog::load(const StreamId& stream, std::uint32_t state_schema) {
  LoadedStream loaded;
  // Half of all loads are of entities that are just being made: asking for the first event tells them cheaply.
  const auto first = parts_->reader.position_of(stream, Version{1});
  if (!first) return tl::unexpected<Error>(first.error());
  if (!*first) return loaded;
  auto snapshot = parts_->reader.read_snapshot(stream);
  if (!snapshot) return tl::unexpected<Error>(std::move(snapshot.error()));
  if (*snapshot) {
    const auto at = parts_->reader.position_of(stream, (*snapshot)->version);
    if (!at) return tl::unexpected<Error>(at.error());
    if ((*snapshot)->schema == state_schema && *at == (*snapshot)->position) {
      loaded.snapshot = std::move(*snapshot);
    } else {
      parts_->snapshots_ignored.fetch_add(1, std::memory_order_relaxed);
    }
  }
  auto records = read_stream(stream, loaded.snapshot ? loaded.snapshot->version : Version{}, SIZE_MAX);
  if (!records) return tl::unexpected<Error>(std::move(records.error()));
  loaded.records = std::move(*records);
  return loaded;
}

Result<std::vector<RecordPtr>> RocksEventLog::read_stream(const StreamId& stream, Version after, std::size_t limit) {
  return parts_->reader.read_stream(stream, after, limit,
                                    [this](Position position) { return parts_->sequencer.find_recent(position); });
}

Result<std::vector<RecordPtr>> RocksEventLog::read(Position after, std::size_t limit, Visibility visibility) {
  const Position until = head(visibility);
  std::vector<RecordPtr> out;
  while (after < until && out.size() < limit) {
    Position recent_from;
    auto part = parts_->sequencer.read_recent(after, until, limit - out.size(), recent_from);
    if (part.empty()) {
      // Memory holds all that is not durable, so what lies before it is on disk.
      const Position on_disk{std::min(until.value, recent_from.value - 1)};
      auto read = parts_->reader.read(after, on_disk, limit - out.size());
      if (!read) return tl::unexpected<Error>(std::move(read.error()));
      if (read->empty()) {
        return fail(ErrorCode::kInternal, "store.damaged",
                    "the log has nothing behind position " + std::to_string(after.value));
      }
      part = std::move(*read);
    }
    after.value += part.size();
    if (out.empty()) {
      out = std::move(part);
    } else {
      out.insert(out.end(), std::make_move_iterator(part.begin()), std::make_move_iterator(part.end()));
    }
  }
  return out;
}

std::optional<std::vector<RecordPtr>> RocksEventLog::read_recent(Position after, std::size_t limit) {
  const Position until = head(Visibility::kOrdered);
  Position recent_from;
  auto records = parts_->sequencer.read_recent(after, until, limit, recent_from);
  if (records.empty() && after < until && limit > 0) return std::nullopt;
  return records;
}

Position RocksEventLog::head(Visibility visibility) const {
  return visibility == Visibility::kDurable ? parts_->sequencer.durable() : parts_->sequencer.ordered();
}

std::optional<KnownCommand> RocksEventLog::find_command(const CommandId& id) {
  auto command = parts_->sequencer.find_in_flight(id);
  if (!command) command = parts_->reader.find_command(id);
  if (command && command->recorded_at + parts_->options.idempotency_retention < parts_->clock.now()) return {};
  return command;
}

std::vector<PendingTimer> RocksEventLog::due_timers(Time until, std::size_t limit) {
  auto found = parts_->reader.due_timers(until, limit);
  if (!found) {
    parts_->fail_stop.fail("the timers cannot be read: " + found.error().detail);
    return {};
  }
  for (const auto& timer : found->stale) forget_timer(timer);
  return std::move(found->due);
}

Position RocksEventLog::checkpoint(std::string_view consumer) const {
  return parts_->sequencer.checkpoint(consumer);
}
Id128 RocksEventLog::log_id() const {
  return parts_->directory.log_id();
}
std::uint32_t RocksEventLog::epoch() const {
  return parts_->epoch;
}

LogStats RocksEventLog::stats() const {
  LogStats stats = parts_->committer.stats();
  stats.queue_length = parts_->sequencer.queue_length();
  stats.snapshots_ignored = parts_->snapshots_ignored.load(std::memory_order_relaxed);
  return stats;
}

void RocksEventLog::add_listener(LogListener* listener) {
  parts_->listeners.add(listener);
}
void RocksEventLog::remove_listener(LogListener* listener) {
  parts_->listeners.remove(listener);
}

}  // namespace souk
