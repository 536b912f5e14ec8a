#include "limits/client_address.hpp"

#include <algorithm>
#include <cctype>
#include <optional>

namespace souk::limits {
namespace {

std::string_view trim(std::string_view text) {
  const auto is_space = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

bool is_port(std::string_view text) {
  return !text.empty() && text.size() <= 5 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// "192.0.2.1", "192.0.2.1:80", "2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:80".
std::optional<Address> parse_node(std::string_view text) {
  if (!text.empty() && text.front() == '[') {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view rest = text.substr(end + 1);
    if (!rest.empty() && (rest.front() != ':' || !is_port(rest.substr(1)))) return std::nullopt;
    const std::string_view inside = text.substr(1, end - 1);
    return inside.find(':') == std::string_view::npos ? std::nullopt : Address::parse(inside);
  }
  const std::size_t colon = text.find(':');
  if (colon != std::string_view::npos && text.find(':', colon + 1) == std::string_view::npos) {
    return is_port(text.substr(colon + 1)) ? Address::parse(text.substr(0, colon)) : std::nullopt;
  }
  return Address::parse(text);
}

/// Splits at a mark outside of quotes, from the right; quotes are not left open by whoever is believed.
class FromTheRight {
 public:
  FromTheRight(std::string_view text, char mark) : rest_(text), mark_(mark) {}

  std::optional<std::string_view> next() {
    if (is_over_) return std::nullopt;
    bool is_quoted = false;
    for (std::size_t i = rest_.size(); i-- > 0;) {
      if (rest_[i] == '"') is_quoted = !is_quoted;
      if (rest_[i] != mark_ || is_quoted) continue;
      const std::string_view part = trim(rest_.substr(i + 1));
      rest_ = rest_.substr(0, i);
      return part;
    }
    is_over_ = true;
    return trim(rest_);
  }

 private:
  std::string_view rest_;
  char mark_;
  bool is_over_ = false;
};

bool is_for(std::string_view name) {
  return name.size() == 3 && std::tolower(static_cast<unsigned char>(name[0])) == 'f' &&
         std::tolower(static_cast<unsigned char>(name[1])) == 'o' &&
         std::tolower(static_cast<unsigned char>(name[2])) == 'r';
}

/// The address of `for=` in one element, which must name it once.
std::optional<Address> parse_element(std::string_view element) {
  std::optional<Address> found;
  FromTheRight pairs(element, ';');
  while (const auto pair = pairs.next()) {
    const std::size_t equals = pair->find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    if (!is_for(pair->substr(0, equals))) continue;
    if (found) return std::nullopt;
    std::string_view value = pair->substr(equals + 1);
    const bool is_quoted = value.size() >= 2 && value.front() == '"' && value.back() == '"';
    if (is_quoted) value = value.substr(1, value.size() - 2);
    if (!is_quoted && value.find(':') != std::string_view::npos) return std::nullopt;
    found = parse_node(value);
    if (!found) return std::nullopt;
  }
  return found;
}

}  // namespace

Address client_address(const Address& peer, const NetworkList& proxies, ForwardedHeader header,
                       std::span<const std::string_view> values) {
  if (!proxies.holds(peer)) return peer;
  Address nearest = peer;
  std::size_t seen = 0;
  for (std::size_t line = values.size(); line-- > 0;) {
    FromTheRight elements(values[line], ',');
    while (const auto element = elements.next()) {
      // Empty elements are none (RFC 9110, 5.6.1).
      if (element->empty()) continue;
      if (++seen > kForwardedMax) return peer;
      const auto said = header == ForwardedHeader::kForwarded ? parse_element(*element) : parse_node(*element);
      if (!said) return peer;
      if (!proxies.holds(*said)) return *said;
      nearest = *said;
    }
  }
  return nearest;
}

}  // namespace souk::limits
