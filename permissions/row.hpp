/// A rule that is in force: its values, its place, and what was prepared of its patterns and conditions.
///
/// Thread-safety: never changes.
/// Ownership: one block of memory with its values behind it, so that whoever finds a rule has its values near.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "permissions/expression.hpp"
#include "permissions/limits.hpp"
#include "permissions/rule.hpp"

namespace souk::permissions {

class Row {
 public:
  struct Prepared {
    std::shared_ptr<const Regex> regex;
    std::shared_ptr<const Expression> condition;
  };

  static std::shared_ptr<const Row> make(RuleOrder order, RuleEffect effect, std::span<const std::string> values,
                                         std::vector<Prepared> prepared);
  Row(const Row&) = delete;
  Row& operator=(const Row&) = delete;

  [[nodiscard]] RuleId id() const { return RuleId{order_.number}; }
  [[nodiscard]] const RuleOrder& order() const { return order_; }
  [[nodiscard]] RuleEffect effect() const { return effect_; }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::string_view value(std::size_t column) const {
    return {text() + begins_[column], static_cast<std::size_t>(begins_[column + 1] - begins_[column])};
  }
  [[nodiscard]] bool has_values(std::span<const std::string> values) const;
  [[nodiscard]] bool has_prepared() const { return !prepared_.empty(); }
  /// Null for a plain pattern.
  [[nodiscard]] std::shared_ptr<const Regex> regex(std::size_t slot) const {
    return prepared_.empty() ? nullptr : prepared_[slot].regex;
  }
  [[nodiscard]] const Regex* peek_regex(std::size_t slot) const {
    return prepared_.empty() ? nullptr : prepared_[slot].regex.get();
  }
  [[nodiscard]] const Expression* condition(std::size_t slot) const { return prepared_[slot].condition.get(); }
  [[nodiscard]] Rule to_rule(std::string_view kind) const;

 private:
  Row(RuleOrder order, RuleEffect effect, std::span<const std::string> values, std::vector<Prepared> prepared);
  ~Row() = default;
  /// All values, one behind the other.
  [[nodiscard]] const char* text() const { return reinterpret_cast<const char*>(this + 1); }

  RuleOrder order_;
  RuleEffect effect_;
  std::uint8_t size_;
  std::array<std::uint16_t, kColumnsMax + 1> begins_{};
  std::vector<Prepared> prepared_;  ///< one for each slot, or none if no slot of this rule needs any
};

/// A hash of all values of a rule.
std::uint64_t hash_of_values(std::span<const std::string> values);
std::uint64_t hash_of_values(const Row& row);

}  // namespace souk::permissions
