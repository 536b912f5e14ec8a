// Schedules as people write them.
#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "engine/job/schedule.hpp"

namespace souk {
namespace {

constexpr std::int64_t kSecondUs = 1'000'000;

/// A part of the text that remembers where it stood.
struct Part {
  std::string_view text;
  std::size_t at = 0;

  [[nodiscard]] Part from(std::size_t index) const { return {text.substr(index), at + index}; }
  [[nodiscard]] Part until(std::size_t index) const { return {text.substr(0, index), at}; }
};

/// Between the separators, however many there are; an empty part is one as well where `keep_empty` says so.
std::vector<Part> split(Part whole, std::string_view separators, bool keep_empty) {
  std::vector<Part> parts;
  for (std::size_t begin = 0; begin <= whole.text.size();) {
    const std::size_t end = std::min(whole.text.find_first_of(separators, begin), whole.text.size());
    if (end > begin || keep_empty) parts.push_back(whole.from(begin).until(end - begin));
    begin = end + 1;
  }
  return parts;
}

tl::unexpected<Error> invalid(const Part& where, std::string_view what) {
  return fail(ErrorCode::kInvalid, "job.schedule_invalid",
              "schedule: at character " + std::to_string(where.at + 1) + ": " + std::string(what));
}

/// Digits alone, and few of them.
std::optional<int> number_of(std::string_view text) {
  int value = 0;
  if (text.empty() || text.size() > 8) return std::nullopt;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

bool equals_ignoring_case(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] - 'A' + 'a') : text[i];
    if (c != lower[i]) return false;
  }
  return true;
}

constexpr std::array<std::string_view, 12> kMonths{"jan", "feb", "mar", "apr", "may", "jun",
                                                   "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> kWeekdays{"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

/// What one of the five fields may hold.
struct Field {
  std::string_view what;
  int least = 0;
  int most = 0;
  const std::string_view* names = nullptr;
  int names_count = 0;
};
constexpr std::array<Field, 5> kFields{
    Field{"a minute is a number from 0 to 59", 0, 59}, Field{"an hour is a number from 0 to 23", 0, 23},
    Field{"a day of the month is a number from 1 to 31", 1, 31},
    Field{"a month is a number from 1 to 12, or jan to dec", 1, 12, kMonths.data(), 12},
    Field{"a day of the week is a number from 0 to 7, or sun to sat", 0, 7, kWeekdays.data(), 7}};
constexpr std::uint64_t kEveryDay = 0xfffffffe;
constexpr std::uint64_t kEveryWeekday = 0x7f;

Result<int> read_value(const Field& field, const Part& part) {
  const auto number = number_of(part.text);
  if (number && *number >= field.least && *number <= field.most) return *number;
  for (int i = 0; i < field.names_count; ++i) {
    if (equals_ignoring_case(part.text, field.names[i])) return field.least + i;
  }
  return invalid(part, field.what);
}

Result<int> read_step(const Field& field, const Part& part) {
  const auto step = number_of(part.text);
  if (!step || *step < 1 || *step > field.most) {
    return invalid(part, "a step is a number from 1 to " + std::to_string(field.most));
  }
  return *step;
}

/// "*", "5", "1-5", "*/15" or "10-50/20".
Result<std::uint64_t> read_item(const Field& field, const Part& item) {
  const std::size_t slash = item.text.find('/');
  const Part range = item.until(std::min(slash, item.text.size()));
  const std::size_t dash = range.text.find('-');
  int first = field.least;
  int last = field.most;
  if (range.text != "*") {
    const auto begin = read_value(field, range.until(std::min(dash, range.text.size())));
    if (!begin) return tl::unexpected<Error>(begin.error());
    first = last = *begin;
  }
  if (range.text != "*" && dash != std::string_view::npos) {
    const auto end = read_value(field, range.from(dash + 1));
    if (!end) return tl::unexpected<Error>(end.error());
    // A week may end with its Sunday, which is both 0 and 7.
    last = field.most == 7 && *end == 0 && first > 0 ? 7 : *end;
    if (last < first) return invalid(range, "a range ends before it begins");
  }
  int step = 1;
  if (slash != std::string_view::npos) {
    if (range.text != "*" && dash == std::string_view::npos) {
      return invalid(item, "a step needs a range or a *, such as 5-59/15");
    }
    const auto read = read_step(field, item.from(slash + 1));
    if (!read) return tl::unexpected<Error>(read.error());
    step = *read;
  }
  std::uint64_t bits = 0;
  for (int value = first; value <= last; value += step) bits |= std::uint64_t{1} << value;
  return bits;
}

Result<std::uint64_t> read_field(const Field& field, const Part& part) {
  std::uint64_t bits = 0;
  for (const auto& item : split(part, ",", true)) {
    const auto read = read_item(field, item);
    if (!read) return read;
    bits |= *read;
  }
  return bits;
}

/// "+08:00".
Result<std::int64_t> read_offset(const Part& part) {
  const auto& text = part.text;
  const bool is_shaped = text.size() == 6 && (text[0] == '+' || text[0] == '-') && text[3] == ':';
  const auto hours = is_shaped ? number_of(text.substr(1, 2)) : std::nullopt;
  const auto minutes = is_shaped ? number_of(text.substr(4, 2)) : std::nullopt;
  if (hours && minutes && *minutes < 60) {
    const std::int64_t offset = (text[0] == '-' ? -1 : 1) * (*hours * 60 + *minutes);
    if (offset >= -12 * 60 && offset <= 14 * 60) return offset * 60 * kSecondUs;
  }
  return invalid(part, "an offset from UTC is like +08:00, from -12:00 to +14:00");
}

/// "10m".
Result<std::int64_t> read_interval(const Part& part) {
  constexpr std::string_view kUnits = "smhd";
  constexpr std::array<std::int64_t, 4> kSeconds{1, 60, 3'600, 86'400};
  const std::size_t digits = part.text.empty() ? 0 : part.text.size() - 1;
  const auto number = number_of(part.text.substr(0, digits));
  const auto unit = kUnits.find(part.text.substr(digits));
  if (number && *number >= 1 && unit < kUnits.size() && *number * kSeconds[unit] <= 366 * 86'400) {
    if (*number * kSeconds[unit] >= 60) return *number * kSeconds[unit] * kSecondUs;
    return invalid(part, "an interval is of at least a minute");
  }
  return invalid(part, "an interval is like 90s, 10m, 6h or 1d, of at most 366 days");
}

struct Macro {
  std::string_view name;
  std::string_view fields;
};
constexpr std::array<Macro, 7> kMacros{Macro{"@hourly", "0 * * * *"},   Macro{"@daily", "0 0 * * *"},
                                       Macro{"@midnight", "0 0 * * *"}, Macro{"@weekly", "0 0 * * 0"},
                                       Macro{"@monthly", "0 0 1 * *"},  Macro{"@yearly", "0 0 1 1 *"},
                                       Macro{"@annually", "0 0 1 1 *"}};

}  // namespace

/// Reads the parts of a text into a schedule.
class ScheduleReader {
 public:
  static Result<Schedule> read(Part whole) {
    if (whole.text.size() > Schedule::kSizeMax) {
      return invalid({{}, Schedule::kSizeMax}, "a schedule has at most 200 characters");
    }
    const auto parts = split(whole, " \t", false);
    if (!parts.empty() && parts[0].text == "@every") return interval(parts, whole);
    if (!parts.empty() && parts[0].text.starts_with('@')) return macro(parts);
    if (parts.size() < kFields.size()) {
      return invalid({{}, whole.text.size()},
                     "minute, hour, day of the month, month and day of the week are needed, or @daily, or @every 10m");
    }
    return cron(parts, parts, kFields.size());
  }

 private:
  /// What stands at `next` is the offset, and the last.
  static Result<Schedule> cron(const std::vector<Part>& fields, const std::vector<Part>& parts, std::size_t next) {
    Schedule out;
    std::array<std::uint64_t*, kFields.size()> bits{&out.minutes_, &out.hours_, &out.days_, &out.months_,
                                                    &out.weekdays_};
    for (std::size_t i = 0; i < kFields.size(); ++i) {
      const auto read = read_field(kFields[i], fields[i]);
      if (!read) return tl::unexpected<Error>(read.error());
      *bits[i] = *read;
    }
    if ((out.weekdays_ >> 7 & 1U) != 0) out.weekdays_ |= 1U;
    // What allows every day, however it is written, is not meant as a choice.
    out.either_day_ = out.days_ != kEveryDay && (out.weekdays_ & kEveryWeekday) != kEveryWeekday;
    if (parts.size() > next) {
      const auto offset = read_offset(parts[next]);
      if (!offset) return tl::unexpected<Error>(offset.error());
      out.offset_us_ = *offset;
    }
    if (parts.size() > next + 1) return invalid(parts[next + 1], "nothing is expected here any more");
    if (!out.ever_occurs()) {
      return fail(ErrorCode::kInvalid, "job.schedule_never", "schedule: no day fits it, so it would never be");
    }
    return out;
  }

  static Result<Schedule> macro(const std::vector<Part>& parts) {
    for (const auto& one : kMacros) {
      if (one.name == parts[0].text) return cron(split({one.fields, parts[0].at}, " ", false), parts, 1);
    }
    return invalid(parts[0], "these are known: @hourly, @daily, @weekly, @monthly, @yearly, and @every 10m");
  }

  static Result<Schedule> interval(const std::vector<Part>& parts, Part whole) {
    const auto every = read_interval(parts.size() > 1 ? parts[1] : Part{{}, whole.text.size()});
    if (!every) return tl::unexpected<Error>(every.error());
    if (parts.size() > 2) return invalid(parts[2], "nothing is expected here any more");
    Schedule out;
    out.interval_us_ = *every;
    return out;
  }
};

Result<Schedule> Schedule::parse(std::string_view text) {
  return ScheduleReader::read({text, 0});
}

}  // namespace souk
