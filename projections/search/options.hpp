/// What the embedded search is told when it is opened.
#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "engine/base/result.hpp"

namespace souk {

struct EmbeddedSearchOptions {
  std::string synonyms_file;                     ///< empty: none
  std::size_t readers_max = 4;                   ///< queries that run side by side
  std::function<void(const Error&)> on_problem;  ///< the file of synonyms cannot be used
};

}  // namespace souk
