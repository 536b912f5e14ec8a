/// The newest records of the log in memory: all that are not yet durable, and durable ones up to a bound.
///
/// Thread-safety: none.
#pragma once

#include <deque>
#include <vector>

#include "eventstore/record.hpp"

namespace souk {

class RecentRecords {
 public:
  RecentRecords(Position head, std::size_t records_max, std::size_t bytes_max)
      : first_(head.value + 1), records_max_(records_max), bytes_max_(bytes_max) {}

  void push(RecordPtr record, std::size_t bytes) {
    bytes_ += bytes;
    records_.push_back({std::move(record), bytes});
  }

  /// Drops what is beyond the bounds and durable. Handed out, for its destruction takes long.
  std::vector<RecordPtr> trim(Position durable) {
    std::vector<RecordPtr> dropped;
    while ((records_.size() > records_max_ || bytes_ > bytes_max_) && first_ <= durable.value) {
      bytes_ -= records_.front().bytes;
      dropped.push_back(std::move(records_.front().record));
      records_.pop_front();
      ++first_;
    }
    return dropped;
  }

  /// The first position that is here, or will be next.
  [[nodiscard]] Position first() const { return {first_}; }
  /// Null where the position is not here.
  [[nodiscard]] RecordPtr find(Position position) const {
    if (position.value < first_ || position.value - first_ >= records_.size()) return nullptr;
    return records_[position.value - first_].record;
  }
  /// At most `limit` records behind `after` and up to `until`, onto `out`. Precondition: `first()` ≤ `after` + 1.
  void read(Position after, Position until, std::size_t limit, std::vector<RecordPtr>& out) const {
    for (std::uint64_t at = after.value + 1; at <= until.value && limit > 0; ++at, --limit) {
      out.push_back(records_[at - first_].record);
    }
  }

 private:
  struct Entry {
    RecordPtr record;
    std::size_t bytes;
  };
  std::deque<Entry> records_;
  std::uint64_t first_;
  std::size_t bytes_ = 0;
  const std::size_t records_max_;
  const std::size_t bytes_max_;
};

}  // namespace souk
