/// Limits of the fields of a struct, stated beside its list of fields: what documents say about them.
///
///   static constexpr auto limits() {
///     return limit_list(limit("quantity", between(1, 9'999)), limit("pictures", item_count(0, 20), each(length(1,
///     500))));
///   }
///
/// They describe; the rules refuse, with reasons of their own. That the two agree is shown by
/// tests/system/openapi_test.py.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace souk {

/// What is said about one value. Lengths count code points.
struct Limits {
  static constexpr std::int64_t kNone = INT64_MIN;

  std::int64_t value_min = kNone;
  std::int64_t value_max = kNone;
  std::int64_t length_min = kNone;
  std::int64_t length_max = kNone;
  std::int64_t items_min = kNone;
  std::int64_t items_max = kNone;
  std::string_view pattern = {};  ///< a regular expression of ECMA-262
  std::string_view format = {};   ///< such as "email", "uri"
  std::string_view text = {};     ///< one sentence
  bool not_null = false;          ///< null does not mean "absent" here

  friend constexpr Limits operator+(Limits a, const Limits& b) {
    const auto take = [](std::int64_t& to, std::int64_t from) {
      if (from != kNone) to = from;
    };
    take(a.value_min, b.value_min);
    take(a.value_max, b.value_max);
    take(a.length_min, b.length_min);
    take(a.length_max, b.length_max);
    take(a.items_min, b.items_min);
    take(a.items_max, b.items_max);
    if (!b.pattern.empty()) a.pattern = b.pattern;
    if (!b.format.empty()) a.format = b.format;
    if (!b.text.empty()) a.text = b.text;
    a.not_null = a.not_null || b.not_null;
    return a;
  }
};

template <class Min, class Max>
constexpr Limits between(Min min, Max max) {
  return {.value_min = static_cast<std::int64_t>(min), .value_max = static_cast<std::int64_t>(max)};
}
template <class Min>
constexpr Limits at_least(Min min) {
  return {.value_min = static_cast<std::int64_t>(min)};
}
template <class Min, class Max>
constexpr Limits length(Min min, Max max) {
  return {.length_min = static_cast<std::int64_t>(min), .length_max = static_cast<std::int64_t>(max)};
}
template <class Min, class Max>
constexpr Limits item_count(Min min, Max max) {
  return {.items_min = static_cast<std::int64_t>(min), .items_max = static_cast<std::int64_t>(max)};
}
constexpr Limits matching(std::string_view regex) {
  return {.pattern = regex};
}
constexpr Limits formatted(std::string_view name) {
  return {.format = name};
}
constexpr Limits says(std::string_view sentence) {
  return {.text = sentence};
}
/// Of an optional field: null is refused.
constexpr Limits not_null() {
  return {.not_null = true};
}

/// Limits of the elements of a list.
struct Each {
  Limits limits;
};
template <class... More>
constexpr Each each(More... more) {
  return {(Limits{} + ... + more)};
}

/// What is said about one field.
struct FieldLimits {
  std::string_view field = {};
  Limits own;
  Limits each;

  constexpr FieldLimits& add(const Limits& more) {
    own = own + more;
    return *this;
  }
  constexpr FieldLimits& add(const Each& more) {
    each = each + more.limits;
    return *this;
  }
};

template <class... More>
constexpr FieldLimits limit(std::string_view field, More... more) {
  FieldLimits out{field, {}, {}};
  (out.add(more), ...);
  return out;
}
template <class... All>
constexpr std::array<FieldLimits, sizeof...(All)> limit_list(All... all) {
  return {all...};
}

template <class T>
concept Limited = requires {
  T::limits();
};

}  // namespace souk
