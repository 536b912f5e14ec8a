#include "engine/job/schedule.hpp"

#include <doctest/doctest.h>

#include <ctime>
#include <set>
#include <string>
#include <vector>

#include "engine/testing/random.hpp"

using namespace souk;
using souk::testing::Random;

namespace {

Time at(std::string_view text) {
  return Time::parse_abridged(text).value();
}

Schedule schedule(std::string_view text) {
  const auto parsed = Schedule::parse(text);
  REQUIRE_MESSAGE(parsed, std::string(text), ": ", parsed.error().detail);
  return *parsed;
}

/// What follows, one after the other, to the minute.
std::vector<std::string> occurrences(std::string_view text, std::string_view after, std::size_t how_many) {
  std::vector<std::string> out;
  auto time = schedule(text).next(at(after));
  for (; time && out.size() < how_many; time = schedule(text).next(*time)) out.push_back(time->str().substr(0, 16));
  return out;
}

using Texts = std::vector<std::string>;

void check_refused(std::string_view text, std::size_t character, std::string_view what) {
  const auto parsed = Schedule::parse(text);
  INFO(std::string(text));
  REQUIRE(!parsed);
  CHECK(parsed.error().code == ErrorCode::kInvalid);
  CHECK(parsed.error().reason == "job.schedule_invalid");
  CHECK(parsed.error().detail.starts_with("schedule: at character " + std::to_string(character) + ": "));
  CHECK_MESSAGE(parsed.error().detail.find(what) != std::string::npos, parsed.error().detail);
}

}  // namespace

TEST_CASE("the next occurrence is later than the moment it is asked for") {
  CHECK((occurrences("30 3 * * *", "2026-11-23T03:29:59Z", 2) == Texts{"2026-11-23T03:30", "2026-11-24T03:30"}));
  CHECK((occurrences("30 3 * * *", "2026-11-23T03:30:00Z", 1) == Texts{"2026-11-24T03:30"}));
  CHECK((occurrences("* * * * *", "2026-12-31T23:59:00.000001Z", 1) == Texts{"2027-01-01T00:00"}));
}

TEST_CASE("a field is a number, a list, a range, and steps over a range") {
  CHECK((occurrences("5,10-12 * * * *", "2026-11-23", 5) ==
         Texts{"2026-11-23T00:05", "2026-11-23T00:10", "2026-11-23T00:11", "2026-11-23T00:12", "2026-11-23T01:05"}));
  CHECK((occurrences("*/20 8 * * *", "2026-11-23", 4) ==
         Texts{"2026-11-23T08:00", "2026-11-23T08:20", "2026-11-23T08:40", "2026-11-24T08:00"}));
  CHECK((occurrences("10-50/20 0 * * *", "2026-11-23", 3) ==
         Texts{"2026-11-23T00:10", "2026-11-23T00:30", "2026-11-23T00:50"}));
  CHECK((occurrences("\t0  12   1 */6 *  ", "2026-11-23", 2) == Texts{"2027-01-01T12:00", "2027-07-01T12:00"}));
}

TEST_CASE("months and days of the week have names, and Sunday is 0 and 7") {
  CHECK((occurrences("0 0 1 FEB,oct *", "2026-11-23", 2) == Texts{"2027-02-01T00:00", "2027-10-01T00:00"}));
  const Texts sundays{"2026-11-29T00:00", "2026-12-06T00:00"};
  for (const char* text : {"0 0 * * 0", "0 0 * * 7", "0 0 * * sun", "0 0 * * Sun"}) {
    CHECK((occurrences(text, "2026-11-23", 2) == sundays));
  }
  const Texts weekend{"2026-11-27T00:00", "2026-11-28T00:00", "2026-11-29T00:00", "2026-12-04T00:00"};
  for (const char* text : {"0 0 * * 5-7", "0 0 * * fri-sun", "0 0 * * 5-0"}) {
    CHECK((occurrences(text, "2026-11-23", 4) == weekend));
  }
}

TEST_CASE("where both kinds of days leave some out, a day comes that fits either") {
  CHECK((occurrences("0 0 13 * fri", "2026-11-08", 4) ==
         Texts{"2026-11-13T00:00", "2026-11-20T00:00", "2026-11-27T00:00", "2026-12-04T00:00"}));
  CHECK((occurrences("0 0 13 * *", "2026-11-23", 1) == Texts{"2026-12-13T00:00"}));
  CHECK((occurrences("0 0 * * fri", "2026-11-23", 1) == Texts{"2026-11-27T00:00"}));
  CHECK((occurrences("0 0 1-31 * fri", "2026-11-23", 1) == Texts{"2026-11-27T00:00"}));
  CHECK((occurrences("0 0 13 * */1", "2026-11-23", 1) == Texts{"2026-12-13T00:00"}));
}

TEST_CASE("an offset says whose clocks it is told by") {
  CHECK((occurrences("0 9 * * mon +08:00", "2026-11-23T01:00:00Z", 1) == Texts{"2026-11-30T01:00"}));
  CHECK((occurrences("0 1 1 * * +08:00", "2026-11-23", 1) == Texts{"2026-11-30T17:00"}));
  CHECK((occurrences("30 22 31 12 * -03:30", "2026-11-23", 1) == Texts{"2027-01-01T02:00"}));
  CHECK((occurrences("@daily +08:00", "2026-11-23", 1) == Texts{"2026-11-23T16:00"}));
}

TEST_CASE("common schedules have names") {
  CHECK(schedule("@hourly") == schedule("0 * * * *"));
  CHECK(schedule("@daily") == schedule("0 0 * * *"));
  CHECK(schedule("@midnight") == schedule("0 0 * * *"));
  CHECK(schedule("@weekly") == schedule("0 0 * * 0"));
  CHECK(schedule("@monthly") == schedule("0 0 1 * *"));
  CHECK(schedule("@yearly") == schedule("0 0 1 1 *"));
  CHECK(schedule("@annually") == schedule("0 0 1 1 *"));
}

TEST_CASE("intervals are counted from 1970, whenever they are asked for") {
  CHECK((occurrences("@every 6h", "2026-11-23T00:00:01Z", 3) ==
         Texts{"2026-11-23T06:00", "2026-11-23T12:00", "2026-11-23T18:00"}));
  CHECK(schedule("@every 90s").next(Time{179'999'999}) == Time{180'000'000});
  CHECK(schedule("@every 90s").next(Time{180'000'000}) == Time{270'000'000});
  CHECK(schedule("@every 90s").next(Time{-1}) == Time{0});
  CHECK(schedule("@every 90s").last(Time{-1}) == Time{-90'000'000});
  CHECK(schedule("@every 1d") == schedule("@every 24h"));
  CHECK(schedule("@every 1m").count(Time{}, at("2026-11-23")) == at("2026-11-23").us / 60'000'000);
}

TEST_CASE("leap days come when they come, also across a century without one") {
  CHECK((occurrences("0 0 29 2 *", "2096-03-01", 2) == Texts{"2104-02-29T00:00", "2108-02-29T00:00"}));
  CHECK(schedule("0 0 29 2 *").last(at("2104-02-28")) == at("2096-02-29"));
}

TEST_CASE("what can never be is refused") {
  for (const char* text : {"0 0 30 2 *", "0 0 31 4,6,9,11 *", "0 0 30-31 feb *"}) {
    const auto parsed = Schedule::parse(text);
    REQUIRE(!parsed);
    CHECK(parsed.error().reason == "job.schedule_never");
    CHECK(parsed.error().code == ErrorCode::kInvalid);
  }
  CHECK(Schedule::parse("0 0 30 2 mon"));  // any Monday of February
}

TEST_CASE("a mistake is named with its place") {
  check_refused("", 1, "are needed");
  check_refused("0 0 * *", 8, "are needed");
  check_refused("60 0 * * *", 1, "a minute");
  check_refused("0 24 * * *", 3, "an hour");
  check_refused("0 0 0 * *", 5, "a day of the month");
  check_refused("0 0 * 13 *", 7, "a month");
  check_refused("0 0 * foo *", 7, "a month");
  check_refused("0 0 * * 8", 9, "a day of the week");
  check_refused("0 0 * * mon,tues", 13, "a day of the week");
  check_refused("0 1, * * *", 5, "an hour");
  check_refused("0 -1 * * *", 3, "an hour");
  check_refused("5-1 0 * * *", 1, "ends before");
  check_refused("5/10 0 * * *", 1, "needs a range");
  check_refused("*/0 0 * * *", 3, "a step");
  check_refused("0 */24 * * *", 5, "a step");
  check_refused("*/ 0 * * *", 3, "a step");
  check_refused("0 0 ? * *", 5, "a day of the month");
  check_refused("0 0 L * *", 5, "a day of the month");
  check_refused("0 0 * * 5#3", 9, "a day of the week");
  check_refused("99999999999 0 * * *", 1, "a minute");
  check_refused("0 0 * * * Z", 11, "an offset");
  check_refused("0 0 * * * +8", 11, "an offset");
  check_refused("0 0 * * * +14:01", 11, "an offset");
  check_refused("0 0 * * * -12:30", 11, "an offset");
  check_refused("0 0 * * * +08:00 x", 18, "nothing is expected");
  check_refused("@reboot", 1, "these are known");
  check_refused("@daily now", 8, "an offset");
  check_refused("@every", 7, "an interval");
  check_refused("@every 0s", 8, "an interval");
  check_refused("@every 59s", 8, "at least a minute");
  check_refused("@every m", 8, "an interval");
  check_refused("@every 10", 8, "an interval");
  check_refused("@every -5m", 8, "an interval");
  check_refused("@every 367d", 8, "an interval");
  check_refused("@every 1h +08:00", 11, "nothing is expected");
  check_refused(std::string(201, ' '), 201, "at most 200");
}

TEST_CASE("time has a beginning and an end") {
  CHECK(!schedule("@yearly").next(at("9999-06-01")));
  CHECK(!schedule("@every 1d").next(at("9999-12-31")));
  CHECK(!schedule("0 0 1 6 *").last(at("0001-05-01")));
}

namespace {

/// A cron expression with what it means, both made from the same random sets.
struct Written {
  std::string text;
  std::set<int> minutes, hours, days, months, weekdays;
  bool any_day = false;
  bool any_weekday = false;
  std::int64_t offset_us = 0;
};

std::string random_field(Random& random, int least, int most, std::set<int>& values) {
  std::string text;
  if (random.one_in(4)) {
    for (int value = least; value <= most; ++value) values.insert(value);
    return "*";
  }
  for (auto items = 1 + random.below(3); items > 0; --items) {
    const auto first = static_cast<int>(random.between(least, most));
    const auto last = static_cast<int>(random.between(first, most));
    const auto step = static_cast<int>(random.between(1, most));
    if (!text.empty()) text += ',';
    const auto shape = random.below(4);
    if (shape == 0) {
      text += "*/" + std::to_string(step);
      for (int value = least; value <= most; value += step) values.insert(value);
    } else if (shape == 1) {
      text += std::to_string(first);
      values.insert(first);
    } else {
      text += std::to_string(first) + "-" + std::to_string(last);
      if (shape == 3) text += "/" + std::to_string(step);
      for (int value = first; value <= last; value += shape == 3 ? step : 1) values.insert(value);
    }
  }
  return text;
}

Written random_cron(Random& random) {
  Written out;
  const auto minute = random_field(random, 0, 59, out.minutes);
  const auto hour = random_field(random, 0, 23, out.hours);
  const auto day = random_field(random, 1, 31, out.days);
  const auto month = random_field(random, 1, 12, out.months);
  const auto weekday = random_field(random, 0, 7, out.weekdays);
  if (out.weekdays.contains(7)) out.weekdays.insert(0);
  out.any_day = out.days.size() == 31;
  out.any_weekday = out.weekdays.size() - (out.weekdays.contains(7) ? 1 : 0) == 7;
  out.text = minute + " " + hour + " " + day + " " + month + " " + weekday;
  if (random.one_in(2)) {
    const auto minutes = random.between(-12 * 60, 14 * 60);
    const auto magnitude = std::to_string(10'000 + std::abs(minutes) / 60 * 100 + std::abs(minutes) % 60);
    out.text += (minutes < 0 ? " -" : " +") + magnitude.substr(1, 2) + ":" + magnitude.substr(3, 2);
    out.offset_us = minutes * 60'000'000;
  }
  return out;
}

/// Minute by minute, and by the C library's calendar.
std::vector<Time> by_looking(const Written& written, Time after, Time until) {
  std::vector<Time> out;
  constexpr std::int64_t kMinute = 60'000'000;
  for (std::int64_t us = (after.us / kMinute + 1) * kMinute; us <= until.us; us += kMinute) {
    const std::time_t seconds = (us + written.offset_us) / 1'000'000;
    std::tm local{};
    gmtime_r(&seconds, &local);
    if (!written.minutes.contains(local.tm_min) || !written.hours.contains(local.tm_hour)) continue;
    if (!written.months.contains(local.tm_mon + 1)) continue;
    const bool fits_day = written.days.contains(local.tm_mday);
    const bool fits_weekday = written.weekdays.contains(local.tm_wday);
    const bool fits = written.any_day || written.any_weekday ? fits_day && fits_weekday : fits_day || fits_weekday;
    if (fits) out.push_back(Time{us});
  }
  return out;
}

}  // namespace

TEST_CASE("next, last and count agree with looking at every minute") {
  const std::uint64_t seed = souk::testing::seed_of_tests();
  MESSAGE("SOUK_SEED=", seed);
  Random random(seed);
  std::size_t seen = 0;
  for (int run = 0; run < 400; ++run) {
    const Written written = random_cron(random);
    const auto parsed = Schedule::parse(written.text);
    INFO(written.text, ", SOUK_SEED=", seed);
    const Time after{random.between(0, at("2100-01-01").us)};
    const Time until = after + Duration::minutes(random.between(0, 20'000));
    const auto expected = by_looking(written, after, until);
    if (!parsed) {
      CHECK(parsed.error().reason == "job.schedule_never");
      CHECK(expected.empty());
      continue;
    }
    CHECK(parsed->count(after, until) == static_cast<std::int64_t>(expected.size()));
    std::vector<Time> forwards;
    for (auto time = parsed->next(after); time && *time <= until; time = parsed->next(*time)) forwards.push_back(*time);
    CHECK((forwards == expected));
    std::vector<Time> backwards;
    for (auto time = parsed->last(until); time && *time > after; time = parsed->last(Time{time->us - 1})) {
      backwards.insert(backwards.begin(), *time);
    }
    CHECK((backwards == expected));
    seen += expected.size();
  }
  CHECK(seen > 10'000);
}
