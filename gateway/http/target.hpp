/// The target of a request taken apart: path segments and query parameters, percent-decoded exactly once.
///
/// Strict, so that no two spellings of a path mean different things to different readers: an encoded '/', NUL or other
/// control character, a dot segment (encoded or not) and broken percent-encoding are refused.
/// Source: RFC 3986.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"

namespace souk::http {

struct QueryParameter {
  std::string_view name;
  std::string_view value;
};

class Target {
 public:
  static constexpr std::size_t kSegmentsMax = 16;
  static constexpr std::size_t kQueryParametersMax = 64;

  Target() = default;
  Target(const Target&) = delete;
  Target& operator=(const Target&) = delete;
  ~Target() = default;

  /// `text` is in origin form ("/a/b?c=d") and must outlive this object.
  /// Errors: kInvalid "request.bad_target".
  Result<void> parse(std::string_view text);

  [[nodiscard]] std::string_view path() const { return path_; }
  [[nodiscard]] std::string_view raw_query() const { return raw_query_; }
  /// "/" has one, empty segment; "/a/" has two.
  [[nodiscard]] std::size_t segment_count() const { return segment_count_; }
  [[nodiscard]] std::string_view segment(std::size_t i) const { return segments_[i]; }

  /// In the order sent, duplicates kept. '+' is a space.
  [[nodiscard]] const std::vector<QueryParameter>& query_parameters() const { return query_; }
  /// Errors: kInvalid "query.duplicate".
  [[nodiscard]] Result<std::optional<std::string_view>> query(std::string_view name) const;

 private:
  Result<void> parse_path();
  Result<void> parse_query();

  std::string_view path_;
  std::string_view raw_query_;
  std::array<std::string_view, kSegmentsMax> segments_;
  std::size_t segment_count_ = 0;
  std::vector<QueryParameter> query_;
  std::vector<std::unique_ptr<std::string>> decoded_;  ///< what the views point into where decoding changed the text
};

}  // namespace souk::http
