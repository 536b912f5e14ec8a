/// The last ordered version of the streams used most recently, so that most appends need no look-up on disk.
///
/// Two generations: what is used moves to the young one; when that is full the old one is dropped as a whole. The old
/// one is dropped only when all it knows is durable, so a version that is still on its way is never forgotten.
/// Thread-safety: none. Limits: about twice `streams_max`, and more only while the disk lags behind.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <utility>

#include "engine/base/position.hpp"
#include "engine/base/stream_id.hpp"

namespace souk {

class StreamHeads {
 public:
  using Generation = std::unordered_map<StreamId, Version>;

  explicit StreamHeads(std::size_t streams_max) : streams_max_(streams_max) {}

  /// The version, to be changed in place, or null. Valid until the next `insert`.
  Version* find(const StreamId& stream) {
    if (const auto found = young_.find(stream); found != young_.end()) return &found->second;
    const auto found = old_.find(stream);
    if (found == old_.end()) return nullptr;
    return &young_.insert(old_.extract(found)).position->second;
  }

  Version& insert(const StreamId& stream, Version version) {
    return young_.insert_or_assign(stream, version).first->second;
  }

  /// To be called now and then with the heads of the log; hands out what was dropped, for its destruction takes long.
  Generation rotate_if_full(Position ordered, Position durable) {
    if (young_.size() < streams_max_ || durable < old_sealed_at_) return {};
    Generation dropped = std::exchange(old_, std::exchange(young_, {}));
    old_sealed_at_ = ordered;
    ++rotations_;
    return dropped;
  }
  /// As long as it is the same, nothing that was found or inserted has been dropped.
  [[nodiscard]] std::uint64_t rotations() const { return rotations_; }

 private:
  const std::size_t streams_max_;
  Generation young_;
  Generation old_;
  Position old_sealed_at_;  ///< the ordered head when the old generation was last written
  std::uint64_t rotations_ = 0;
};

}  // namespace souk
