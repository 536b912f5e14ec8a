/// Reads the log for several followers: those that catch up side by side share what one of them has read of it.
///
/// Events far behind the head are read in chunks that begin at fixed places, and the last few chunks are kept. Whoever
/// is ahead of the others waits a little before a chunk is dropped that somebody close behind has not come to, so that
/// each is read once. What lies at the head is in the log's own memory and read from there.
///
/// Thread-safety: any thread; a Seat belongs to one at a time. Ownership: the log must outlive it.
/// Limits: 4 chunks of 5,000 events.
#pragma once

#include <array>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "engine/base/result.hpp"
#include "eventstore/event_log.hpp"

namespace souk {

class LogReader {
 public:
  struct Patience {
    std::chrono::milliseconds longest{300};   ///< that one waits for others
    std::chrono::milliseconds active{1'000};  ///< whoever has not read for so long is not waited for
  };
  explicit LogReader(EventLog& log) : LogReader(log, Patience()) {}
  LogReader(EventLog& log, Patience patience) : log_(log), patience_(patience) {}

  using Chunk = std::shared_ptr<const std::vector<RecordPtr>>;

  /// Where one of those who read is, as far as the others need to know.
  class Seat {
    friend class LogReader;
    static constexpr std::uint64_t kNowhere = ~std::uint64_t{0};
    std::uint64_t chunk = kNowhere;
    std::chrono::steady_clock::time_point read_at;
  };
  /// For as long as it is kept.
  std::shared_ptr<Seat> take_seat();

  /// The durable events behind `after`, at most `limit`: those of a chunk from its `begin` on.
  struct Read {
    Chunk chunk;
    std::size_t begin = 0;
    std::size_t end = 0;
  };
  Result<Read> read(Seat& seat, Position after, std::size_t limit);

 private:
  struct Slot {
    std::mutex reading;
    std::uint64_t number = Seat::kNowhere;
    Chunk chunk;
  };

  void move(Seat& seat, std::uint64_t chunk);
  void wait_for_those_behind(std::uint64_t chunk);
  [[nodiscard]] bool is_somebody_behind(std::uint64_t chunk);

  EventLog& log_;
  const Patience patience_;
  /// A chunk has one slot that it may be in.
  std::array<Slot, 4> slots_;
  std::mutex mutex_;  ///< guards what follows, and the seats
  std::condition_variable moved_;
  std::vector<std::weak_ptr<Seat>> seats_;
};

}  // namespace souk
