#include "engine/base/money.hpp"

namespace souk {
namespace {

Result<Money> in_range(std::int64_t amount, bool overflowed, Currency currency) {
  if (overflowed || amount > kIntegerMax || amount < -kIntegerMax) {
    return fail(ErrorCode::kInvalid, "money.out_of_range", "an amount may not exceed 2^53-1 minor units");
  }
  return Money{amount, currency};
}

}  // namespace

std::optional<Currency> Currency::parse(std::string_view text) {
  if (text.size() != 3) return std::nullopt;
  Currency currency;
  for (std::size_t i = 0; i < 3; ++i) {
    if (text[i] < 'A' || text[i] > 'Z') return std::nullopt;
    currency.letters[i] = text[i];
  }
  return currency;
}

Result<Money> add(const Money& a, const Money& b) {
  if (a.currency != b.currency) {
    return fail(ErrorCode::kInvalid, "money.currency_mismatch", "amounts of different currencies cannot be added");
  }
  std::int64_t sum = 0;
  const bool overflowed = __builtin_add_overflow(a.amount, b.amount, &sum);
  return in_range(sum, overflowed, a.currency);
}

Result<Money> multiply(const Money& price, std::int64_t quantity) {
  std::int64_t product = 0;
  const bool overflowed = __builtin_mul_overflow(price.amount, quantity, &product);
  return in_range(product, overflowed, price.currency);
}

}  // namespace souk
