/// What the embedded search is told when it is opened.
#pragma once

#include <functional>
#include <string>

#include "engine/base/result.hpp"

namespace souk {

struct EmbeddedSearchOptions {
  std::string synonyms_file;                     ///< empty: none
  std::function<void(const Error&)> on_problem;  ///< the file of synonyms cannot be used
};

}  // namespace souk
