/// Places in the log and in a stream, as types of their own.
#pragma once

#include <compare>
#include <cstdint>

namespace souk {

/// A place in the log. The first event has 1; 0 is "before everything". Gapless.
struct Position {
  std::uint64_t value = 0;
  friend auto operator<=>(const Position&, const Position&) = default;
};

/// How many events a stream has; its first event has version 1. Gapless.
struct Version {
  std::uint64_t value = 0;
  friend auto operator<=>(const Version&, const Version&) = default;
};

}  // namespace souk
