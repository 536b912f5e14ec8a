/// The roles that a subject has, directly and through other roles: those of one judgement, each looked up once.
///
/// Limits: `kRoleLevelsMax` names on the way. Circles do no harm.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "permissions/row_table.hpp"

namespace souk::permissions {

/// Texts, each once. Few are compared one by one, many are found by their hash.
class NameSet {
 public:
  struct Name {
    std::uint64_t hash = 0;
    std::string_view text;
    std::uint32_t parent = 0;  ///< the number of the name that led to it; of the first one its own
  };

  void clear() {
    names_.clear();
    table_.clear();
  }
  /// Whether it is new.
  bool add(std::string_view text, std::uint32_t parent);
  /// The number of the name, or nothing.
  [[nodiscard]] std::optional<std::uint32_t> find(std::string_view text) const;
  [[nodiscard]] std::span<const Name> names() const { return names_; }

 private:
  static constexpr std::size_t kFew = 16;
  [[nodiscard]] std::optional<std::uint32_t> find(std::uint64_t hash, std::string_view text) const;
  void put(std::uint32_t number);
  void grow();

  std::vector<Name> names_;
  std::vector<std::uint32_t> table_;  ///< numbers plus one, at their hash; empty while there are few
};

class RoleSearch {
 public:
  /// `tables` are the role assignments, by role definition.
  void begin(std::span<const std::shared_ptr<const RowTable>> tables) {
    tables_ = tables;
    used_ = 0;
  }

  /// The subject itself, then its roles, the nearest first. Valid until the next call for another subject.
  const NameSet& roles_of(std::size_t definition, std::string_view subject, const std::string_view* domain);
  [[nodiscard]] bool has_role(std::size_t definition, std::string_view subject, std::string_view role,
                              const std::string_view* domain) {
    return subject == role || roles_of(definition, subject, domain).find(role).has_value();
  }

 private:
  /// So many answers are kept; a matcher that asks for each rule's own subject gets on without.
  static constexpr std::size_t kKept = 16;

  struct Answer {
    std::size_t definition = 0;
    std::string subject;
    std::string domain;
    NameSet roles;
  };

  void search(Answer& answer, bool has_domain) const;

  std::span<const std::shared_ptr<const RowTable>> tables_;
  std::deque<Answer> answers_;  ///< their names are pointed to
  std::size_t used_ = 0;
};

/// The index by which assignments are found: by subject, and by domain if they have one.
IndexShape role_index(bool has_domain);

}  // namespace souk::permissions
