/// Decodes a body sent in chunks, however its bytes are cut into pieces.
///
/// Stricter than it must be: CRLF only, no chunk size beyond 16 hexadecimal digits, extensions and trailers skipped and
/// together bounded. Beast's own decoder is not used: fed byte by byte it can meet its own assertion (1.81), and it has
/// no bound on extensions.
/// Source: RFC 9112, section 7.1.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace souk::http {

class ChunkDecoder {
 public:
  enum class Status : std::uint8_t { kNeedMore, kDone, kMalformed, kTooLarge };

  ChunkDecoder(std::size_t body_bytes_max, std::size_t overhead_bytes_max)
      : body_bytes_max_(body_bytes_max), overhead_bytes_max_(overhead_bytes_max) {}

  /// Takes bytes off the front of `bytes` and appends what they carry to `body`. What follows the end is left.
  Status feed(std::string_view& bytes, std::string& body);

 private:
  enum class State : std::uint8_t {
    kSizeFirst,
    kSize,
    kExtension,
    kSizeLf,
    kData,
    kDataCr,
    kDataLf,
    kTrailerStart,
    kTrailer,
    kTrailerLf,
    kEndLf
  };

  /// One byte outside of the data; false: malformed.
  bool step(char c);
  bool size_digit(char c);
  bool count_overhead() { return ++overhead_bytes_ <= overhead_bytes_max_; }

  std::size_t body_bytes_max_;
  std::size_t overhead_bytes_max_;
  std::size_t overhead_bytes_ = 0;
  std::uint64_t left_ = 0;
  std::uint8_t digits_ = 0;
  bool done_ = false;
  State state_ = State::kSizeFirst;
};

}  // namespace souk::http
