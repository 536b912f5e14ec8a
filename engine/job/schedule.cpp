#include "engine/job/schedule.hpp"

#include <bit>

namespace souk {
namespace {

constexpr std::int64_t kMinuteUs = 60'000'000;
constexpr int kHourMinutes = 60;
constexpr int kDayMinutes = 24 * kHourMinutes;
constexpr Time kFirst{-62'135'596'800'000'000};  ///< 0001-01-01T00:00:00Z
constexpr Time kEnd{253'402'300'800'000'000};    ///< 10000-01-01T00:00:00Z
/// Dates fall on the same days of the week again after 400 years: what does not occur within them never does.
constexpr std::int64_t kCycleDays = 146'097;

constexpr std::int64_t floor_div(std::int64_t a, std::int64_t b) {
  return a / b - (a % b < 0 ? 1 : 0);
}

struct Date {
  unsigned month = 1;
  unsigned day = 1;
};

/// Of a number of days since 1970. Source: Howard Hinnant, "chrono-compatible low-level date algorithms".
constexpr Date date_of(std::int64_t days) {
  const std::int64_t shifted = days + 719'468;
  const std::int64_t era = floor_div(shifted, kCycleDays);
  const std::int64_t of_era = shifted - era * kCycleDays;
  const std::int64_t year = (of_era - of_era / 1'460 + of_era / 36'524 - of_era / 146'096) / 365;
  const std::int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
  const std::int64_t month = (5 * of_year + 2) / 153;
  return {static_cast<unsigned>(month < 10 ? month + 3 : month - 9),
          static_cast<unsigned>(of_year - (153 * month + 2) / 5 + 1)};
}

/// 0 is Sunday; 1970 began on a Thursday.
constexpr unsigned weekday_of(std::int64_t days) {
  return static_cast<unsigned>(days + 4 - floor_div(days + 4, 7) * 7);
}

constexpr bool has(std::uint64_t bits, unsigned index) {
  return (bits >> index & 1U) != 0;
}

std::optional<Time> within_years(std::int64_t us) {
  const Time time{us};
  if (time < kFirst || time >= kEnd) return std::nullopt;
  return time;
}

}  // namespace

bool Schedule::has_day(std::int64_t day) const {
  const Date date = date_of(day);
  if (!has(months_, date.month)) return false;
  const bool by_date = has(days_, date.day);
  const bool by_week = has(weekdays_, weekday_of(day));
  return either_day_ ? by_date || by_week : by_date && by_week;
}

int Schedule::first_minute(int from) const {
  for (int hour = from / kHourMinutes; hour < 24; ++hour) {
    if (!has(hours_, static_cast<unsigned>(hour))) continue;
    const int skipped = hour == from / kHourMinutes ? from % kHourMinutes : 0;
    const std::uint64_t left = minutes_ >> skipped;
    if (left != 0) return hour * kHourMinutes + skipped + std::countr_zero(left);
  }
  return -1;
}

int Schedule::last_minute(int until) const {
  for (int hour = until / kHourMinutes; hour >= 0; --hour) {
    if (!has(hours_, static_cast<unsigned>(hour))) continue;
    const int most = hour == until / kHourMinutes ? until % kHourMinutes : kHourMinutes - 1;
    const std::uint64_t left = minutes_ << (63 - most);
    if (left != 0) return hour * kHourMinutes + most - std::countl_zero(left);
  }
  return -1;
}

int Schedule::count_minutes(int from, int until) const {
  int count = 0;
  for (int hour = from / kHourMinutes; hour <= until / kHourMinutes; ++hour) {
    if (!has(hours_, static_cast<unsigned>(hour))) continue;
    const int least = hour == from / kHourMinutes ? from % kHourMinutes : 0;
    const int most = hour == until / kHourMinutes ? until % kHourMinutes : kHourMinutes - 1;
    count += std::popcount(minutes_ >> least << (63 - most + least));
  }
  return count;
}

bool Schedule::ever_occurs() const {
  for (std::int64_t day = 0; day < kCycleDays; ++day) {
    if (has_day(day)) return true;
  }
  return false;
}

std::optional<Time> Schedule::next(Time after) const {
  if (interval_us_ > 0) return within_years((floor_div(after.us, interval_us_) + 1) * interval_us_);
  const std::int64_t begin = floor_div(after.us + offset_us_, kMinuteUs) + 1;
  const std::int64_t first_day = floor_div(begin, kDayMinutes);
  for (std::int64_t day = first_day; day <= first_day + kCycleDays; ++day) {
    if (!has_day(day)) continue;
    const int minute = first_minute(day == first_day ? static_cast<int>(begin - day * kDayMinutes) : 0);
    if (minute >= 0) return within_years((day * kDayMinutes + minute) * kMinuteUs - offset_us_);
  }
  return std::nullopt;
}

std::optional<Time> Schedule::last(Time until) const {
  if (interval_us_ > 0) return within_years(floor_div(until.us, interval_us_) * interval_us_);
  const std::int64_t end = floor_div(until.us + offset_us_, kMinuteUs);
  const std::int64_t last_day = floor_div(end, kDayMinutes);
  for (std::int64_t day = last_day; day >= last_day - kCycleDays; --day) {
    if (!has_day(day)) continue;
    const int minute = last_minute(day == last_day ? static_cast<int>(end - day * kDayMinutes) : kDayMinutes - 1);
    if (minute >= 0) return within_years((day * kDayMinutes + minute) * kMinuteUs - offset_us_);
  }
  return std::nullopt;
}

std::int64_t Schedule::count(Time after, Time until) const {
  if (until <= after) return 0;
  if (interval_us_ > 0) return floor_div(until.us, interval_us_) - floor_div(after.us, interval_us_);
  const std::int64_t begin = floor_div(after.us + offset_us_, kMinuteUs) + 1;
  const std::int64_t end = floor_div(until.us + offset_us_, kMinuteUs);
  const std::int64_t first_day = floor_div(begin, kDayMinutes);
  const std::int64_t last_day = floor_div(end, kDayMinutes);
  const int of_whole_day = count_minutes(0, kDayMinutes - 1);
  std::int64_t count = 0;
  for (std::int64_t day = first_day; day <= last_day; ++day) {
    if (!has_day(day)) continue;
    const int from = day == first_day ? static_cast<int>(begin - day * kDayMinutes) : 0;
    const int upto = day == last_day ? static_cast<int>(end - day * kDayMinutes) : kDayMinutes - 1;
    const bool is_whole = from == 0 && upto == kDayMinutes - 1;
    count += is_whole ? of_whole_day : from <= upto ? count_minutes(from, upto) : 0;
  }
  return count;
}

}  // namespace souk
