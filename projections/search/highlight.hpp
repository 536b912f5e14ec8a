/// Showing in a text what was found: marked up for HTML, and cut to a size.
///
/// The text is escaped, so that what comes of it can be put into a page; found words stand between <em> and </em>.
/// Thread-safety: any thread.
#pragma once

#include <string>
#include <string_view>

#include "projections/search/text.hpp"

namespace souk::search {

/// The whole text.
std::string highlight(std::string_view text, const FoundWords& words);

/// About `size` characters around the first word that was found, "…" where something was left out; the beginning if
/// none was.
std::string snippet(std::string_view text, const FoundWords& words, std::size_t size = 120);

}  // namespace souk::search
