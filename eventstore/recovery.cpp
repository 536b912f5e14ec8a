#include "eventstore/recovery.hpp"

#include "eventstore/data_directory.hpp"
#include "eventstore/keys.hpp"
#include "eventstore/log_batch.hpp"
#include "eventstore/record_codec.hpp"

namespace souk {
namespace {

constexpr std::size_t kRepairBatchBytes = std::size_t{4} * 1024 * 1024;

tl::unexpected<Error> head_lost(Position head, const std::string& who, Position knows) {
  return fail(ErrorCode::kInternal, "store.head_lost",
              "the log ends at position " + std::to_string(head.value) + ", but " + who + " knows of position " +
                  std::to_string(knows.value) + ": acknowledged events are missing; restore a backup");
}

Result<std::optional<std::string>> get(const RocksDb& rocks, rocksdb::ColumnFamilyHandle* family,
                                       std::string_view key) {
  std::string value;
  const auto status = rocks.db->Get(read_options(), family, slice(key), &value);
  if (status.IsNotFound()) return std::optional<std::string>{};
  if (!status.ok()) return tl::unexpected<Error>(store_error(status, "reading " + family->GetName()));
  return std::optional{std::move(value)};
}

/// Nothing where the key is missing or no number.
Result<std::optional<std::uint64_t>> get_number(const RocksDb& rocks, rocksdb::ColumnFamilyHandle* family,
                                                std::string_view key) {
  const auto value = get(rocks, family, key);
  if (!value) return tl::unexpected<Error>(value.error());
  return *value ? keys::parse_number(**value) : std::nullopt;
}

Result<void> write_meta(const RocksDb& rocks, const Id128& log_id, std::uint32_t epoch) {
  LogBatch batch(rocks);
  batch.put_meta(keys::kFormat, keys::Number(kStoreFormat).bytes());
  batch.put_meta(keys::kLogId, log_id.str());
  batch.put_meta(keys::kEpoch, keys::Number(epoch).bytes());
  if (const auto status = batch.write(true); !status.ok()) {
    return tl::unexpected<Error>(store_error(status, "writing meta"));
  }
  return {};
}

/// The epoch, after format and identity were found right. A database without meta is new or lost the family.
Result<std::uint32_t> check_meta(const RocksDb& rocks, const Id128& log_id, const std::optional<Witness>& witness) {
  const auto format = get_number(rocks, rocks.meta, keys::kFormat);
  if (!format) return tl::unexpected<Error>(format.error());
  if (!*format) {
    const std::uint32_t epoch = witness ? witness->epoch : 1;
    if (auto done = write_meta(rocks, log_id, epoch); !done) return tl::unexpected<Error>(std::move(done.error()));
    return epoch;
  }
  if (**format > kStoreFormat) {
    return fail(ErrorCode::kUnavailable, "store.format_newer",
                "the database has format " + std::to_string(**format) + ", this program knows up to " +
                    std::to_string(kStoreFormat) + "; start it with a newer program");
  }
  const auto stored_id = get(rocks, rocks.meta, keys::kLogId);
  if (!stored_id) return tl::unexpected<Error>(stored_id.error());
  if (*stored_id != log_id.str()) {
    return fail(ErrorCode::kUnavailable, "store.foreign",
                "the directory's identity names log " + log_id.str() + ", its database is of log " +
                    stored_id->value_or("unknown") + "; put back the files that belong together");
  }
  const auto epoch = get_number(rocks, rocks.meta, keys::kEpoch);
  if (!epoch) return tl::unexpected<Error>(epoch.error());
  return static_cast<std::uint32_t>(epoch->value_or(1));
}

/// Where checking of the chain may begin.
Result<ChainEnd> check_witness(const RocksDb& rocks, const Id128& log_id, std::uint32_t epoch,
                               const std::optional<Witness>& witness, Position head) {
  if (!witness) return ChainEnd{};
  if (witness->log_id != log_id || witness->epoch != epoch) {
    return fail(ErrorCode::kUnavailable, "store.foreign",
                "the witness is of another log or epoch than the database; put back the files that belong together");
  }
  if (witness->position > head) return head_lost(head, "the witness", witness->position);
  if (witness->position.value == 0) return ChainEnd{};
  const auto hash = stored_hash(rocks, witness->position);
  if (!hash) return tl::unexpected<Error>(hash.error());
  if (*hash != witness->hash) {
    return fail(ErrorCode::kInternal, "store.chain_broken",
                "the record at position " + std::to_string(witness->position.value) +
                    " is not the one that the witness saw; restore a backup");
  }
  return ChainEnd{witness->position, witness->hash};
}

Result<void> read_checkpoints(const RocksDb& rocks, Sequencer::Start& start) {
  const std::unique_ptr<rocksdb::Iterator> at(rocks.db->NewIterator(read_options(), rocks.meta));
  for (at->Seek(slice(keys::kCheckpointPrefix)); at->Valid() && view(at->key()).starts_with(keys::kCheckpointPrefix);
       at->Next()) {
    const std::string consumer(view(at->key()).substr(keys::kCheckpointPrefix.size()));
    const auto position = keys::parse_number(view(at->value()));
    if (!position)
      return fail(ErrorCode::kInternal, "store.damaged", "the checkpoint of " + consumer + " is malformed");
    if (*position > start.head.value) {
      return fail(ErrorCode::kInternal, "store.checkpoint_ahead",
                  consumer + " has got to position " + std::to_string(*position) + ", but the log ends at " +
                      std::to_string(start.head.value) + ": acknowledged events are missing; restore a backup");
    }
    start.checkpoints.emplace(consumer, Position{*position});
  }
  if (!at->status().ok()) return tl::unexpected<Error>(store_error(at->status(), "reading the checkpoints"));
  return {};
}

Result<void> repair(const RocksDb& rocks, Index index, Position head) {
  const auto stored = get_number(rocks, family_of(rocks, index), keys::kHighKey);
  if (!stored) return tl::unexpected<Error>(stored.error());
  const Position high{stored->value_or(0)};
  if (high > head) return head_lost(head, std::string("the family ") + name_of(index), high);
  if (high == head) return {};

  ChainEnd from{high, {}};
  if (high.value == 0) {
    LogBatch batch(rocks);
    batch.clear(index);
    if (const auto status = batch.write(false); !status.ok()) {
      return tl::unexpected<Error>(store_error(status, "clearing a family"));
    }
  } else {
    const auto hash = stored_hash(rocks, high);
    if (!hash) return tl::unexpected<Error>(hash.error());
    from.hash = *hash;
  }
  LogBatch batch(rocks);
  const auto flush = [&](Position position) -> Result<void> {
    batch.put_high(index, position);
    const auto status = batch.write(true);
    if (!status.ok()) return tl::unexpected<Error>(store_error(status, "repairing a family"));
    batch.reset();
    return {};
  };
  const auto walked =
      walk_chain(rocks, read_options(), from, [&](const EventRecord& record, std::string_view /*stored*/) {
        batch.index_record(record, index);
        return batch.bytes() < kRepairBatchBytes ? Result<void>{} : flush(record.position);
      });
  if (!walked) return tl::unexpected<Error>(walked.error());
  return flush(walked->position);
}

}  // namespace

Result<Recovered> recover(const RocksDb& rocks, const Id128& log_id, const std::optional<Witness>& witness) {
  const auto epoch = check_meta(rocks, log_id, witness);
  if (!epoch) return tl::unexpected<Error>(epoch.error());
  const auto head = stored_head(rocks, read_options());
  if (!head) return tl::unexpected<Error>(head.error());
  const auto from = check_witness(rocks, log_id, *epoch, witness, head->position);
  if (!from) return tl::unexpected<Error>(from.error());

  Recovered out{{*epoch, head->position, {}, {}}, head->hash};
  const auto walked =
      walk_chain(rocks, read_options(), *from, [](const EventRecord&, std::string_view) { return Result<void>{}; });
  if (!walked) return tl::unexpected<Error>(walked.error());
  if (head->position.value > 0) {
    std::string value;
    const auto status = rocks.db->Get(read_options(), rocks.log, slice(keys::Number(head->position).bytes()), &value);
    if (!status.ok()) return tl::unexpected<Error>(store_error(status, "reading the head"));
    const auto last = decode_stored_record(value);
    if (!last) return tl::unexpected<Error>(last.error());
    out.start.last_time = last->recorded_at;
  }
  for (const auto index : kIndexes) {
    if (auto done = repair(rocks, index, head->position); !done) return tl::unexpected<Error>(std::move(done.error()));
  }
  if (auto done = read_checkpoints(rocks, out.start); !done) return tl::unexpected<Error>(std::move(done.error()));
  return out;
}

}  // namespace souk
