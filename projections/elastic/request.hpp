/// What the server is asked, so that it answers with the same matches, order, totals and facets as the embedded search
/// has, save what is said below.
///
/// Whatever a person has typed goes into the request as words that text.hpp made, each the value of a `term`; there is
/// no language of queries in it that could be misused. The score is the number that the embedded search sorts by
/// (search::points_of), made of whole numbers that a float holds exactly. So a page that one backend began may be
/// continued by the other.
///
/// Where they differ: a single character that stands alone in the query and in a pair of the name counts for both; the
/// alternative with the most points is taken with its share of the name; where half of the words are enough, all that
/// have them are found, however many; an analyzer of the server's finds more.
/// Thread-safety: values.
#pragma once

#include <string>

#include "projections/search/plan.hpp"
#include "projections/search/search.hpp"

namespace souk::elastic {

struct Asked {
  const SearchQuery& query;
  const PlannedSearch::Words* words = nullptr;  ///< none: everything is found
  bool has_analyzer = false;
};

/// Errors: kUnavailable "search.unavailable": it has too many words and synonyms.
Result<std::string> body_of(const Asked& asked, Duration timeout);

}  // namespace souk::elastic
