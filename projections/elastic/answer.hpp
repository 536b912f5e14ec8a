/// What the server answers to a search: read as strictly as if a stranger had written it.
///
/// Thread-safety: values.
#pragma once

#include <string>

#include "projections/search/search.hpp"

namespace souk::elastic {

/// Errors: kUnavailable "search.unavailable": it is not the whole answer, or none at all.
Result<SearchAnswer> read_answer(const std::string& text, const SearchQuery& query);

}  // namespace souk::elastic
