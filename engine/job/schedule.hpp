/// When something recurs: a cron expression of five fields, or an interval. Pure, and the same on every machine.
///
///   "30 3 * * 1-5"         minute, hour, day of the month, month, day of the week, in UTC
///   "30 3 * * 1-5 +08:00"  the same by clocks that are 8 hours ahead of UTC
///   "@hourly", "@daily" or "@midnight", "@weekly", "@monthly", "@yearly" or "@annually", also with an offset
///   "@every 10m"           a number and s, m, h or d, counted from 1970: "@every 6h" is at 0, 6, 12 and 18 o'clock UTC
///
/// A field is "*" or a list of numbers and ranges, "1,3-5", each range and "*" with a step if wanted, "*/15",
/// "10-50/20". Months and days of the week have names as well, "jan" and "MON"; Sunday is 0 and 7. Where both kinds
/// of days leave some out, a day comes that fits either. An offset is fixed: there is no summer time.
/// Limits: offsets from -12:00 to +14:00; intervals from a minute to 366 days; times from year 1 to 9999.
/// Source: the fields and their rules are those of crontab(5), where "*/2" does not leave days out, but here it does.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/base/result.hpp"
#include "engine/base/time.hpp"

namespace souk {

class Schedule {
 public:
  static constexpr std::size_t kSizeMax = 200;

  /// Errors: kInvalid "job.schedule_invalid": the detail says at which character; kInvalid "job.schedule_never": no day
  /// fits it, such as the 30th of February.
  static Result<Schedule> parse(std::string_view text);

  /// The first occurrence after this moment; nothing once the years end.
  [[nodiscard]] std::optional<Time> next(Time after) const;
  /// The last one at or before it; nothing before the years begin.
  [[nodiscard]] std::optional<Time> last(Time until) const;
  /// How many there are after the one and up to the other.
  [[nodiscard]] std::int64_t count(Time after, Time until) const;

  friend bool operator==(const Schedule&, const Schedule&) = default;

 private:
  friend class ScheduleReader;

  [[nodiscard]] bool has_day(std::int64_t day) const;
  /// Of the day's minutes; -1: none.
  [[nodiscard]] int first_minute(int from) const;
  [[nodiscard]] int last_minute(int until) const;
  [[nodiscard]] int count_minutes(int from, int until) const;
  [[nodiscard]] bool ever_occurs() const;

  std::int64_t interval_us_ = 0;  ///< 0: the fields count
  std::uint64_t minutes_ = 0;     ///< a bit for each that fits
  std::uint64_t hours_ = 0;
  std::uint64_t days_ = 0;
  std::uint64_t months_ = 0;
  std::uint64_t weekdays_ = 0;
  bool either_day_ = false;  ///< both kinds of days are given
  std::int64_t offset_us_ = 0;
};

}  // namespace souk
