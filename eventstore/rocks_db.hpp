/// The opened database and its families. Internal: one of the few headers that show RocksDB.
///
/// Source: the options and the recovery mode follow what was measured for RocksDB 7.8.3; see docs/architecture.md.
#pragma once

#include <rocksdb/compaction_filter.h>
#include <rocksdb/db.h>

#include <memory>
#include <string>
#include <string_view>

#include "engine/base/clock.hpp"
#include "engine/base/result.hpp"

namespace souk {

inline rocksdb::Slice slice(std::string_view bytes) {
  return {bytes.data(), bytes.size()};
}
inline std::string_view view(const rocksdb::Slice& slice) {
  return {slice.data(), slice.size()};
}

struct RocksDb {
  RocksDb() = default;
  RocksDb(const RocksDb&) = delete;
  RocksDb& operator=(const RocksDb&) = delete;
  ~RocksDb();

  // Destroyed behind the database, whose background threads use it.
  std::unique_ptr<rocksdb::CompactionFilter> command_filter;
  std::unique_ptr<rocksdb::DB> db;
  rocksdb::ColumnFamilyHandle* unused = nullptr;  ///< RocksDB insists on a family called "default"
  rocksdb::ColumnFamilyHandle* log = nullptr;
  rocksdb::ColumnFamilyHandle* streams = nullptr;
  rocksdb::ColumnFamilyHandle* snapshots = nullptr;
  rocksdb::ColumnFamilyHandle* timers = nullptr;
  rocksdb::ColumnFamilyHandle* idempotency = nullptr;
  rocksdb::ColumnFamilyHandle* meta = nullptr;
};

struct RocksDbOptions {
  std::size_t block_cache_bytes = 0;
  std::size_t write_buffer_bytes = 0;
  Duration idempotency_retention;
  rocksdb::Env* env = nullptr;  ///< not owned; null: the default one
  bool read_only = false;       ///< a view of what is on disk now, beside the process that writes
};

/// Opens the database at `path`, created where it is missing, families too. `clock` must outlive it.
/// Errors: kUnavailable "store.foreign" (families of another program), "store.io"; kInternal "store.damaged".
Result<std::unique_ptr<RocksDb>> open_rocks_db(const std::string& path, const RocksDbOptions& options, Clock& clock);

/// kInternal "store.damaged" or kUnavailable "store.io", as the status says.
Error store_error(const rocksdb::Status& status, std::string_view doing);

/// How the committer writes.
rocksdb::WriteOptions write_options(bool sync);
rocksdb::ReadOptions read_options();

}  // namespace souk
