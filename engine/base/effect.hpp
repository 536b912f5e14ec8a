/// What an event asks for: the effects that `react` computes from it, delivered by actors/dispatcher.
///
/// An effect is data. A `Tell` stays in the same log and is obeyed at most once by its target, however often it is
/// delivered; its answer is an event of the target, whose own reaction tells the source.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/base/stream_id.hpp"
#include "engine/base/time.hpp"

namespace souk {

/// Sets (or moves) a timer of the entity itself; when it falls due the entity obeys what `E::on_timer` makes of it.
struct SetTimer {
  std::string name;
  Time due;
  friend bool operator==(const SetTimer&, const SetTimer&) = default;
};

/// Clears a timer of the entity itself; clearing one that is not set does nothing.
struct ClearTimer {
  std::string name;
  friend bool operator==(const ClearTimer&, const ClearTimer&) = default;
};

using TimerEffect = std::variant<SetTimer, ClearTimer>;

}  // namespace souk
