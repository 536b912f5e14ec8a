/// A value that a matcher works with: of a request, of a rule, or what became of them.
///
/// Ownership: a view. Texts, lists and objects belong to whoever made the value and must outlive it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace souk::permissions {

struct Attribute;

class Value {
 public:
  enum class Type : std::uint8_t { kFault, kText, kNumber, kTruth, kList, kObject };

  /// What could not be evaluated, and why, in words that live for ever.
  static constexpr Value fault(const char* why) {
    Value out(Type::kFault);
    out.data_ = why;
    return out;
  }
  static constexpr Value of(std::string_view text) {
    Value out(Type::kText);
    out.data_ = text.data();
    out.size_ = text.size();
    return out;
  }
  static constexpr Value of(const char* text) { return of(std::string_view(text)); }
  static constexpr Value of(double number) {
    Value out(Type::kNumber);
    out.number_ = number;
    return out;
  }
  static constexpr Value of(bool truth) {
    Value out(Type::kTruth);
    out.number_ = truth ? 1 : 0;
    return out;
  }
  static constexpr Value of(std::span<const Value> list) {
    Value out(Type::kList);
    out.data_ = list.data();
    out.size_ = list.size();
    return out;
  }
  static constexpr Value of(std::span<const Attribute> object);

  [[nodiscard]] constexpr Type type() const { return type_; }
  [[nodiscard]] constexpr bool is_fault() const { return type_ == Type::kFault; }
  [[nodiscard]] constexpr bool is_text() const { return type_ == Type::kText; }
  [[nodiscard]] constexpr bool is_number() const { return type_ == Type::kNumber; }
  [[nodiscard]] constexpr bool is_list() const { return type_ == Type::kList; }
  [[nodiscard]] constexpr bool is(bool truth) const { return type_ == Type::kTruth && (number_ != 0) == truth; }

  // Each of these is asked only of a value of its type.
  [[nodiscard]] const char* why() const { return static_cast<const char*>(data_); }
  [[nodiscard]] std::string_view text() const { return {static_cast<const char*>(data_), size_}; }
  [[nodiscard]] double number() const { return number_; }
  [[nodiscard]] std::span<const Value> list() const { return {static_cast<const Value*>(data_), size_}; }

  /// The attribute of that name; a fault if this is no object or has none.
  [[nodiscard]] Value attribute(std::string_view name) const;

  /// Values of different types are not equal; objects and faults equal nothing.
  [[nodiscard]] bool equals(const Value& other) const;

 private:
  explicit constexpr Value(Type type) : type_(type) {}

  Type type_;
  const void* data_ = nullptr;
  union {
    std::size_t size_ = 0;
    double number_;
  };
};

struct Attribute {
  std::string_view name;
  Value value;
};

constexpr Value Value::of(std::span<const Attribute> object) {
  Value out(Type::kObject);
  out.data_ = object.data();
  out.size_ = object.size();
  return out;
}

}  // namespace souk::permissions
