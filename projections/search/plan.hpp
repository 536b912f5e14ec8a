/// What is to be looked for: the words after synonyms and corrections, and how many of them must be there. It is what a
/// backend needs that finds the matches elsewhere.
///
/// Thread-safety: values.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "projections/search/answer_basis.hpp"
#include "projections/search/query.hpp"
#include "projections/search/search.hpp"

namespace souk {

struct PlannedSearch {
  struct Words {
    std::vector<search::WordGroup> groups;
    search::Need need = search::Need::kAll;
    std::optional<std::string> corrected;  ///< the text that is looked for instead
  };

  SearchQuery query;
  std::optional<Words> words;  ///< none: everything is found
  AnswerBasis basis;
  Position position;  ///< of the log, at which the plan was made
};

struct PlannedSuggestions {
  SearchSuggestions suggestions;  ///< all but the products
  std::vector<search::WordGroup> groups;
};

}  // namespace souk
