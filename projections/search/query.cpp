#include "projections/search/query.hpp"

#include <algorithm>

namespace souk::search {

namespace {

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
    groups.push_back(std::move(group));
    i += size;
  }
  for (auto& group : groups) {
    if (group.alternatives.size() > 1) continue;
    const QueryWord word{{}, false, false, group.source_begin, group.source_end};
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
  const auto join = [this](bool is_first, std::string_view between) {
    if (!is_first) text_.append(between);
  };
  for (const auto& group : groups) {
    join(groups_.empty(), need == Need::kAll ? " AND " : " OR ");
    auto& sizes = groups_.emplace_back();
    text_.push_back('(');
    for (const auto& words : group.alternatives) {
      join(sizes.empty(), " OR ");
      text_.push_back('(');
      for (std::size_t i = 0; i < words.size(); ++i) {
        join(i == 0, " AND ");
        // Words have no quotes in them: of ASCII they have letters and digits only.
        text_.append("\"").append(words[i]).append("\"");
      }
      text_.push_back(')');
      sizes.push_back(words.size());
    }
    text_.push_back(')');
  }
}

std::vector<std::string> words_in(const std::vector<WordGroup>& groups) {
  std::vector<std::string> all;
  for (const auto& group : groups) {
    for (const auto& words : group.alternatives) all.insert(all.end(), words.begin(), words.end());
  }
  return all;
}

}  // namespace souk::search
