// What a text may become while it is typed.

#include <algorithm>
#include <optional>
#include <utility>

#include "projections/search/embedded_search.hpp"
#include "projections/search/text.hpp"

namespace souk {

namespace {

constexpr std::size_t kCompletions = 5;
/// Of so many matches, the names of so many are looked at for what may follow.
constexpr std::size_t kMatchesRanked = 2'000;
constexpr std::size_t kNamesRead = 50;
constexpr std::size_t kNames = 3;

/// The numbers of up to kNames living names with the text in them, those that begin with it first, then the shorter.
template <class NameOf, class Lives>
std::vector<search::Columns::Number> names_with(const std::string& text, std::size_t count, const NameOf& name_of,
                                                const Lives& lives) {
  struct Found {
    bool begins;
    std::size_t size;
    search::Columns::Number number;
  };
  std::vector<Found> found;
  for (search::Columns::Number number = 1; number < count; ++number) {
    if (!lives(number)) continue;
    const auto& name = name_of(number);
    const auto at = name.find(text);
    if (at != std::string::npos) found.push_back({at == 0, name.size(), number});
  }
  std::ranges::sort(found, [](const Found& a, const Found& b) {
    return std::tuple(!a.begins, a.size, a.number) < std::tuple(!b.begins, b.size, b.number);
  });
  std::vector<search::Columns::Number> numbers;
  for (std::size_t i = 0; i < std::min(kNames, found.size()); ++i) numbers.push_back(found[i].number);
  return numbers;
}

/// Of texts that begin alike, what all of them begin with; one for each first character, the most frequent first.
std::vector<std::string> common_beginnings(const std::vector<std::string>& texts) {
  struct Group {
    std::string common;
    std::size_t count = 0;
  };
  std::vector<Group> groups;
  for (const auto& text : texts) {
    const auto first = search::first_character(text);
    const auto group = std::ranges::find_if(groups, [&](const Group& one) { return one.common.starts_with(first); });
    if (group == groups.end()) {
      groups.push_back({text, 1});
    } else {
      group->common.resize(search::common_beginning(group->common, text).size());
      ++group->count;
    }
  }
  std::ranges::stable_sort(groups, std::greater{}, &Group::count);
  std::vector<std::string> found;
  for (auto& group : groups) found.push_back(std::move(group.common));
  return found;
}

/// Up to so many known words that the text's last one may become, of those that are looked for.
std::vector<std::string> words_from(const search::Dictionary& dictionary, const std::string& beginning) {
  auto words = dictionary.beginning_with(beginning, kCompletions * 3);
  std::erase_if(words, [](const std::string& word) { return search::query_words(word).front().is_weak; });
  words.resize(std::min(words.size(), kCompletions * 2));
  return words;
}

}  // namespace

Result<std::vector<std::string>> EmbeddedSearch::continuations(sqlite::Database& db,
                                                               const std::vector<search::WordGroup>& groups,
                                                               const std::string& last_run) {
  SearchQuery query;
  query.limit = kNamesRead;
  const search::Filter filter(columns_, query);
  std::vector<search::Candidate> found;
  auto matched =
      match(db, search::Expression(groups, search::Need::kAll), filter, {.found_max = kMatchesRanked}, found);
  if (!matched) return tl::unexpected<Error>(std::move(matched.error()));
  SearchAnswer answer;
  search::pick_page(columns_, query, found, answer);
  std::vector<std::string> continued;
  for (const auto& hit : answer.hits) {
    auto name = db.query("SELECT name FROM documents WHERE slot = ?", columns_.slot_of(hit.product));
    if (!name) return tl::unexpected<Error>(std::move(name.error()));
    auto row = name->step();
    if (!row) return tl::unexpected<Error>(std::move(row.error()));
    if (auto more = search::continuation_of(name->text(0), last_run); !more.empty()) continued.push_back(more);
  }
  return common_beginnings(continued);
}

Result<void> EmbeddedSearch::suggest_words(Reader& reader, sqlite::Database& db, const std::string& text,
                                           PlannedSuggestions& planned) {
  auto& suggestions = planned.suggestions;
  suggestions.position = columns_.position();
  const auto normal = search::normal_form(text);
  if (normal.empty()) return {};
  auto& groups = planned.groups;
  groups = search::groups_of(text, synonyms_.current());
  const auto last = search::last_run(text);
  if (last.is_latin) {
    auto read_words = reader.dictionary.refresh(db, columns_.versions()[search::Field::kWords]);
    if (!read_words) return read_words;
    const auto group = std::ranges::find_if(groups, [&](const search::WordGroup& one) {
      return one.is_latin && one.alternatives.front().front() == last.folded;
    });
    for (const auto& word : words_from(reader.dictionary, last.folded)) {
      if (suggestions.completions.size() < kCompletions) {
        suggestions.completions.push_back(text.substr(0, last.source_begin) + word);
      }
      if (group != groups.end()) group->alternatives.push_back({word});
    }
  } else if (last.is_wide) {
    const auto more = continuations(db, groups, last.folded);
    if (!more) return tl::unexpected<Error>(more.error());
    const auto typed = text.substr(0, last.source_end);
    for (const auto& one : *more) {
      if (suggestions.completions.size() < kCompletions) suggestions.completions.push_back(typed + one);
    }
  }
  for (const auto number : names_with(
           normal, columns_.category_count(), [&](auto n) -> auto& { return columns_.category_name(n); },
           [&](auto n) { return columns_.is_living_category(n); })) {
    suggestions.categories.push_back(columns_.category(number));
  }
  for (const auto number : names_with(
           normal, columns_.brand_count(), [&](auto n) -> auto& { return columns_.brand_name(n); },
           [&](auto n) { return columns_.is_living_brand(n); })) {
    suggestions.brands.push_back(columns_.brand(number));
  }
  return {};
}

Result<PlannedSuggestions> EmbeddedSearch::plan_suggestions(const std::string& text) {
  PlannedSuggestions planned;
  const auto position =
      read([&](Reader& reader, sqlite::Database& db) { return suggest_words(reader, db, text, planned); });
  if (!position) return tl::unexpected<Error>(position.error());
  return planned;
}

Result<SearchSuggestions> EmbeddedSearch::suggest(const std::string& text) {
  PlannedSuggestions planned;
  const auto position = read([&](Reader& reader, sqlite::Database& db) -> Result<void> {
    auto suggested = suggest_words(reader, db, text, planned);
    if (!suggested || planned.groups.empty()) return suggested;
    SearchQuery query;
    query.limit = kSuggestedProducts;
    query.facets = false;
    const search::Filter filter(columns_, query);
    std::vector<search::Candidate> found;
    const auto matched = match(db, search::Expression(planned.groups, search::Need::kAll), filter, {}, found);
    if (!matched) return tl::unexpected<Error>(matched.error());
    SearchAnswer answer;
    search::pick_page(columns_, query, found, answer);
    for (const auto& hit : answer.hits) planned.suggestions.products.push_back(hit.product);
    return {};
  });
  if (!position) return tl::unexpected<Error>(position.error());
  return std::move(planned.suggestions);
}

}  // namespace souk
