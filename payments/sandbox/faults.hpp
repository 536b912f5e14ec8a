/// What the sandbox does wrong when it is asked to, so that the shop can be seen to bear it.
#pragma once

#include <vector>

#include "engine/base/codec.hpp"

namespace souk::sandbox {

enum class Fault : std::uint8_t {
  kLost,         ///< the callback never comes
  kDoubled,      ///< it comes twice
  kLate,         ///< it comes after a while
  kWrongAmount,  ///< it speaks of another amount
  kFailCreate,   ///< these are answered by an error
  kFailQuery,
  kFailClose,
  kFailRefund,
  kUnsureRefund,  ///< the money goes back, but the answer does not say so
};

}  // namespace souk::sandbox

template <>
struct souk::EnumNames<souk::sandbox::Fault> {
  static constexpr std::array<std::string_view, 9> values{"lost",         "doubled",     "late",
                                                          "wrong_amount", "fail_create", "fail_query",
                                                          "fail_close",   "fail_refund", "unsure_refund"};
};

namespace souk::sandbox {

using Faults = std::vector<Fault>;

bool has(const Faults& faults, Fault fault);

/// "lost, late" → both; nothing for a name that is none.
std::optional<Faults> parse_faults(std::string_view text);

}  // namespace souk::sandbox
