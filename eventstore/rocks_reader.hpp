/// Reading the database: streams, ranges of the log, commands and timers. Internal.
///
/// Whatever it finds is on disk: RocksDB shows a synced write only after its sync.
/// Thread-safety: all functions.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "eventstore/event_log.hpp"
#include "eventstore/sequencer.hpp"

namespace souk {

struct RocksDb;

class RocksReader final : public DurableVersions {
 public:
  /// Gives a record that is in memory, or null.
  using FindRecent = std::function<RecordPtr(Position)>;
  /// `broken` hears of a disk that cannot be read where there is nobody to be told.
  RocksReader(const RocksDb& rocks, std::function<void(const Error&)> broken);

  Version durable_version(const StreamId& stream, Version expected) override;

  [[nodiscard]] Result<std::vector<RecordPtr>> read_stream(const StreamId& stream, Version after, std::size_t limit,
                                                           const FindRecent& recent) const;
  /// At most `limit` records behind `after` and up to `until`, without gaps.
  [[nodiscard]] Result<std::vector<RecordPtr>> read(Position after, Position until, std::size_t limit) const;
  /// Whatever is stored under the stream's name.
  [[nodiscard]] Result<std::optional<Snapshot>> read_snapshot(const StreamId& stream) const;
  /// Where the stream has that version; nothing where it has not got so far.
  [[nodiscard]] Result<std::optional<Position>> position_of(const StreamId& stream, Version version) const;
  [[nodiscard]] Result<void> write_snapshot(const StreamId& stream, const Snapshot& snapshot) const;
  [[nodiscard]] std::optional<KnownCommand> find_command(const CommandId& id) const;

  struct DueTimers {
    std::vector<PendingTimer> due;
    std::vector<PendingTimer> stale;  ///< left behind when a timer was moved; to be forgotten
  };
  [[nodiscard]] Result<DueTimers> due_timers(Time until, std::size_t limit) const;

 private:
  [[nodiscard]] Result<std::vector<Position>> positions(const StreamId& stream, Version after, std::size_t limit) const;

  const RocksDb& rocks_;
  std::function<void(const Error&)> broken_;
};

}  // namespace souk
