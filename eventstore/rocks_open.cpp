#include <rocksdb/cache.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/listener.h>
#include <rocksdb/memtablerep.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>

#include <algorithm>
#include <array>
#include <memory>

#include "eventstore/keys.hpp"
#include "eventstore/rocks_db.hpp"

namespace souk {
namespace {

constexpr std::size_t kIndexWriteBufferBytes = std::size_t{8} << 20;
constexpr std::size_t kCommandBuckets = 65'536;

/// Drops commands that were written longer ago than keys are honoured.
class ExpiredCommands final : public rocksdb::CompactionFilter {
 public:
  ExpiredCommands(Clock& clock, Duration retention) : clock_(clock), retention_(retention) {}

  const char* Name() const override { return "souk.expired_commands"; }
  bool Filter(int /*level*/, const rocksdb::Slice& key, const rocksdb::Slice& value, std::string* /*new_value*/,
              bool* /*value_changed*/) const override {
    if (view(key) == keys::kHighKey) return false;
    const auto command = keys::parse_command_value(view(value));
    return command && command->recorded_at + retention_ < clock_.now();
  }

 private:
  Clock& clock_;
  const Duration retention_;
};

/// Forbids RocksDB to recover by itself when space comes back: that writes on to a file whose last write failed, on
/// another thread, while this process is about to end because of that very failure.
class NoRecovery final : public rocksdb::EventListener {
 public:
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason /*reason*/, rocksdb::Status /*error*/,
                            bool* auto_recovery) override {
    *auto_recovery = false;
  }
};

rocksdb::DBOptions db_options(const RocksDbOptions& options) {
  rocksdb::DBOptions db;
  db.create_if_missing = true;
  db.create_missing_column_families = true;
  if (options.env != nullptr) db.env = options.env;
  // The default mode silently drops what was acknowledged behind a flipped bit; the absolute one refuses the torn
  // tail of an ordinary power cut.
  db.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  db.track_and_verify_wals_in_manifest = true;
  db.paranoid_checks = true;
  db.flush_verify_memtable_count = true;
  db.verify_sst_unique_id_in_manifest = true;
  db.manual_wal_flush = false;
  db.recycle_log_file_num = 0;
  db.unordered_write = false;
  // Bounds both the disk a quiet family holds back and how long a start replays.
  db.max_total_wal_size = std::uint64_t{128} * 1024 * 1024;
  db.max_background_jobs = 2;
  // There is one writer.
  db.allow_concurrent_memtable_write = false;
  db.enable_write_thread_adaptive_yield = false;
  // Whatever fails is fatal here; nothing is to be tried again behind our back.
  db.max_bgerror_resume_count = 0;
  db.listeners.push_back(std::make_shared<NoRecovery>());
  db.info_log_level = rocksdb::InfoLogLevel::WARN_LEVEL;
  db.keep_log_file_num = 4;
  return db;
}

rocksdb::ColumnFamilyOptions family_options(const RocksDbOptions& options,
                                            const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::ColumnFamilyOptions family;
  family.paranoid_file_checks = true;
  family.memtable_protection_bytes_per_key = 8;
  family.write_buffer_size = options.write_buffer_bytes;
  family.compression = rocksdb::kNoCompression;
  family.level_compaction_dynamic_level_bytes = true;
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  // Kept with the open files, about 2 bytes a key: in the cache, blocks of data push the filters out, and every
  // question whether something is new then reads the disk.
  table.cache_index_and_filter_blocks = false;
  table.format_version = 5;
  family.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return family;
}

/// For a family that is asked mostly for single keys, many of which it does not have.
rocksdb::ColumnFamilyOptions with_bloom(rocksdb::ColumnFamilyOptions family) {
  auto* table = family.table_factory->GetOptions<rocksdb::BlockBasedTableOptions>();
  table->filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  family.memtable_prefix_bloom_size_ratio = 0.05;
  family.memtable_whole_key_filtering = true;
  return family;
}

/// A stream's keys grow by their version, so the place of the last one is where the next one belongs.
class StreamPrefix final : public rocksdb::SliceTransform {
 public:
  [[nodiscard]] const char* Name() const override { return "souk.stream_prefix"; }
  [[nodiscard]] rocksdb::Slice Transform(const rocksdb::Slice& key) const override {
    return {key.data(), key.size() - sizeof(std::uint64_t)};
  }
  [[nodiscard]] bool InDomain(const rocksdb::Slice& key) const override { return key.size() > sizeof(std::uint64_t); }
};

/// What makes inserting cheap is most of the committer's work: measured together, 18 µs an event became 7.
void tune_memtable(rocksdb::ColumnFamilyOptions& family, rocksdb::ColumnFamilyHandle* RocksDb::*which) {
  if (which == &RocksDb::log) {
    // Positions ascend: all keys share the hint.
    family.memtable_insert_with_hint_prefix_extractor.reset(rocksdb::NewFixedPrefixTransform(1));
    return;
  }
  // A small table is searched in fewer, warmer steps.
  family.write_buffer_size = kIndexWriteBufferBytes;
  if (which == &RocksDb::streams) family.memtable_insert_with_hint_prefix_extractor.reset(new StreamPrefix);
  if (which == &RocksDb::idempotency) {
    // Keys are random and only ever asked for one by one: a hash table, never iterated.
    family.prefix_extractor.reset(rocksdb::NewCappedPrefixTransform(sizeof(Id128)));
    family.memtable_factory.reset(rocksdb::NewHashLinkListRepFactory(kCommandBuckets, 0, 0, false));
  }
}

struct Family {
  const char* name;
  rocksdb::ColumnFamilyHandle* RocksDb::*handle;
};
constexpr std::array kFamilies{
    Family{"default", &RocksDb::unused},  Family{"log", &RocksDb::log},
    Family{"streams", &RocksDb::streams}, Family{"snapshots", &RocksDb::snapshots},
    Family{"timers", &RocksDb::timers},   Family{"idempotency", &RocksDb::idempotency},
    Family{"meta", &RocksDb::meta},
};

Result<void> check_families(const std::string& path, const rocksdb::DBOptions& options) {
  rocksdb::Env* env = options.env;
  if (env->FileExists(path + "/CURRENT").IsNotFound()) return {};
  std::vector<std::string> names;
  if (const auto status = rocksdb::DB::ListColumnFamilies(options, path, &names); !status.ok()) {
    return tl::unexpected<Error>(store_error(status, "reading the manifest of " + path));
  }
  for (const auto& name : names) {
    if (std::ranges::none_of(kFamilies, [&](const Family& family) { return name == family.name; })) {
      return fail(ErrorCode::kUnavailable, "store.foreign",
                  path + " has a family '" + name + "' that this program does not know; it was written by another one");
    }
  }
  return {};
}

}  // namespace

RocksDb::~RocksDb() {
  if (!db) return;
  for (const auto& family : kFamilies) {
    if (this->*family.handle != nullptr) db->DestroyColumnFamilyHandle(this->*family.handle);
  }
  db->Close();
}

Result<std::unique_ptr<RocksDb>> open_rocks_db(const std::string& path, const RocksDbOptions& options, Clock& clock) {
  const auto database = db_options(options);
  if (auto known = check_families(path, database); !known) return tl::unexpected<Error>(std::move(known.error()));

  auto out = std::make_unique<RocksDb>();
  out->command_filter = std::make_unique<ExpiredCommands>(clock, options.idempotency_retention);
  const auto cache = rocksdb::NewLRUCache(options.block_cache_bytes);
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  for (const auto& family : kFamilies) {
    auto family_opts = family_options(options, cache);
    if (family.handle == &RocksDb::log) family_opts.compression = rocksdb::kLZ4Compression;
    if (family.handle == &RocksDb::streams) family_opts = with_bloom(std::move(family_opts));
    if (family.handle == &RocksDb::idempotency) {
      family_opts = with_bloom(std::move(family_opts));
      family_opts.compaction_filter = out->command_filter.get();
    }
    tune_memtable(family_opts, family.handle);
    descriptors.emplace_back(family.name, family_opts);
  }
  rocksdb::DB* db = nullptr;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  const auto status = options.read_only ? rocksdb::DB::OpenForReadOnly(database, path, descriptors, &handles, &db)
                                        : rocksdb::DB::Open(database, path, descriptors, &handles, &db);
  if (!status.ok()) {
    auto error = store_error(status, "opening " + path);
    if (status.IsCorruption()) {
      error.detail +=
          "; events that were acknowledged may be behind the damage, so nothing was dropped: restore a backup";
    }
    return tl::unexpected<Error>(std::move(error));
  }
  out->db.reset(db);
  for (std::size_t i = 0; i < kFamilies.size(); ++i) (*out).*kFamilies[i].handle = handles[i];
  return out;
}

Error store_error(const rocksdb::Status& status, std::string_view doing) {
  const std::string detail = std::string(doing) + ": " + status.ToString();
  if (status.IsIOError()) return {ErrorCode::kUnavailable, "store.io", detail};
  return {ErrorCode::kInternal, "store.damaged", detail};
}

rocksdb::WriteOptions write_options(bool sync) {
  rocksdb::WriteOptions options;
  options.sync = sync;
  options.protection_bytes_per_key = 8;
  return options;
}

rocksdb::ReadOptions read_options() {
  rocksdb::ReadOptions options;
  options.verify_checksums = true;
  return options;
}

}  // namespace souk
