/// JSON encoding and decoding of described structs: `encode(value)` and `decode<T>(text, strictness)`.
///
/// Errors of decoding are kInvalid "json.malformed" (no JSON, or text behind it) or "field.invalid", whose detail
/// begins with the path of the field: "items[2].quantity: is required". A key given twice is refused.
/// Fields are written in the order of the list and are read fastest in it, but may come in any order.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "engine/base/fields.hpp"
#include "engine/base/id.hpp"
#include "engine/base/json_reader.hpp"
#include "engine/base/json_writer.hpp"
#include "engine/base/money.hpp"
#include "engine/base/personal.hpp"
#include "engine/base/position.hpp"
#include "engine/base/result.hpp"
#include "engine/base/time.hpp"

namespace souk {

/// What a field nobody knows means: events may come from a newer program, commands come from a mistaken client.
enum class UnknownFields : std::uint8_t { kIgnored, kRefused };

/// An enum whose values have names on the wire: specialise with `static constexpr std::array<std::string_view, N>`.
template <class Enum>
struct EnumNames;

template <class T>
concept NamedEnum = std::is_enum_v<T> && requires {
  EnumNames<T>::values;
};

template <NamedEnum E>
constexpr std::string_view name_of(E value) {
  return EnumNames<E>::values[static_cast<std::size_t>(value)];
}

namespace codec {

/// Where decoding is, as a chain on the stack, so that a path costs nothing until it is needed.
struct Path {
  const Path* parent = nullptr;
  std::string_view name;  ///< empty: an element
  std::size_t index = 0;

  [[nodiscard]] std::string str() const;
};

Error bad_field(const Path& path, std::string_view what);

template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};

inline void write(JsonWriter& out, bool value) {
  out.boolean(value);
}
template <std::signed_integral T>
void write(JsonWriter& out, T value) {
  out.integer(value);
}
inline void write(JsonWriter& out, const std::string& value) {
  out.string(value);
}
inline void write(JsonWriter& out, const Time& value) {
  out.string(value.str());
}
inline void write(JsonWriter& out, const Currency& value) {
  out.string(value.str());
}
inline void write(JsonWriter& out, Position value) {
  out.unsigned_integer(value.value);
}
inline void write(JsonWriter& out, Version value) {
  out.unsigned_integer(value.value);
}
template <class Tag>
void write(JsonWriter& out, const Id<Tag>& id) {
  const auto text = id.value.text();
  out.string({text.data(), text.size()});
}
template <class T>
void write(JsonWriter& out, const Personal<T>& value) {
  out.string(value.sealed);
}
template <class T>
void write(JsonWriter& out, const Secret<T>& value) {
  out.string(value.sealed);
}
template <NamedEnum E>
void write(JsonWriter& out, E value) {
  out.string(name_of(value));
}
template <class T>
void write(JsonWriter& out, const std::optional<T>& value);
template <class T>
void write(JsonWriter& out, const std::vector<T>& values);
template <class Tag, class T>
void write(JsonWriter& out, const std::map<Id<Tag>, T>& values);
template <Described T>
void write(JsonWriter& out, const T& value);

template <class T>
void write(JsonWriter& out, const std::optional<T>& value) {
  if (value) {
    write(out, *value);
  } else {
    out.null();
  }
}
template <class T>
void write(JsonWriter& out, const std::vector<T>& values) {
  out.begin_array();
  for (const auto& value : values) write(out, value);
  out.end_array();
}
template <class Tag, class T>
void write(JsonWriter& out, const std::map<Id<Tag>, T>& values) {
  out.begin_object();
  for (const auto& [id, value] : values) {
    const auto text = id.value.text();
    out.key({text.data(), text.size()});
    write(out, value);
  }
  out.end_object();
}
template <Described T>
void write(JsonWriter& out, const T& value) {
  out.begin_object();
  for_each_field<T>([&](const auto& item) {
    const auto& member = value.*(item.member);
    // An absent optional is left out, so that "never set" and "added later" read the same.
    if constexpr (IsOptional<std::remove_cvref_t<decltype(member)>>::value) {
      if (!member) return;
    }
    out.key(item.name);
    write(out, member);
  });
  out.end_object();
}

struct Reader {
  UnknownFields unknown = UnknownFields::kRefused;
  std::optional<Error> error;

  bool reject(const Path& path, std::string_view what) {
    error = bad_field(path, what);
    return false;
  }
};

bool read(Reader& reader, JsonValue json, const Path& path, bool& out);
bool read(Reader& reader, JsonValue json, const Path& path, std::int64_t& out);
bool read(Reader& reader, JsonValue json, const Path& path, std::int32_t& out);
bool read(Reader& reader, JsonValue json, const Path& path, std::string& out);
bool read(Reader& reader, JsonValue json, const Path& path, Time& out);
bool read(Reader& reader, JsonValue json, const Path& path, Currency& out);
bool read(Reader& reader, JsonValue json, const Path& path, Position& out);
bool read(Reader& reader, JsonValue json, const Path& path, Version& out);
bool read_id(Reader& reader, JsonValue json, const Path& path, Id128& out);
bool read_sealed(Reader& reader, JsonValue json, const Path& path, std::string_view prefix, std::string& out);
template <class Tag>
bool read(Reader& reader, JsonValue json, const Path& path, Id<Tag>& out) {
  return read_id(reader, json, path, out.value);
}
template <class T>
bool read(Reader& reader, JsonValue json, const Path& path, Personal<T>& out) {
  return read_sealed(reader, json, path, Personal<T>::kPrefix, out.sealed);
}
template <class T>
bool read(Reader& reader, JsonValue json, const Path& path, Secret<T>& out) {
  return read_sealed(reader, json, path, Secret<T>::kPrefix, out.sealed);
}
template <NamedEnum E>
bool read(Reader& reader, JsonValue json, const Path& path, E& out);
template <class T>
bool read(Reader& reader, JsonValue json, const Path& path, std::optional<T>& out);
template <class T>
bool read(Reader& reader, JsonValue json, const Path& path, std::vector<T>& out);
template <class Tag, class T>
bool read(Reader& reader, JsonValue json, const Path& path, std::map<Id<Tag>, T>& out);
template <Described T>
bool read(Reader& reader, JsonValue json, const Path& path, T& out);

template <NamedEnum E>
bool read(Reader& reader, JsonValue json, const Path& path, E& out) {
  const auto text = json.string();
  if (!text) return reader.reject(path, "must be a string");
  const auto& names = EnumNames<E>::values;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == *text) {
      out = static_cast<E>(i);
      return true;
    }
  }
  return reader.reject(path, "is none of the known values");
}
template <class T>
bool read(Reader& reader, JsonValue json, const Path& path, std::optional<T>& out) {
  if (json.is_null()) {
    out.reset();
    return true;
  }
  return read(reader, json, path, out.emplace());
}
template <class T>
bool read(Reader& reader, JsonValue json, const Path& path, std::vector<T>& out) {
  out.clear();
  bool ok = true;
  const bool is_array = json.for_each_element([&](JsonValue element) {
    const Path here{&path, {}, out.size()};
    ok = read(reader, element, here, out.emplace_back());
    return ok;
  });
  return is_array ? ok : reader.reject(path, "must be an array");
}
template <class Tag, class T>
bool read(Reader& reader, JsonValue json, const Path& path, std::map<Id<Tag>, T>& out) {
  out.clear();
  bool ok = true;
  const bool is_object = json.for_each_field([&](std::string_view key, JsonValue value) {
    const Path here{&path, key, 0};
    const auto id = Id<Tag>::parse(key);
    if (!id) {
      ok = reader.reject(here, "is no id");
      return false;
    }
    const auto [entry, is_new] = out.try_emplace(*id);
    ok = is_new ? read(reader, value, here, entry->second) : reader.reject(here, "is given twice");
    return ok;
  });
  return is_object ? ok : reader.reject(path, "must be an object");
}

/// Reads the field called `key` if the list has it. `next` is the index expected, so that ordered text costs one
/// comparison a field.
template <Described T, std::size_t... I>
int index_of(std::string_view key, std::size_t next, std::index_sequence<I...> /*indices*/) {
  [[maybe_unused]] constexpr auto kFields = T::fields();
  constexpr std::array<std::string_view, sizeof...(I)> kNames{field_at<I>(kFields).name...};
  if (next < kNames.size() && kNames[next] == key) return static_cast<int>(next);
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == key) return static_cast<int>(i);
  }
  return -1;
}

// A struct without fields leaves some of these unused.
template <Described T, std::size_t... I>
bool read_fields(Reader& reader, JsonValue json, const Path& path, T& out, std::index_sequence<I...> indices) {
  [[maybe_unused]] constexpr auto kFields = T::fields();
  static_assert(sizeof...(I) <= 64, "a struct has at most 64 fields");
  std::uint64_t seen = 0;
  std::size_t next = 0;
  bool ok = true;
  const bool is_object = json.for_each_field([&](std::string_view key, [[maybe_unused]] JsonValue value) {
    const Path here{&path, key, 0};
    const int index = index_of<T>(key, next, indices);
    if (index < 0) {
      if (reader.unknown == UnknownFields::kRefused) ok = reader.reject(here, "is not a known field");
      return ok;
    }
    const std::uint64_t bit = std::uint64_t{1} << index;
    if ((seen & bit) != 0) {
      ok = reader.reject(here, "is given twice");
      return false;
    }
    seen |= bit;
    next = static_cast<std::size_t>(index) + 1;
    ok = false;
    (void)((index == static_cast<int>(I) &&
            (ok = read(reader, value, here, out.*(field_at<I>(kFields).member)), true)) ||
           ...);
    return ok;
  });
  if (!is_object) return reader.reject(path, "must be an object");
  if (!ok) return false;
  [[maybe_unused]] const auto present = [&](std::size_t i, const auto& item) {
    using Member = std::remove_cvref_t<decltype(out.*(item.member))>;
    if (IsOptional<Member>::value || !item.required || (seen & (std::uint64_t{1} << i)) != 0) return true;
    return reader.reject(Path{&path, item.name, 0}, "is required");
  };
  return (present(I, field_at<I>(kFields)) && ...);
}

template <Described T>
bool read(Reader& reader, JsonValue json, const Path& path, T& out) {
  return read_fields(reader, json, path, out, std::make_index_sequence<decltype(T::fields())::kSize>{});
}

}  // namespace codec

template <class T>
void encode_to(std::string& out, const T& value) {
  JsonWriter writer(out);
  codec::write(writer, value);
}

template <class T>
std::string encode(const T& value) {
  std::string out;
  encode_to(out, value);
  return out;
}

template <class T>
Result<T> decode(JsonValue json, UnknownFields unknown) {
  codec::Reader reader{unknown, {}};
  Result<T> out{T{}};
  if (!codec::read(reader, json, codec::Path{}, *out)) return tl::unexpected<Error>(std::move(*reader.error));
  return out;
}

/// Decodes into `out`, which on failure is left as far as decoding came.
template <class T>
Result<void> decode_to(T& out, std::string_view text, UnknownFields unknown) {
  return read_json(text, [&](JsonValue json) -> Result<void> {
    codec::Reader reader{unknown, {}};
    if (!codec::read(reader, json, codec::Path{}, out)) return tl::unexpected<Error>(std::move(*reader.error));
    return {};
  });
}

template <class T>
Result<T> decode(std::string_view text, UnknownFields unknown) {
  Result<T> out{T{}};
  if (auto done = decode_to(*out, text, unknown); !done) return tl::unexpected<Error>(std::move(done.error()));
  return out;
}

}  // namespace souk
