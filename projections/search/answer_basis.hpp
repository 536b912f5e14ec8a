/// What an answer of a search was made of, so that it can be told whether it would be made the same again.
///
/// Thread-safety: values.
#pragma once

#include <cstdint>
#include <vector>

#include "projections/search/columns.hpp"

namespace souk {

struct AnswerBasis {
  struct Shown {
    std::uint32_t slot = 0;
    std::uint64_t changed = 0;
  };

  bool is_lasting = false;   ///< false: it may be made otherwise although nothing has changed
  std::uint32_t fields = 0;  ///< a bit for each kind that was looked at
  search::FieldVersions versions;
  std::uint64_t synonyms = 0;
  std::vector<Shown> shown;
};

}  // namespace souk
