/// Reads HTTP/1.1 responses as far as a load generator must: the status, and where the answer ends.
///
/// Limits: answers need a Content-Length unless their status forbids a body; one answer at a time, none ahead.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace souk::load {

class ResponseReader {
 public:
  enum class Progress : std::uint8_t { kNeedMore, kDone, kMalformed };

  /// Takes what arrived. After kDone the next call begins the next answer.
  Progress feed(std::string_view bytes);
  /// Of the last answer that is done.
  [[nodiscard]] int status() const { return status_; }
  void reset();

 private:
  Progress take_head(std::string_view bytes);

  std::string head_;  ///< the beginning of a head that came in pieces
  std::size_t body_left_ = 0;
  int status_ = 0;
};

}  // namespace souk::load
