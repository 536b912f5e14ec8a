/// JSON schemas of what the codec writes and reads, made from the same field lists: `schema_of<T>(schemas)`.
///
/// A described struct becomes a named component; everything else stands where it is used. What a client sends is
/// described strictly (no unknown fields, null where it means "absent"), what it gets as it is written, and what is
/// stored as it may have been written ever: without fields that came later, and beyond limits that are stricter today.
/// A struct may have `static constexpr std::string_view kExample`, a JSON text that decodes as it.
/// Source: JSON Schema 2020-12.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "engine/base/codec.hpp"
#include "engine/base/limits.hpp"

namespace souk {

/// The named schemas met so far.
class Schemas {
 public:
  enum class Side : std::uint8_t { kOutput, kInput, kStored };

  explicit Schemas(std::string reference_prefix = "#/components/schemas/") : prefix_(std::move(reference_prefix)) {}

  Side side = Side::kOutput;

  /// A reference to the component of the type `identity` stands for; `make` writes it when it is new. Of two types with
  /// one name (in unnamed namespaces) the later gets a number.
  template <class Make>
  std::string reference(const void* identity, std::string_view type_name, const Make& make) {
    const std::pair key{identity, side};
    const auto known = names_.find(key);
    if (known != names_.end()) return reference_to(known->second);
    const std::string name = free_name(component_name(type_name));
    names_.emplace(key, name);
    components_[name] = "{}";  // it may refer to itself
    components_[name] = make();
    return reference_to(name);
  }

  /// By name, each a JSON text.
  [[nodiscard]] const std::map<std::string, std::string>& components() const { return components_; }
  [[nodiscard]] std::string reference_to(std::string_view name) const;

 private:
  [[nodiscard]] std::string component_name(std::string_view type_name) const;
  [[nodiscard]] std::string free_name(std::string name) const;

  std::string prefix_;
  std::map<std::pair<const void*, Side>, std::string> names_;
  std::map<std::string, std::string> components_;
};

namespace schema_detail {

/// Its address stands for the type.
template <class T>
inline char identity_of = 0;

/// "souk::cart::Item", as the compiler writes it.
template <class T>
constexpr std::string_view type_name() {
  constexpr std::string_view kText = __PRETTY_FUNCTION__;
  constexpr std::size_t kBegin = kText.find("T = ") + 4;
  constexpr std::size_t kEnd = kText.find_first_of(";]", kBegin);
  return kText.substr(kBegin, kEnd - kBegin);
}

std::string string_schema(const Limits& limits, std::string_view format = {}, std::string_view pattern = {});
std::string integer_schema(const Limits& limits, std::int64_t min, std::int64_t max);
std::string enum_schema(const std::string_view* names, std::size_t count);
std::string array_schema(const Limits& limits, const std::string& element);
std::string map_schema(const std::string& value);
/// The schema with null allowed beside it.
std::string nullable(const std::string& schema);
/// The schema with a sentence about it.
std::string described(const std::string& schema, std::string_view text);
extern const std::string_view kIdPattern;

/// Collects the members of an object.
class ObjectSchema {
 public:
  explicit ObjectSchema(bool closed) : closed_(closed) {}
  void add(std::string_view name, const std::string& schema, bool required);
  [[nodiscard]] std::string text(std::string_view example) const;

 private:
  bool closed_;
  std::string properties_;
  std::string required_;
};

template <class T>
struct SchemaOf;

template <class T>
constexpr FieldLimits limits_of(std::string_view field) {
  if constexpr (Limited<T>) {
    for (const auto& one : T::limits()) {
      if (one.field == field) return one;
    }
  }
  return {};
}

template <class T>
constexpr bool limits_name_fields() {
  if constexpr (Limited<T>) {
    for (const auto& one : T::limits()) {
      bool known = false;
      for_each_field<T>([&](const auto& item) { known = known || item.name == one.field; });
      if (!known) return false;
    }
  }
  return true;
}

template <class T>
constexpr std::string_view example_of() {
  if constexpr (requires { T::kExample; }) {
    return T::kExample;
  } else {
    return {};
  }
}

template <>
struct SchemaOf<bool> {
  static std::string write(Schemas& /*schemas*/, const FieldLimits& /*limits*/) { return R"({"type":"boolean"})"; }
};
template <>
struct SchemaOf<std::int64_t> {
  static std::string write(Schemas& /*schemas*/, const FieldLimits& limits) {
    return integer_schema(limits.own, -kIntegerMax, kIntegerMax);
  }
};
template <>
struct SchemaOf<std::int32_t> {
  static std::string write(Schemas& /*schemas*/, const FieldLimits& limits) {
    return integer_schema(limits.own, INT32_MIN, INT32_MAX);
  }
};
template <>
struct SchemaOf<std::string> {
  static std::string write(Schemas& /*schemas*/, const FieldLimits& limits) { return string_schema(limits.own); }
};
template <>
struct SchemaOf<Time> {
  static std::string write(Schemas& /*schemas*/, const FieldLimits& limits) {
    return string_schema(limits.own, "date-time", R"(^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z$)");
  }
};
template <>
struct SchemaOf<Currency> {
  static std::string write(Schemas& /*schemas*/, const FieldLimits& limits) {
    return string_schema(limits.own, {}, "^[A-Z]{3}$");
  }
};
template <>
struct SchemaOf<Position> {
  static std::string write(Schemas& /*schemas*/, const FieldLimits& limits) {
    return integer_schema(limits.own, 0, kIntegerMax);
  }
};
template <>
struct SchemaOf<Version> {
  static std::string write(Schemas& /*schemas*/, const FieldLimits& limits) {
    return integer_schema(limits.own, 0, kIntegerMax);
  }
};
template <class Tag>
struct SchemaOf<Id<Tag>> {
  static std::string write(Schemas& /*schemas*/, const FieldLimits& limits) {
    return string_schema(limits.own, {}, kIdPattern);
  }
};
template <class T>
struct SchemaOf<Personal<T>> {
  static std::string write(Schemas& /*schemas*/, const FieldLimits& limits) {
    return string_schema(limits.own, {}, "^(personal:v1:.*)?$");
  }
};
template <class T>
struct SchemaOf<Secret<T>> {
  static std::string write(Schemas& /*schemas*/, const FieldLimits& limits) {
    return string_schema(limits.own, {}, "^(secret(:v1:.*)?)?$");
  }
};
template <NamedEnum E>
struct SchemaOf<E> {
  static std::string write(Schemas& /*schemas*/, const FieldLimits& /*limits*/) {
    return enum_schema(EnumNames<E>::values.data(), EnumNames<E>::values.size());
  }
};
template <class T>
struct SchemaOf<std::optional<T>> {
  static std::string write(Schemas& schemas, const FieldLimits& limits) {
    const std::string inner = SchemaOf<T>::write(schemas, limits);
    return limits.own.not_null || schemas.side != Schemas::Side::kInput ? inner : nullable(inner);
  }
};
template <class T>
struct SchemaOf<std::vector<T>> {
  static std::string write(Schemas& schemas, const FieldLimits& limits) {
    return array_schema(limits.own, SchemaOf<T>::write(schemas, FieldLimits{{}, limits.each, {}}));
  }
};
template <class Tag, class T>
struct SchemaOf<std::map<Id<Tag>, T>> {
  static std::string write(Schemas& schemas, const FieldLimits& limits) {
    return map_schema(SchemaOf<T>::write(schemas, FieldLimits{{}, limits.each, {}}));
  }
};

template <Described T>
struct SchemaOf<T> {
  static_assert(limits_name_fields<T>(), "a limit names a field that the struct does not have");

  static std::string write(Schemas& schemas, const FieldLimits& /*limits*/) {
    return schemas.reference(&identity_of<T>, type_name<T>(), [&] { return object(schemas); });
  }
  static std::string object(Schemas& schemas) {
    ObjectSchema out(schemas.side == Schemas::Side::kInput);
    for_each_field<T>([&](const auto& item) {
      using Member = std::remove_cvref_t<decltype(std::declval<T&>().*(item.member))>;
      FieldLimits limits = limits_of<T>(item.name);
      if (schemas.side == Schemas::Side::kStored) limits = FieldLimits{{}, Limits{.text = limits.own.text}, {}};
      const bool is_always_there = item.required || schemas.side == Schemas::Side::kOutput;
      const bool required = !codec::IsOptional<Member>::value && is_always_there;
      out.add(item.name, described(SchemaOf<Member>::write(schemas, limits), limits.own.text), required);
    });
    return out.text(example_of<T>());
  }
};

}  // namespace schema_detail

/// The schema of `T` as JSON text; the structs it names are added to `schemas`.
template <class T>
std::string schema_of(Schemas& schemas, const FieldLimits& limits = {}) {
  return schema_detail::SchemaOf<T>::write(schemas, limits);
}

}  // namespace souk
