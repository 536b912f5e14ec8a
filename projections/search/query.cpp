#include "projections/search/query.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace souk::search {

namespace {

/// Of five groups three are needed, which are ten choices.
constexpr std::size_t kChosenFromMax = 5;

/// A pair that a synonym's words reach into says nothing once the synonym stands for them: 红色马克杯 has 色马.
bool reaches_into(const QueryWord& word, const WordGroup& group) {
  return word.source_begin < group.source_end && word.source_end > group.source_begin;
}

}  // namespace

std::vector<WordGroup> groups_of(std::string_view text, const Synonyms& synonyms) {
  const auto words = query_words(text);
  std::vector<std::string> texts;
  for (const auto& word : words) texts.push_back(word.text);

  std::vector<WordGroup> groups;
  std::vector<WordGroup> with_synonyms;
  for (std::size_t i = 0; i < words.size();) {
    const auto match = synonyms.find(texts, i);
    const auto size = std::max<std::size_t>(match.size, 1);
    WordGroup group;
    group.source_begin = words[i].source_begin;
    group.source_end = words[i + size - 1].source_end;
    group.alternatives.emplace_back(texts.begin() + static_cast<std::ptrdiff_t>(i),
                                    texts.begin() + static_cast<std::ptrdiff_t>(i + size));
    if (match.size > 0) {
      group.alternatives.insert(group.alternatives.end(), match.others->begin(), match.others->end());
      with_synonyms.push_back(group);
    } else {
      group.is_latin = words[i].is_latin;
      group.is_weak = words[i].is_weak;
    }
    if (size == 1 && !words[i].pair.empty()) group.alternatives.push_back({words[i].pair});
    groups.push_back(std::move(group));
    i += size;
  }
  for (auto& group : groups) {
    if (group.alternatives.size() > 1) continue;
    const QueryWord word{{}, {}, false, false, group.source_begin, group.source_end};
    group.is_weak = group.is_weak ||
                    std::ranges::any_of(with_synonyms, [&](const WordGroup& one) { return reaches_into(word, one); });
  }
  if (std::ranges::any_of(groups, [](const WordGroup& group) { return !group.is_weak; })) {
    std::erase_if(groups, [](const WordGroup& group) { return group.is_weak; });
  }
  return groups;
}

Expression::Expression(const std::vector<WordGroup>& groups, Need need)
    : needed_(need == Need::kAll ? groups.size() : (groups.size() + 1) / 2) {
  for (const auto& group : groups) {
    auto& sizes = groups_.emplace_back();
    for (const auto& words : group.alternatives) sizes.push_back(words.size());
  }
  if (needed_ > 1 && needed_ < groups.size() && groups.size() <= kChosenFromMax) {
    write_choices(groups);
    return;
  }
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (i > 0) text_.append(need == Need::kAll ? " AND " : " OR ");
    write_group(groups[i]);
    order_.push_back(i);
  }
}

void Expression::write_choices(const std::vector<WordGroup>& groups) {
  const auto end = 1U << groups.size();
  for (unsigned choice = 1; choice < end; ++choice) {
    if (static_cast<std::size_t>(std::popcount(choice)) != needed_) continue;
    text_.append(text_.empty() ? "(" : " OR (");
    bool is_first = true;
    for (std::size_t i = 0; i < groups.size(); ++i) {
      if ((choice & 1U << i) == 0) continue;
      if (!std::exchange(is_first, false)) text_.append(" AND ");
      write_group(groups[i]);
      order_.push_back(i);
    }
    text_.push_back(')');
  }
}

void Expression::write_group(const WordGroup& group) {
  text_.push_back('(');
  for (std::size_t i = 0; i < group.alternatives.size(); ++i) {
    text_.append(i == 0 ? "(" : " OR (");
    const auto& words = group.alternatives[i];
    for (std::size_t j = 0; j < words.size(); ++j) {
      // Words have no quotes in them: of ASCII they have letters and digits only.
      text_.append(j == 0 ? "\"" : " AND \"").append(words[j]).append("\"");
    }
    text_.push_back(')');
  }
  text_.push_back(')');
}

std::vector<std::string> words_in(const std::vector<WordGroup>& groups) {
  std::vector<std::string> all;
  for (const auto& group : groups) {
    for (const auto& words : group.alternatives) all.insert(all.end(), words.begin(), words.end());
  }
  return all;
}

}  // namespace souk::search
