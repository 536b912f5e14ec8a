/// Amounts of money in integer minor units (cents, fen) with their currency.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/base/fields.hpp"
#include "engine/base/result.hpp"

namespace souk {

/// No amount and no count may exceed what a JSON number holds exactly everywhere.
inline constexpr std::int64_t kIntegerMax = (std::int64_t{1} << 53) - 1;

/// Three capital letters of ISO 4217. Which currencies are accepted is the gateway's business.
struct Currency {
  std::array<char, 3> letters{'C', 'N', 'Y'};

  static std::optional<Currency> parse(std::string_view text);
  [[nodiscard]] std::string_view str() const { return {letters.data(), letters.size()}; }
  friend bool operator==(const Currency&, const Currency&) = default;
};

/// Limits: 0 ≤ |amount| ≤ 2^53−1.
struct Money {
  std::int64_t amount = 0;  ///< minor units
  Currency currency;

  static constexpr auto fields() {
    return field_list(field("amount", &Money::amount), field("currency", &Money::currency));
  }
  friend bool operator==(const Money&, const Money&) = default;
};

/// Errors: kInvalid "money.currency_mismatch", "money.out_of_range".
Result<Money> add(const Money& a, const Money& b);
/// Errors: kInvalid "money.out_of_range".
Result<Money> multiply(const Money& price, std::int64_t quantity);

}  // namespace souk
