/// Full-text tables that were written part by part, as one part: reading looks a word up in each part.
///
/// Changes no row. What fails leaves everything as it was. Reading goes on meanwhile; nobody else may write.
#pragma once

#include <string>

#include "engine/base/result.hpp"

namespace souk {

/// Of the tables of FTS5 in the file of a projection. Takes some 3 µs for each document that it holds.
Result<void> merge_full_text(const std::string& path);

}  // namespace souk
