/// Reads the head of a request with Beast's parser, and refuses what Beast lets through but two readers might read
/// differently.
///
/// Errors: every Problem given here means that the connection must be closed, for where the next request begins is
/// unknown or not to be trusted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "gateway/http/problem.hpp"
#include "gateway/http/request.hpp"
#include "gateway/http/server.hpp"

namespace souk::http {

/// How the body of a request is framed and what follows its answer.
struct Framing {
  std::uint64_t content_length = 0;
  bool chunked = false;
  bool expects_continue = false;
  bool keep_alive = true;
  bool http10 = false;
};

/// Looks for the end of a head in bytes that come in pieces.
class HeadScanner {
 public:
  enum class Status : std::uint8_t { kNeedMore, kFound, kMalformed, kLineTooLong, kTooLarge };

  /// `bytes` are all those of the head so far: what was scanned before and what came since.
  Status scan(std::string_view bytes, const ServerLimits& limits);
  /// The size of the head with its empty line, once found.
  [[nodiscard]] std::size_t size() const { return scanned_; }
  void reset() { *this = HeadScanner{}; }

 private:
  std::size_t scanned_ = 0;
  std::size_t line_begin_ = 0;
  bool in_first_line_ = true;
};

class RequestReader {
 public:
  explicit RequestReader(const ServerLimits& limits) : limits_(limits) {}

  /// `head` ends with the empty line. Fills in everything but body, peer and time; what could be read before the
  /// refusal is there as well. A request id the client gave is taken if it is a safe one, else left empty.
  tl::expected<Framing, Problem> read_head(std::string_view head, Request& request) const;

  /// For tests of handlers: a whole request with a body of the length it says.
  Result<std::unique_ptr<Request>> read_whole(std::string_view text) const;

 private:
  struct Special;
  class HeadParser;

  tl::expected<void, Problem> read_target(Request& request, std::string_view target) const;
  tl::expected<Framing, Problem> read_framing(const Request& request, const Special& special, bool http11) const;

  const ServerLimits& limits_;
};

/// 1 to 64 characters of [A-Za-z0-9._-].
bool is_safe_request_id(std::string_view text);

}  // namespace souk::http
