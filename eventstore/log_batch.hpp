/// One atomic write to the database: records with everything that is indexed by them. Internal: shows RocksDB.
#pragma once

#include <rocksdb/write_batch.h>

#include "eventstore/event_log.hpp"
#include "eventstore/rocks_db.hpp"

namespace souk {

/// The families that can be rebuilt from `log`.
enum class Index : std::uint8_t { kStreams, kTimers, kIdempotency };
inline constexpr Index kIndexes[] = {Index::kStreams, Index::kTimers, Index::kIdempotency};

rocksdb::ColumnFamilyHandle* family_of(const RocksDb& rocks, Index index);
const char* name_of(Index index);

class LogBatch {
 public:
  explicit LogBatch(const RocksDb& rocks, std::size_t bytes_expected = 0);

  /// Before the records of the batch: forgets what was set before them.
  /// Reads; an unreadable timer stays, and fires again.
  void forget_timer(const PendingTimer& timer);
  void put_record(const EventRecord& record, std::string_view stored);
  void index_record(const EventRecord& record, Index index);
  void put_checkpoint(std::string_view consumer, Position position);
  void put_meta(std::string_view key, std::string_view value);
  /// The index now covers the log up to `position`.
  void put_high(Index index, Position position);
  void clear(Index index);

  rocksdb::Status write(bool sync);
  void reset() { batch_.Clear(); }
  [[nodiscard]] std::size_t bytes() const { return batch_.GetDataSize(); }
  [[nodiscard]] const rocksdb::WriteBatch& batch() const { return batch_; }

 private:
  void put(rocksdb::ColumnFamilyHandle* family, std::string_view key, std::string_view value);
  void put_timers(const EventRecord& record);

  const RocksDb& rocks_;
  rocksdb::WriteBatch batch_;
};

}  // namespace souk
