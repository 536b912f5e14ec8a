#include "permissions/role_search.hpp"

#include "permissions/text_hash.hpp"

namespace souk::permissions {

std::optional<std::uint32_t> NameSet::find(std::uint64_t hash, std::string_view text) const {
  if (table_.empty()) {
    for (std::uint32_t i = 0; i < names_.size(); ++i) {
      if (names_[i].hash == hash && names_[i].text == text) return i;
    }
    return std::nullopt;
  }
  for (auto at = hash & (table_.size() - 1); table_[at] != 0; at = (at + 1) & (table_.size() - 1)) {
    const auto number = table_[at] - 1;
    if (names_[number].hash == hash && names_[number].text == text) return number;
  }
  return std::nullopt;
}

std::optional<std::uint32_t> NameSet::find(std::string_view text) const {
  return find(hash_of(text), text);
}

void NameSet::put(std::uint32_t number) {
  auto at = names_[number].hash & (table_.size() - 1);
  while (table_[at] != 0) at = (at + 1) & (table_.size() - 1);
  table_[at] = number + 1;
}

void NameSet::grow() {
  std::size_t size = 4 * kFew;
  while (size < names_.size() * 4) size *= 2;
  table_.assign(size, 0);
  for (std::uint32_t i = 0; i < names_.size(); ++i) put(i);
}

bool NameSet::add(std::string_view text, std::uint32_t parent) {
  const auto hash = hash_of(text);
  if (find(hash, text)) return false;
  names_.push_back({hash, text, parent});
  if (names_.size() <= kFew) return true;
  if (names_.size() * 2 > table_.size())
    grow();
  else
    put(static_cast<std::uint32_t>(names_.size() - 1));
  return true;
}

IndexShape role_index(bool has_domain) {
  IndexShape out{{0}, std::nullopt};
  if (has_domain) out.columns.push_back(2);
  return out;
}

const NameSet& RoleSearch::roles_of(std::size_t definition, std::string_view subject, const std::string_view* domain) {
  const auto asked = domain == nullptr ? std::string_view() : *domain;
  for (std::size_t i = 0; i < used_; ++i) {
    const Answer& answer = answers_[i];
    if (answer.definition == definition && answer.subject == subject && answer.domain == asked) return answer.roles;
  }
  if (used_ < kKept) ++used_;
  if (answers_.size() < used_) answers_.emplace_back();
  Answer& answer = answers_[used_ - 1];
  answer.definition = definition;
  answer.subject = subject;
  answer.domain = asked;
  search(answer, domain != nullptr);
  return answer.roles;
}

void RoleSearch::search(Answer& answer, bool has_domain) const {
  const RowTable& table = *tables_[answer.definition];
  answer.roles.clear();
  answer.roles.add(answer.subject, 0);
  const auto domain_hash = hash_of(answer.domain);
  std::size_t level_begin = 0;
  for (std::size_t level = 1; level < kRoleLevelsMax; ++level) {
    const auto level_end = answer.roles.names().size();
    if (level_begin == level_end) return;
    for (auto i = level_begin; i < level_end; ++i) {
      const auto name = answer.roles.names()[i];
      auto group = hash_with(kNoColumns, name.hash);
      if (has_domain) group = hash_with(group, domain_hash);
      for (auto cursor = table.index(0).entries.find({0, group}); !cursor.at_end() && (*cursor).group == group;
           cursor.next()) {
        const Row& row = *(*cursor).row;
        if (row.value(0) != name.text || (has_domain && row.value(2) != answer.domain)) continue;
        answer.roles.add(row.value(1), static_cast<std::uint32_t>(i));
      }
    }
    level_begin = level_end;
  }
}

}  // namespace souk::permissions
