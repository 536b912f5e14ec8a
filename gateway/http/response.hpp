/// One HTTP answer as a handler makes it; the server adds what every answer has (length, date, request id, …).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace souk::http {

/// Safety: control characters in the value of a header are sent as '?', so data can never begin a line of its own.
struct Response {
  int status = 200;
  /// Must outlive the answer: a literal. Not sent when the body is empty.
  std::string_view content_type = "application/json";
  std::string body;
  /// Sent instead of `body` when set: bytes kept ready by a cache, not copied per request.
  std::shared_ptr<const std::string> shared_body;
  /// The same compressed, if it was made beforehand.
  std::shared_ptr<const std::string> shared_gzip;

  std::string etag;  ///< with its quotes: "\"7\"" or "W/\"7\""
  std::string location;
  int retry_after_s = -1;  ///< negative: no such header
  /// Instead of the route's own when not empty. Must outlive the answer: a literal.
  std::string_view cache_control;
  /// Names must be literals of ours, never data.
  std::vector<std::pair<std::string_view, std::string>> headers;

  [[nodiscard]] std::string_view body_view() const {
    return shared_body ? std::string_view(*shared_body) : std::string_view(body);
  }
};

inline Response json_response(int status, std::string body) {
  Response response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

/// "OK" for 200 and so on; "Unknown" for a status Souk never sends.
std::string_view reason_phrase(int status);

/// How a client finds the end of an answer.
enum class BodyFraming : std::uint8_t {
  kLength,     ///< Content-Length
  kChunked,    ///< chunks follow the head
  kUntilClose  ///< all that comes until the connection closes, for HTTP/1.0
};

/// What the server knows about the answer to one request.
struct WireContext {
  std::string_view request_id = {};
  std::string_view date = {};           ///< an IMF-fixdate
  std::string_view cache_control = {};  ///< the route's
  bool head = false;                    ///< answer with the length of the body but without it
  bool close = false;                   ///< say "Connection: close"
  BodyFraming framing = BodyFraming::kLength;
  std::string_view hsts = {};  ///< of Strict-Transport-Security
  bool varies_by_coding = false;
  bool varies_by_origin = false;
  std::string_view allowed_origin = {};  ///< of Access-Control-Allow-Origin
  std::string_view deprecation = {};     ///< the route's
  std::string_view sunset = {};
};
/// Appends the answer as it goes over the wire.
void append_wire(std::string& out, const Response& response, const WireContext& context);

}  // namespace souk::http
