/// A part of a list of a read model.
#pragma once

#include <optional>
#include <vector>

#include "engine/base/position.hpp"

namespace souk {

template <class T>
struct PageOf {
  std::vector<T> items;
  std::optional<Position> next;  ///< give it as `after` for what follows; none: this is the end
  Position position;             ///< of the log, at which this was the answer
};

}  // namespace souk
