#include "gateway/http/request.hpp"

#include <cassert>

namespace souk::http {

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

std::optional<std::string_view> Request::header(std::string_view name) const {
  for (const auto& header : headers_) {
    if (equals_ignoring_case(header.name, name)) return header.value;
  }
  return std::nullopt;
}

Result<std::optional<std::string_view>> Request::single_header(std::string_view name) const {
  std::optional<std::string_view> found;
  for (const auto& header : headers_) {
    if (!equals_ignoring_case(header.name, name)) continue;
    if (found) {
      return fail(ErrorCode::kInvalid, "request.duplicate_header",
                  "the header " + std::string(name) + " is there twice");
    }
    found = header.value;
  }
  return found;
}

std::string_view Request::path_parameter(std::string_view name) const {
  for (std::size_t i = 0; i < path_parameter_count_; ++i) {
    if (path_parameters_[i].first == name) return path_parameters_[i].second;
  }
  assert(!"the route's pattern has no such parameter");
  return {};
}

}  // namespace souk::http
