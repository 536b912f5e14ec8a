/// Reads the log for several followers: those that catch up side by side share what one of them has read.
///
/// Events far behind the head are read in chunks that begin at fixed places, and the last few chunks are kept. What
/// lies at the head is in the log's own memory and read from there.
///
/// Thread-safety: any thread. Ownership: the log must outlive it.
/// Limits: 4 chunks of 5,000 events.
#pragma once

#include <array>
#include <memory>
#include <mutex>
#include <vector>

#include "engine/base/result.hpp"
#include "eventstore/event_log.hpp"

namespace souk {

class LogReader {
 public:
  explicit LogReader(EventLog& log) : log_(log) {}

  using Chunk = std::shared_ptr<const std::vector<RecordPtr>>;

  /// The durable events behind `after`, at most `limit`: those of a chunk from its `begin` on.
  struct Read {
    Chunk chunk;
    std::size_t begin = 0;
    std::size_t end = 0;
  };
  Result<Read> read(Position after, std::size_t limit);

 private:
  struct Slot {
    std::mutex reading;
    std::uint64_t number = ~std::uint64_t{0};
    Chunk chunk;
  };

  EventLog& log_;
  /// A chunk has one slot that it may be in.
  std::array<Slot, 4> slots_;
};

}  // namespace souk
