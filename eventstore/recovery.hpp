/// What happens between opening the database and using it: everything is checked, and what can be rebuilt is. Internal.
#pragma once

#include "eventstore/chain.hpp"
#include "eventstore/sequencer.hpp"
#include "eventstore/witness.hpp"

namespace souk {

struct Recovered {
  Sequencer::Start start;
  Hash256 head_hash{};
};

/// Checks format and identity, the witness, the chain from the witness to the head, the indexes and the checkpoints;
/// brings indexes that lag behind the log up to it. Without a witness the whole chain is checked.
/// Errors: kUnavailable "store.format_newer", "store.foreign"; kInternal "store.head_lost", "store.chain_broken",
/// "store.checkpoint_ahead", "store.damaged".
Result<Recovered> recover(const RocksDb& rocks, const Id128& log_id, const std::optional<Witness>& witness);

}  // namespace souk
