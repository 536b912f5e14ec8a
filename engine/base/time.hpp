/// Moments and spans in microseconds, and their RFC 3339 text. The engine never asks what time it is.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace souk {

/// A span in microseconds.
struct Duration {
  std::int64_t us = 0;

  static constexpr Duration seconds(std::int64_t n) { return {n * 1'000'000}; }
  static constexpr Duration minutes(std::int64_t n) { return seconds(n * 60); }
  static constexpr Duration milliseconds(std::int64_t n) { return {n * 1'000}; }
  friend auto operator<=>(const Duration&, const Duration&) = default;
};

/// Microseconds since 1970-01-01T00:00:00Z. Text: "2026-11-23T07:31:46.000001Z", always six decimals, always UTC.
struct Time {
  std::int64_t us = 0;

  /// Accepts the canonical text only. Years 0001 to 9999.
  static std::optional<Time> parse(std::string_view text);
  /// As people write it in a query: decimals may be left out, and so may all of the time, for the day's first moment.
  static std::optional<Time> parse_abridged(std::string_view text);
  [[nodiscard]] std::string str() const;

  friend Time operator+(Time t, Duration d) { return {t.us + d.us}; }
  friend Duration operator-(Time a, Time b) { return {a.us - b.us}; }
  friend auto operator<=>(const Time&, const Time&) = default;
};

}  // namespace souk
