/// One judgement: finds the rules that may hold, tries them, and combines what they say.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "permissions/evaluator.hpp"
#include "permissions/policy.hpp"

namespace souk::permissions {

/// What judgements of one thread need and leave to the next one.
struct Workspace {
  Evaluator evaluator;
  std::vector<std::vector<std::uint64_t>> columns;  ///< hashes of what each bound column may be
  std::vector<std::uint64_t> groups;                ///< hashes of what they may be together, in order
  std::vector<std::uint64_t> patterns;              ///< hashes of beginnings that a pattern may have
};

class Enforcement {
 public:
  Enforcement(const Policy& policy, const Model::Context& context, std::span<const Value> request,
              Workspace& workspace);

  Verdict judge();
  Verdict judge_by_scan();
  /// The ways from subjects to roles by which the rule applies.
  std::vector<std::vector<std::string>> roles_used(const Row& row);

 private:
  struct Best {
    const Row* row = nullptr;
    RuleOrder order;
    const char* fault = nullptr;
  };

  /// How a column stands in an index that is by its beginnings.
  struct PatternIndex {
    PatternKind kind;
    const BeginningCounts& beginnings;
  };

  [[nodiscard]] Verdict without_rules();
  [[nodiscard]] Verdict verdict() const;

  [[nodiscard]] bool is_excluded(const Branch& branch);
  void try_all();
  /// Tries all rules that the branch can hold for; false if they could not be told from the others.
  bool try_branch(const Branch& branch);
  /// The hashes of what the column may be; of beginnings if it is bound by a pattern. False as above.
  bool collect(const BoundColumn& bound, std::vector<std::uint64_t>& hashes, const PatternIndex* index);
  bool add_probe(const Probe& probe, std::vector<std::uint64_t>& hashes, const PatternIndex* index);
  void add_groups(std::size_t columns, std::size_t column, std::uint64_t group);
  void try_pattern(const RowTable::Entries& index, std::uint64_t pattern);

  /// Whether rules behind this one may still say something.
  bool consider(const Row& row);
  [[nodiscard]] RuleOrder order_of(const Row& row) const;
  void try_row(const Row& row, const RuleOrder& order, Best& best);

  void add_roles_used(const Expression& expression, NodeIndex index, const Row& row,
                      std::vector<std::vector<std::string>>& out);
  void add_way(const Expression& expression, const Node& node, const Row& row,
               std::vector<std::vector<std::string>>& out);

  const Policy& policy_;
  const Model::Context& context_;
  const RowTable& table_;
  Workspace& workspace_;
  Evaluator& evaluator_;
  Best allow_;  ///< the first rule that allows, under priority the first that says anything
  Best deny_;
};

}  // namespace souk::permissions
