/// Makes the next version of a policy from one before.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "permissions/policy.hpp"

namespace souk::permissions {

class PolicyWriter {
 public:
  explicit PolicyWriter(const Policy& before);
  explicit PolicyWriter(std::shared_ptr<const Model> model);

  Result<void> apply(const Change& change);
  /// `id`: as in Change.
  Result<void> add(const Rule& rule, RuleId id = {});
  /// The policy with all that was applied. Asked once.
  Result<std::shared_ptr<const Policy>> finish();

 private:
  /// A table that is ours to change, and how its rules look.
  struct Target {
    RowTable* table = nullptr;
    const Model::RuleDefinition* rules = nullptr;  ///< null of role assignments
    std::size_t values = 0;
  };

  Result<Target> target_of(const Rule& rule);
  /// A table of `out_` that may be changed: a copy is put in its place the first time.
  RowTable* own(std::vector<std::shared_ptr<const RowTable>>& tables, std::size_t number);
  Result<std::shared_ptr<const Row>> make_row(const Target& target, const std::vector<std::string>& values,
                                              std::uint64_t number) const;
  /// How many regular expressions all rules have.
  [[nodiscard]] std::size_t regexes() const;
  Result<std::vector<Row::Prepared>> prepare_row(const Target& target, const std::vector<std::string>& values) const;
  Result<void> insert(const Target& target, const std::vector<std::string>& values, std::uint64_t number);
  Result<void> order_subjects();

  Edit edit_;
  std::shared_ptr<Policy> out_;
  std::vector<std::shared_ptr<RowTable>> owned_;  ///< of the tables those that nobody else has seen
  bool roles_changed_ = false;
};

}  // namespace souk::permissions
