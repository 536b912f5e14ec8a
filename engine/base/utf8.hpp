/// Counting the characters of UTF-8 text, and the few questions about text that rules ask.
///
/// Source: Unicode 15, table 3-7 (well-formed byte sequences).
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace souk {

/// The number of code points; nothing when the text is not well-formed UTF-8 (overlong forms and surrogates are not).
std::optional<std::size_t> count_code_points(std::string_view text);

/// Whether the text is well-formed, has `min` to `max` code points, and no control characters (C0, DEL, C1).
bool is_line_of(std::string_view text, std::size_t min, std::size_t max);

/// The same, but tabs and line ends are welcome.
bool is_prose_of(std::string_view text, std::size_t min, std::size_t max);

/// Whether the text begins or ends with a space or consists of spaces only.
bool has_outer_space(std::string_view text);

}  // namespace souk
