/// Refusals of a shared store that hold for a while: who goes on asking is refused here, and the store hears of it once
/// a second at most.
///
/// A refused counter is not charged and nobody gives back to it, so until its time it would be refused again. A store
/// that forgot its counters is therefore noticed a second late, no more.
/// Thread-safety: any thread.
/// Limits: 4,096 of them; a new one takes the place of an older one, which then costs a question.
#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

#include "engine/base/id.hpp"
#include "limits/rate.hpp"

namespace souk::limits {

class Refusals {
 public:
  void remember(const Id128& key, const Reading& refused, Time now);
  /// As it reads now.
  [[nodiscard]] std::optional<Reading> find(const Id128& key, Time now) const;

 private:
  static constexpr std::size_t kSlots = 4'096;
  static constexpr std::size_t kShards = 16;
  static constexpr Duration kLongest = Duration::seconds(1);

  struct Slot {
    Id128 key;
    Time said;
    Reading refused;
  };

  std::vector<Slot> slots_{kSlots};
  mutable std::array<std::mutex, kShards> mutexes_;
};

}  // namespace souk::limits
