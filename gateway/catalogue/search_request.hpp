/// What a search is asked for, out of a request's parameters.
#pragma once

#include <string>

#include "gateway/api_call.hpp"
#include "projections/search/search.hpp"

namespace souk {

struct WantedSearch {
  SearchQuery query;
  bool is_none = false;  ///< the category or the brand is not there, so nothing is found
  std::string scope;     ///< of the cursors
};

/// Errors: kInvalid "query.q_invalid", "query.price_min_invalid", "query.price_max_invalid", "query.in_stock_invalid",
/// "query.facets_invalid", "query.sort_invalid", "cursor.invalid", those of read_wanted_products and read_page_limit.
Result<WantedSearch> read_wanted_search(const ApiCall& call);

/// The text that is searched for; empty if there is none. Errors: kInvalid "query.q_invalid".
Result<std::string> read_search_text(const ApiCall& call);

/// The cursor of what follows.
std::string seal_place(const ApiCall& call, std::string_view scope, const SearchPlace& place);

}  // namespace souk
