#include "gateway/http/cors.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <system_error>

namespace souk::http {
namespace {

/// As browsers send it: scheme and host in lower case, a port only where it is not the scheme's own, nothing behind.
bool is_origin(std::string_view text) {
  std::string_view standard_port;
  if (text.starts_with("https://")) {
    text.remove_prefix(8);
    standard_port = "443";
  } else if (text.starts_with("http://")) {
    text.remove_prefix(7);
    standard_port = "80";
  } else {
    return false;
  }
  const auto host_end = text.starts_with('[') ? text.find(']') : text.find(':');
  const bool is_literal = text.starts_with('[');
  if (is_literal && host_end == std::string_view::npos) return false;
  const auto host = text.substr(0, is_literal ? host_end + 1 : host_end);
  const auto is_of_host = [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           (is_literal && (c == ':' || c == '[' || c == ']'));
  };
  if (host.empty() || !std::ranges::all_of(host, is_of_host)) return false;
  const auto port = text.substr(host.size());
  if (port.empty()) return true;
  const auto digits = port.substr(1);
  std::uint16_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return port.front() == ':' && digits != standard_port && !digits.starts_with('0') && error == std::errc{} &&
         end == digits.data() + digits.size();
}

}  // namespace

Result<Cors> Cors::parse(std::string_view list) {
  Cors cors;
  for (bool last = list.empty(); !last;) {
    const auto comma = list.find(',');
    last = comma == std::string_view::npos;
    auto origin = list.substr(0, comma);
    if (!last) list.remove_prefix(comma + 1);
    while (origin.starts_with(' ')) origin.remove_prefix(1);
    while (origin.ends_with(' ')) origin.remove_suffix(1);
    if (origin == "*" && last && cors.origins_.empty()) {
      cors.any_ = true;
    } else if (is_origin(origin)) {
      cors.origins_.emplace_back(origin);
    } else {
      return fail(ErrorCode::kInvalid, "cors.origin_invalid", "'" + std::string(origin) + "' is no origin");
    }
  }
  return cors;
}

std::string_view Cors::allowed_origin(const Request& request) const {
  // Always: an answer that a browser keeps may be read by a page later on, and was asked for by none.
  if (any_) return "*";
  const auto origin = request.single_header("Origin");
  if (!origin || !*origin) return {};
  const auto found = std::ranges::find(origins_, **origin);
  return found == origins_.end() ? std::string_view{} : std::string_view(*found);
}

bool Cors::is_preflight(const Request& request) const {
  return request.method == Method::kOptions && request.header("Access-Control-Request-Method").has_value() &&
         !allowed_origin(request).empty();
}

}  // namespace souk::http
