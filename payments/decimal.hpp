/// Amounts as providers write them, "12.34", to and from integer minor units: exactly, without a floating point number.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace souk {

/// 1234 → "12.34". For currencies with two decimals.
std::string decimal_text(std::int64_t minor);

/// "12.34", "12.3" and "12" → minor units; a sign only where it is allowed. Nothing for anything else: other notations,
/// a third decimal, or more than a JSON number holds exactly.
std::optional<std::int64_t> parse_decimal(std::string_view text, bool may_be_negative = false);

}  // namespace souk
