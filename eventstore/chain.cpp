#include "eventstore/chain.hpp"

#include "eventstore/keys.hpp"
#include "eventstore/record_codec.hpp"

namespace souk {
namespace {

tl::unexpected<Error> broken(Position at, std::string_view what) {
  return fail(ErrorCode::kInternal, "store.chain_broken",
              "the log is broken at position " + std::to_string(at.value) + ": " + std::string(what) +
                  "; nothing behind it can be trusted: restore a backup");
}

}  // namespace

Result<ChainEnd> walk_chain(const RocksDb& rocks, const rocksdb::ReadOptions& options, ChainEnd from,
                            const ChainVisitor& visit) {
  auto scan = options;
  scan.fill_cache = false;
  const std::unique_ptr<rocksdb::Iterator> at(rocks.db->NewIterator(scan, rocks.log));
  Position next{from.position.value + 1};
  for (at->Seek(slice(keys::Number(next).bytes())); at->Valid(); at->Next()) {
    if (view(at->key()) != keys::Number(next).bytes()) return broken(next, "the record is missing");
    const auto stored = split_stored(view(at->value()));
    if (!stored) return broken(next, "the record is cut off");
    if (chain_hash(from.hash, stored->bytes) != stored->hash) {
      return broken(next, "its hash does not continue the one before");
    }
    const auto record = decode_record(stored->bytes);
    if (!record) return tl::unexpected<Error>(record.error());
    if (record->position != next) return broken(next, "the record belongs elsewhere");
    if (auto seen = visit(*record, view(at->value())); !seen) return tl::unexpected<Error>(std::move(seen.error()));
    from = {next, stored->hash};
    ++next.value;
  }
  if (!at->status().ok()) return tl::unexpected<Error>(store_error(at->status(), "reading the log"));
  return from;
}

Result<ChainEnd> stored_head(const RocksDb& rocks, const rocksdb::ReadOptions& options) {
  const std::unique_ptr<rocksdb::Iterator> at(rocks.db->NewIterator(options, rocks.log));
  at->SeekToLast();
  if (!at->status().ok()) return tl::unexpected<Error>(store_error(at->status(), "reading the head of the log"));
  if (!at->Valid()) return ChainEnd{};
  const auto position = keys::parse_number(view(at->key()));
  const auto stored = split_stored(view(at->value()));
  if (!position || !stored) return broken({position.value_or(0)}, "the last record is malformed");
  return ChainEnd{{*position}, stored->hash};
}

Result<Hash256> stored_hash(const RocksDb& rocks, Position position) {
  rocksdb::PinnableSlice value;
  const auto status = rocks.db->Get(read_options(), rocks.log, slice(keys::Number(position).bytes()), &value);
  if (status.IsNotFound()) return broken(position, "the record is missing");
  if (!status.ok()) return tl::unexpected<Error>(store_error(status, "reading the log"));
  const auto stored = split_stored(view(value));
  if (!stored) return broken(position, "the record is cut off");
  return stored->hash;
}

}  // namespace souk
