/// Which events still have effects under way: tells how far the dispatcher's checkpoint may move.
///
/// Thread-safety: every function from any thread.
#pragma once

#include <map>
#include <mutex>

#include "engine/base/position.hpp"

namespace souk {

class EffectLedger {
 public:
  /// Starts behind `done`: everything up to it is covered.
  explicit EffectLedger(Position done) : seen_(done) {}

  /// The event at `position` has `effects` effects (perhaps none). Positions come in order.
  void seen(Position position, std::size_t effects);
  /// One effect of the event at `position` was obeyed, and what came of it is ordered.
  void done(Position position);

  /// The highest position such that nothing at or below it has an effect under way.
  [[nodiscard]] Position covered() const;
  [[nodiscard]] std::size_t under_way() const;

 private:
  mutable std::mutex mutex_;
  Position seen_;
  std::map<Position, std::size_t> open_;
};

}  // namespace souk
