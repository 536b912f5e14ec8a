#include "bench/load/response_reader.hpp"

#include <algorithm>
#include <charconv>

namespace souk::load {
namespace {

constexpr std::string_view kLength = "content-length:";

bool begins_with_length(std::string_view line) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return line.size() > kLength.size() && std::ranges::equal(line.substr(0, kLength.size()), kLength, {}, lower);
}

/// False when there is a length that is no number; `length` stays as it is when there is none.
bool find_length(std::string_view head, std::size_t& length) {
  for (auto at = head.find('\n'); at != std::string_view::npos; at = head.find('\n', at + 1)) {
    auto line = head.substr(at + 1);
    if (!begins_with_length(line)) continue;
    line.remove_prefix(kLength.size());
    while (!line.empty() && line.front() == ' ') line.remove_prefix(1);
    return std::from_chars(line.data(), line.data() + line.size(), length).ec == std::errc{};
  }
  return true;
}

}  // namespace

void ResponseReader::reset() {
  head_.clear();
  body_left_ = 0;
}

ResponseReader::Progress ResponseReader::feed(std::string_view bytes) {
  if (body_left_ == 0) {
    if (head_.empty()) return take_head(bytes);
    head_.append(bytes);
    const std::string whole = std::move(head_);
    head_.clear();
    return take_head(whole);
  }
  if (bytes.size() > body_left_) return Progress::kMalformed;
  body_left_ -= bytes.size();
  return body_left_ == 0 ? Progress::kDone : Progress::kNeedMore;
}

ResponseReader::Progress ResponseReader::take_head(std::string_view bytes) {
  const auto end = bytes.find("\r\n\r\n");
  if (end == std::string_view::npos) {
    head_ = bytes;
    return Progress::kNeedMore;
  }
  constexpr std::string_view kVersion = "HTTP/1.1 ";
  const auto head = bytes.substr(0, end + 2);
  if (!head.starts_with(kVersion)) return Progress::kMalformed;
  const auto* digits = head.data() + kVersion.size();
  if (std::from_chars(digits, head.data() + head.size(), status_).ec != std::errc{}) return Progress::kMalformed;
  std::size_t length = 0;
  if (!find_length(head, length)) return Progress::kMalformed;
  const std::size_t here = bytes.size() - end - 4;
  if (here > length) return Progress::kMalformed;
  body_left_ = length - here;
  return body_left_ == 0 ? Progress::kDone : Progress::kNeedMore;
}

}  // namespace souk::load
