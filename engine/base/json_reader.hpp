/// Reading JSON values: a thin view over simdjson's document that keeps its header out of every other file.
///
/// Thread-safety: a JsonValue belongs to the thread that parsed it and lives only inside the function given to
/// `read_json`, which reuses one parser per thread.
/// Limits: nesting of at most 64; text that is not UTF-8, has anything behind the document, or is no JSON is refused.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/result.hpp"

namespace souk {

enum class JsonType : std::uint8_t { kObject, kArray, kString, kInteger, kNumber, kBool, kNull };

/// A borrowed callable, for callbacks that do not outlive the call.
template <class Signature>
class FunctionRef;
template <class R, class... Args>
class FunctionRef<R(Args...)> {
 public:
  template <class F>
  requires(!std::same_as<std::remove_cvref_t<F>, FunctionRef>)
      // NOLINTNEXTLINE(google-explicit-constructor): it stands in for the callable.
      FunctionRef(F&& f)
      : object_(const_cast<void*>(static_cast<const void*>(&f))), call_([](void* object, Args... args) -> R {
          return (*static_cast<std::remove_reference_t<F>*>(object))(std::forward<Args>(args)...);
        }) {}
  R operator()(Args... args) const { return call_(object_, std::forward<Args>(args)...); }

 private:
  void* object_;
  R (*call_)(void*, Args...);
};

class JsonValue {
 public:
  [[nodiscard]] JsonType type() const;
  /// An integer in the range of int64; 1.0 and 1e3 are numbers but no integers.
  [[nodiscard]] std::optional<std::int64_t> integer() const;
  /// Any number, as near as a double comes to it.
  [[nodiscard]] std::optional<double> number() const;
  [[nodiscard]] std::optional<bool> boolean() const;
  /// Unescaped; valid as long as the document.
  [[nodiscard]] std::optional<std::string_view> string() const;
  [[nodiscard]] bool is_null() const { return type() == JsonType::kNull; }

  /// Calls back for each field in the order of the text, repeated keys included, until one returns false.
  /// Returns false when this is no object.
  bool for_each_field(FunctionRef<bool(std::string_view key, JsonValue value)> callback) const;
  /// The same for the elements of an array.
  bool for_each_element(FunctionRef<bool(JsonValue value)> callback) const;

 private:
  friend Result<void> read_json(std::string_view text, FunctionRef<Result<void>(JsonValue)> callback);
  std::uint64_t words_[2];
};

/// Parses `text` and hands the root to `callback`. The callback may call `read_json` itself.
/// Errors: kInvalid "json.malformed" with what and where; else what the callback returned.
Result<void> read_json(std::string_view text, FunctionRef<Result<void>(JsonValue)> callback);

/// The name of the simdjson kernel in use ("icelake", "haswell", "fallback" …), for start-up logs and bench reports.
std::string json_kernel();

}  // namespace souk
