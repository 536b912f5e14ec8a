#include "engine/base/time.hpp"

#include <chrono>

namespace souk {
namespace {

constexpr std::size_t kTextSize = std::string_view("2026-11-23T07:31:46.000001Z").size();
constexpr std::int64_t kDayUs = 86'400'000'000;

void write_digits(char* out, int width, std::int64_t value) {
  for (int i = width; i-- > 0;) {
    out[i] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
}

/// Returns -1 when a character is no digit.
std::int64_t read_digits(std::string_view text) {
  std::int64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return -1;
    value = value * 10 + (c - '0');
  }
  return value;
}

}  // namespace

std::string Time::str() const {
  std::int64_t days = us / kDayUs;
  std::int64_t rest = us % kDayUs;
  if (rest < 0) {
    rest += kDayUs;
    --days;
  }
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{days}}};
  std::string out = "0000-00-00T00:00:00.000000Z";
  write_digits(out.data(), 4, static_cast<int>(date.year()));
  write_digits(out.data() + 5, 2, static_cast<unsigned>(date.month()));
  write_digits(out.data() + 8, 2, static_cast<unsigned>(date.day()));
  write_digits(out.data() + 11, 2, rest / 3'600'000'000);
  write_digits(out.data() + 14, 2, rest / 60'000'000 % 60);
  write_digits(out.data() + 17, 2, rest / 1'000'000 % 60);
  write_digits(out.data() + 20, 6, rest % 1'000'000);
  return out;
}

std::optional<Time> Time::parse(std::string_view text) {
  if (text.size() != kTextSize || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' ||
      text[16] != ':' || text[19] != '.' || text[26] != 'Z') {
    return std::nullopt;
  }
  const auto year = read_digits(text.substr(0, 4));
  const auto month = read_digits(text.substr(5, 2));
  const auto day = read_digits(text.substr(8, 2));
  const auto hour = read_digits(text.substr(11, 2));
  const auto minute = read_digits(text.substr(14, 2));
  const auto second = read_digits(text.substr(17, 2));
  const auto micro = read_digits(text.substr(20, 6));
  if (year < 1 || month < 0 || day < 0 || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 ||
      second > 59 || micro < 0) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year{static_cast<int>(year)},
                                         std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok()) return std::nullopt;
  const std::int64_t days = std::chrono::sys_days{date}.time_since_epoch().count();
  return Time{days * kDayUs + ((hour * 60 + minute) * 60 + second) * 1'000'000 + micro};
}

std::optional<Time> Time::parse_abridged(std::string_view text) {
  constexpr std::string_view kEnd = "T00:00:00.000000Z";
  constexpr std::size_t kDateSize = kTextSize - kEnd.size();
  if (text.size() == kDateSize) return parse(std::string(text) + std::string(kEnd));
  if (text.size() > kTextSize || !text.ends_with('Z')) return std::nullopt;
  std::string whole(text.substr(0, text.size() - 1));
  constexpr std::size_t kSecondsSize = std::string_view("2026-11-23T07:31:46").size();
  if (whole.size() == kSecondsSize + 1) return std::nullopt;  // a point without decimals
  if (whole.size() == kSecondsSize) whole += '.';
  whole.resize(kTextSize - 1, '0');
  return parse(whole + "Z");
}

}  // namespace souk
