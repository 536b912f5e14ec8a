#include "eventstore/committer.hpp"

#include <chrono>
#include <cstring>

#include "eventstore/log_batch.hpp"
#include "eventstore/record_codec.hpp"
#include "eventstore/thread_name.hpp"

namespace souk {
namespace {

/// About what an event costs in a batch besides its record.
constexpr std::size_t kIndexBytesPerEvent = 160;

/// Completes the stored bytes with their hashes and puts the records into the batch.
std::size_t put_append(LogBatch& batch, PendingAppend& append, Hash256& hash) {
  std::size_t offset = 0;
  for (const auto& record : append.records) {
    const std::size_t size = encoded_size(*record);
    char* at = append.stored.data() + offset;
    hash = chain_hash(hash, {at, size});
    std::memcpy(at + size, hash.data(), hash.size());
    record->hash = hash;
    batch.put_record(*record, {at, size + hash.size()});
    offset += size + hash.size();
  }
  return offset;
}

}  // namespace

Committer::Committer(const RocksDb& rocks, Sequencer& sequencer, LogListeners& listeners, WitnessKeeper& witness,
                     FailStop& fail_stop, const Hash256& head_hash)
    : rocks_(rocks),
      sequencer_(sequencer),
      listeners_(listeners),
      witness_(witness),
      fail_stop_(fail_stop),
      hash_(head_hash),
      thread_([this] { run(); }) {}

Committer::~Committer() {
  sequencer_.close();
  thread_.join();
}

LogStats Committer::stats() const {
  LogStats stats;
  stats.commits = commits_.load(std::memory_order_relaxed);
  stats.events = events_.load(std::memory_order_relaxed);
  stats.bytes = bytes_.load(std::memory_order_relaxed);
  stats.commit_us_total = commit_us_total_.load(std::memory_order_relaxed);
  return stats;
}

void Committer::run() {
  name_this_thread("souk:commit");
  for (;;) {
    CommitWork work = sequencer_.take();
    if (work.empty() || !commit(work)) return;
  }
}

bool Committer::commit(CommitWork& work) {
  std::size_t expected = 1'024;
  for (const auto& append : work.appends) {
    expected += append.stored.size() + append.records.size() * kIndexBytesPerEvent;
  }
  LogBatch batch(rocks_, expected);
  for (const auto& timer : work.forgotten) batch.forget_timer(timer);
  std::size_t bytes = 0;
  std::size_t events = 0;
  for (auto& append : work.appends) {
    bytes += put_append(batch, append, hash_);
    events += append.records.size();
  }
  for (const auto& checkpoint : work.checkpoints) batch.put_checkpoint(checkpoint.consumer, checkpoint.position);
  Position head = sequencer_.durable();
  if (!work.appends.empty()) {
    head = work.appends.back().records.back()->position;
    for (const auto index : kIndexes) batch.put_high(index, head);
  }

  const auto begin = std::chrono::steady_clock::now();
  const auto status = batch.write(true);
  const auto took = std::chrono::steady_clock::now() - begin;
  if (!status.ok()) {
    // A failed sync may have lost pages that a second one would not write again: there is no trying once more.
    fail_stop_.fail("the log cannot be written, so nothing more can be acknowledged: " + status.ToString());
  }
  if (fail_stop_.failed()) return false;
  commits_.fetch_add(1, std::memory_order_relaxed);
  events_.fetch_add(events, std::memory_order_relaxed);
  bytes_.fetch_add(bytes, std::memory_order_relaxed);
  const auto took_us = static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(took).count());
  commit_us_total_.fetch_add(took_us, std::memory_order_relaxed);
  sequencer_.committed(head, work.appends);
  if (!work.appends.empty()) {
    listeners_.tell_durable(head);
    witness_.note(head, hash_);
  }
  listeners_.tell_committed({work.appends.size(), events, bytes, took_us});
  return true;
}

}  // namespace souk
