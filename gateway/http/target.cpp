#include "gateway/http/target.hpp"

#include <algorithm>

namespace souk::http {
namespace {

constexpr int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

tl::unexpected<Error> bad(std::string_view what) {
  return fail(ErrorCode::kInvalid, "request.bad_target", std::string(what));
}

/// Decodes %XX, and '+' where asked, into `out`; false for broken encoding.
bool decode_into(std::string& out, std::string_view text, bool plus_is_space) {
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      if (i + 2 >= text.size()) return false;
      const int high = hex_digit(text[i + 1]);
      const int low = hex_digit(text[i + 2]);
      if (high < 0 || low < 0) return false;
      out.push_back(static_cast<char>(high * 16 + low));
      i += 2;
    } else {
      out.push_back(plus_is_space && text[i] == '+' ? ' ' : text[i]);
    }
  }
  return true;
}

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

}  // namespace

Result<void> Target::parse(std::string_view text) {
  path_ = {};
  raw_query_ = {};
  segment_count_ = 0;
  query_.clear();
  decoded_.clear();
  if (text.empty() || text.front() != '/') return bad("the target must be a path that begins with '/'");
  for (const char c : text) {
    // Controls, spaces and bytes beyond ASCII are never sent as they are; '#' belongs to the client alone.
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte >= 0x7f || c == '#') return bad("the target holds a character that must be encoded");
  }
  const auto question = text.find('?');
  path_ = text.substr(0, question);
  if (question != std::string_view::npos) raw_query_ = text.substr(question + 1);
  if (auto parsed = parse_path(); !parsed) return parsed;
  return parse_query();
}

Result<void> Target::parse_path() {
  std::string_view rest = path_.substr(1);
  for (bool last = false; !last;) {
    const auto slash = rest.find('/');
    last = slash == std::string_view::npos;
    std::string_view segment = rest.substr(0, slash);
    if (!last) rest.remove_prefix(slash + 1);
    if (segment.find('%') != std::string_view::npos) {
      auto& decoded = *decoded_.emplace_back(std::make_unique<std::string>());
      if (!decode_into(decoded, segment, false)) return bad("the path has broken percent-encoding");
      segment = decoded;
      if (std::any_of(segment.begin(), segment.end(), [](char c) { return c == '/' || is_control(c); })) {
        return bad("a segment of the path holds an encoded '/' or control character");
      }
    }
    if (segment == "." || segment == "..") return bad("the path holds a dot segment");
    if (segment_count_ == kSegmentsMax) return bad("the path has too many segments");
    segments_[segment_count_++] = segment;
  }
  return {};
}

Result<void> Target::parse_query() {
  if (raw_query_.empty()) return {};
  std::string_view rest = raw_query_;
  const auto decoded = [&](std::string_view text) -> std::optional<std::string_view> {
    if (text.find_first_of("%+") == std::string_view::npos) return text;
    auto& out = *decoded_.emplace_back(std::make_unique<std::string>());
    if (!decode_into(out, text, true)) return std::nullopt;
    return out;
  };
  for (bool last = false; !last;) {
    const auto ampersand = rest.find('&');
    last = ampersand == std::string_view::npos;
    const std::string_view pair = rest.substr(0, ampersand);
    if (!last) rest.remove_prefix(ampersand + 1);
    if (pair.empty()) continue;
    const auto equals = pair.find('=');
    const auto name = decoded(pair.substr(0, equals));
    const auto value = equals == std::string_view::npos ? std::string_view{} : decoded(pair.substr(equals + 1));
    if (!name || !value) return bad("the query has broken percent-encoding");
    if (query_.size() == kQueryParametersMax) return bad("the query has too many parameters");
    query_.push_back({*name, *value});
  }
  return {};
}

Result<std::optional<std::string_view>> Target::query(std::string_view name) const {
  std::optional<std::string_view> found;
  for (const auto& parameter : query_) {
    if (parameter.name != name) continue;
    if (found) {
      return fail(ErrorCode::kInvalid, "query.duplicate", "the query gives " + std::string(name) + " twice");
    }
    found = parameter.value;
  }
  return found;
}

}  // namespace souk::http
