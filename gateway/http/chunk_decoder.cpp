#include "gateway/http/chunk_decoder.hpp"

#include <algorithm>

namespace souk::http {

ChunkDecoder::Status ChunkDecoder::feed(std::string_view& bytes, std::string& body) {
  while (!bytes.empty() && !done_) {
    if (state_ == State::kData) {
      const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
      body.append(bytes.substr(0, size));
      bytes.remove_prefix(size);
      left_ -= size;
      if (left_ == 0) state_ = State::kDataCr;
      continue;
    }
    if (!step(bytes.front())) return Status::kMalformed;
    bytes.remove_prefix(1);
    // Judged as soon as the size is known, so that a client need not send what will be refused.
    if (state_ == State::kData && left_ > body_bytes_max_ - body.size()) return Status::kTooLarge;
  }
  return done_ ? Status::kDone : Status::kNeedMore;
}

bool ChunkDecoder::size_digit(char c) {
  const int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
  if (digit < 0 || ++digits_ > 16) return false;
  left_ = left_ * 16 + static_cast<std::uint64_t>(digit);
  return true;
}

bool ChunkDecoder::step(char c) {
  const bool is_text = c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
  switch (state_) {
    case State::kSizeFirst:
      left_ = 0;
      digits_ = 0;
      state_ = State::kSize;
      return size_digit(c);
    case State::kSize:
      if (c == '\r') {
        state_ = State::kSizeLf;
        return true;
      }
      if (c == ';') {
        state_ = State::kExtension;
        return count_overhead();
      }
      return size_digit(c);
    case State::kExtension:
      if (c == '\r') {
        state_ = State::kSizeLf;
        return true;
      }
      return is_text && count_overhead();
    case State::kSizeLf: state_ = left_ == 0 ? State::kTrailerStart : State::kData; return c == '\n';
    case State::kDataCr: state_ = State::kDataLf; return c == '\r';
    case State::kDataLf: state_ = State::kSizeFirst; return c == '\n';
    case State::kTrailerStart:
      state_ = c == '\r' ? State::kEndLf : State::kTrailer;
      return c == '\r' || (is_text && count_overhead());
    case State::kTrailer:
      if (c == '\r') {
        state_ = State::kTrailerLf;
        return true;
      }
      return is_text && count_overhead();
    case State::kTrailerLf: state_ = State::kTrailerStart; return c == '\n';
    case State::kEndLf: done_ = c == '\n'; return done_;
    case State::kData: break;
  }
  return false;
}

}  // namespace souk::http
