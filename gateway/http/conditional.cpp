#include "gateway/http/conditional.hpp"

#include <algorithm>

#include "gateway/http/coding.hpp"

namespace souk::http {
namespace {

std::string_view opaque(std::string_view etag) {
  return etag.substr(0, 2) == "W/" ? etag.substr(2) : etag;
}

bool is_weak(std::string_view etag) {
  return etag.substr(0, 2) == "W/";
}

void skip_space(std::string_view& text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
}

}  // namespace

std::optional<std::vector<std::string_view>> parse_etags(std::string_view header) {
  std::vector<std::string_view> tags;
  skip_space(header);
  if (header == "*") return std::vector<std::string_view>{header};
  while (!header.empty()) {
    const std::size_t quote = is_weak(header) ? 2 : 0;
    if (header.size() < quote + 2 || header[quote] != '"') return std::nullopt;
    const auto end = header.find('"', quote + 1);
    if (end == std::string_view::npos) return std::nullopt;
    tags.push_back(header.substr(0, end + 1));
    header.remove_prefix(end + 1);
    skip_space(header);
    if (header.empty()) break;
    if (header.front() != ',') return std::nullopt;
    header.remove_prefix(1);
    skip_space(header);
    if (header.empty()) return std::nullopt;
  }
  if (tags.empty()) return std::nullopt;
  return tags;
}

std::optional<std::string_view> find_etag_weakly(std::string_view header, std::string_view etag) {
  const auto tags = parse_etags(header);
  if (!tags) return std::nullopt;
  const auto found = std::ranges::find_if(
      *tags, [&](std::string_view tag) { return tag == "*" || opaque(plain_etag(tag)) == opaque(etag); });
  return found == tags->end() ? std::nullopt : std::optional(*found);
}

bool etag_matches_strongly(std::string_view header, std::string_view etag) {
  const auto tags = parse_etags(header);
  return tags && !etag.empty() && std::any_of(tags->begin(), tags->end(), [&](std::string_view tag) {
           return tag == "*" || (plain_etag(tag) == etag && !is_weak(tag));
         });
}

}  // namespace souk::http
