#include "projections/search/plan.hpp"

#include <utility>

#include "projections/search/embedded_search.hpp"
#include "projections/search/text.hpp"

namespace souk {

Result<bool> EmbeddedSearch::is_there(sqlite::Database& db, const std::vector<search::WordGroup>& groups) {
  const SearchQuery everything;
  const search::Filter filter(columns_, everything);
  std::vector<search::Candidate> found;
  return match(db, search::Expression(groups, search::Need::kAll), filter, {.found_max = 1}, found);
}

/// As find_words does it.
Result<PlannedSearch> EmbeddedSearch::plan(const SearchQuery& query) {
  PlannedSearch plan;
  plan.query = query;
  const auto position = read([&](Reader& reader, sqlite::Database& db) -> Result<void> {
    plan.position = columns_.position();
    reader.consulted_dictionary = false;
    if (!search::query_words(query.text).empty()) {
      auto& words = plan.words.emplace();
      words.groups = search::groups_of(query.text, synonyms_.current());
      auto there = is_there(db, words.groups);
      if (there && !*there) {
        std::string corrected = query.text;
        const auto is_other = correct(reader, db, words.groups, corrected);
        if (!is_other) return tl::unexpected<Error>(is_other.error());
        if (*is_other && corrected != query.text) words.corrected = std::move(corrected);
        if (*is_other) there = is_there(db, words.groups);
        if (there && !*there && words.groups.size() > 1) words.need = search::Need::kHalf;
      }
      if (!there) return tl::unexpected<Error>(there.error());
    }
    note_basis(reader, query, plan.basis);
    return {};
  });
  if (!position) return tl::unexpected<Error>(position.error());
  return plan;
}

}  // namespace souk
