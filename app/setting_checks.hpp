/// What is wrong with the text of a setting, looked at by itself.
///
/// Each check returns the end of "… must be", and nothing if the text is right. None repeats the text: what does not
/// fit may be a secret in the wrong place.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"

namespace souk {

struct Endpoint {
  std::string host;
  std::uint16_t port = 0;
  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

/// "127.0.0.1:8080", "[::1]:8080", "shop.example:0". Errors: kInvalid "config.invalid".
Result<Endpoint> parse_endpoint(std::string_view text);

/// Addresses with commas between them; none if one of them is none.
std::optional<std::vector<std::string>> parse_elasticsearch_urls(std::string_view text);

namespace setting_checks {

std::string_view endpoint(std::string_view text);
std::string_view http_address(std::string_view text);
std::string_view http_address_or_none(std::string_view text);
std::string_view peer_or_none(std::string_view text);
std::string_view networks(std::string_view text);
std::string_view forwarded_header(std::string_view text);
std::string_view elasticsearch_urls(std::string_view text);
std::string_view origins(std::string_view text);
std::string_view brokers(std::string_view text);
std::string_view topic(std::string_view text);
std::string_view topic_prefix(std::string_view text);
std::string_view kinds(std::string_view text);
std::string_view event_types(std::string_view text);
std::string_view sandbox_faults(std::string_view text);
std::string_view compression(std::string_view text);
std::string_view schedule(std::string_view text);
std::string_view policy(std::string_view text);
std::string_view search_backend(std::string_view text);
std::string_view index_prefix(std::string_view text);
std::string_view analyzer(std::string_view text);
std::string_view session_policy(std::string_view text);
std::string_view path(std::string_view text);

}  // namespace setting_checks

}  // namespace souk
