/// Walking the stored log record by record and checking that each hash continues the one before. Internal.
#pragma once

#include <functional>

#include "engine/base/result.hpp"
#include "eventstore/record.hpp"
#include "eventstore/rocks_db.hpp"

namespace souk {

struct ChainEnd {
  Position position;
  Hash256 hash{};
};

/// Sees every record behind `from` and up to the head, `stored` being its value; an error ends the walk.
using ChainVisitor = std::function<Result<void>(const EventRecord& record, std::string_view stored)>;

/// Errors: kInternal "store.chain_broken", "store.record_damaged", "store.damaged"; kUnavailable "store.io".
Result<ChainEnd> walk_chain(const RocksDb& rocks, const rocksdb::ReadOptions& options, ChainEnd from,
                            const ChainVisitor& visit);

/// The head as the database has it, 0 where the log is empty.
Result<ChainEnd> stored_head(const RocksDb& rocks, const rocksdb::ReadOptions& options);
/// The hash stored with a position. Errors: also kInternal "store.chain_broken" where it is missing.
Result<Hash256> stored_hash(const RocksDb& rocks, Position position);

}  // namespace souk
