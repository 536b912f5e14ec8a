/// The names of counters: keyed hashes of rule and subject, so that nobody can choose which counters meet, and no
/// address leaves the process in the clear.
///
/// Nodes that count together must have the same secret.
/// Thread-safety: const after construction; any thread may call.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "engine/base/id.hpp"

namespace souk::limits {

class CounterKeys {
 public:
  using Secret = std::array<std::uint8_t, 16>;

  explicit CounterKeys(const Secret& secret) : secret_(secret) {}

  [[nodiscard]] Id128 of_text(std::string_view text) const;
  [[nodiscard]] Id128 of(const Id128& rule, const Id128& subject) const;

 private:
  Secret secret_;
};

}  // namespace souk::limits
