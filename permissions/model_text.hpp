/// The sections of a model's text and what they define, not yet understood.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"

namespace souk::permissions {

struct ModelLine {
  char section = 0;  ///< r, p, g, e or m
  std::string key;   ///< such as "p2"
  std::string value;
  std::size_t number = 0;  ///< of the line that it begins in
};

/// Errors: as Model::parse.
Result<std::vector<ModelLine>> read_model_lines(std::string_view text);

tl::unexpected<Error> model_error(std::string_view reason, std::size_t line, std::string_view what);

}  // namespace souk::permissions
