/// Takes the text of a condition apart.
///
/// Errors: kInvalid "permissions.condition" with the place.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"

namespace souk::permissions {

struct Token {
  enum class Kind : std::uint8_t { kName, kText, kNumber, kSymbol, kEnd };

  Kind kind = Kind::kEnd;
  std::string text;  ///< of a text without its quotes
  double number = 0;
  std::size_t at = 0;
};

/// The last token is the end. A `#` begins a comment.
Result<std::vector<Token>> tokens_of(std::string_view text);

tl::unexpected<Error> condition_error(std::size_t at, std::string_view what);

}  // namespace souk::permissions
