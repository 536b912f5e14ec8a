/// Entity tags in If-Match and If-None-Match. A representation is known by the tag of any of its codings.
/// Source: RFC 9110, sections 8.8.3 and 13.1.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace souk::http {

/// The tags of such a header, each with its quotes and, if weak, its "W/"; "*" is given as it is.
/// Nothing when the text is no list of tags.
std::optional<std::vector<std::string_view>> parse_etags(std::string_view header);

/// For If-None-Match: weak comparison. The tag of the list that matches, or nothing.
std::optional<std::string_view> find_etag_weakly(std::string_view header, std::string_view etag);

/// For If-Match: strong comparison, which no weak tag ever passes.
bool etag_matches_strongly(std::string_view header, std::string_view etag);

}  // namespace souk::http
