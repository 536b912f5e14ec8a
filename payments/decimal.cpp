#include "payments/decimal.hpp"

#include <algorithm>

#include "engine/base/money.hpp"

namespace souk {
namespace {

constexpr std::size_t kDigitsMax = 14;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

std::string decimal_text(std::int64_t minor) {
  const bool negative = minor < 0;
  const std::int64_t all = negative ? -minor : minor;
  std::string out = negative ? "-" : "";
  out += std::to_string(all / 100);
  out.push_back('.');
  out.push_back(static_cast<char>('0' + all % 100 / 10));
  out.push_back(static_cast<char>('0' + all % 10));
  return out;
}

std::optional<std::int64_t> parse_decimal(std::string_view text, bool may_be_negative) {
  const bool negative = may_be_negative && text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const auto point = std::min(text.find('.'), text.size());
  const auto whole = text.substr(0, point);
  auto rest = text.substr(point);
  if (whole.empty() || whole.size() > kDigitsMax || !std::ranges::all_of(whole, is_digit)) return std::nullopt;
  if (!rest.empty()) {
    rest.remove_prefix(1);
    if (rest.empty() || rest.size() > 2 || !std::ranges::all_of(rest, is_digit)) return std::nullopt;
  }
  std::int64_t minor = 0;
  for (const char c : whole) minor = minor * 10 + (c - '0');
  minor = minor * 100;
  if (!rest.empty()) minor += (rest[0] - '0') * 10;
  if (rest.size() == 2) minor += rest[1] - '0';
  if (minor > kIntegerMax) return std::nullopt;
  return negative ? -minor : minor;
}

}  // namespace souk
