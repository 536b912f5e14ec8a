/// Asks many entities of one kind at once and counts what came of it.
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "actors/entity_host.hpp"

namespace souk {

/// One of those that are asked.
template <Entity E>
struct BatchItem {
  typename E::Id id;
  typename E::Command command;
  AskOptions<E> options = {};
};

struct BatchCount {
  std::size_t done = 0;
  std::size_t kept = 0;  ///< it was so already, or is not wanted any more
  bool more = false;     ///< there were as many as were looked for: look again
  Position position;     ///< of all answers: a list that holds it finds none of them again
};

using BatchThen = std::function<void(Result<BatchCount>)>;

namespace batch_detail {

struct Batch {
  BatchThen then;
  std::mutex mutex;  ///< entities answer on their own threads
  BatchCount count;
  std::size_t missing = 0;
  std::optional<Error> failure;
};

inline void note(Batch& batch, Verdict verdict, const Error* refusal, Position position) {
  {
    const std::scoped_lock lock(batch.mutex);
    batch.count.position = std::max(batch.count.position, position);
    if (refusal == nullptr) {
      ++(verdict == Verdict::kDone ? batch.count.done : batch.count.kept);
    } else if (refusal->code == ErrorCode::kConflict || refusal->code == ErrorCode::kPreconditionFailed) {
      ++batch.count.kept;
    } else {
      batch.failure = *refusal;
    }
    if (--batch.missing > 0) return;
  }
  if (batch.failure) {
    batch.then(tl::unexpected<Error>(std::move(*batch.failure)));
  } else {
    batch.then(batch.count);
  }
}

}  // namespace batch_detail

/// Calls back once all have answered, on the thread of the last; at once if there are none. An entity that says that it
/// has changed since, or is not in the state for it any more, is kept; any other refusal is the batch's error. `limit`:
/// how many were looked for.
template <Entity E>
void ask_batch(EntityHost& host, std::vector<BatchItem<E>> items, std::size_t limit, const CommandMeta& meta,
               BatchThen then) {
  if (items.empty()) {
    then(BatchCount{});
    return;
  }
  auto batch = std::make_shared<batch_detail::Batch>();
  batch->then = std::move(then);
  batch->missing = items.size();
  batch->count.more = items.size() == limit;
  for (auto& item : items) {
    host.ask<E>(item.id, std::move(item.command), meta, std::move(item.options), [batch](const Judged<E>& judged) {
      batch_detail::note(*batch, judged.verdict, judged.refusal, judged.position);
    });
  }
}

}  // namespace souk
