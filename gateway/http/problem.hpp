/// Refusals as clients see them: problem details, and the one table from ErrorCode to HTTP status.
///
/// {"type":"/problems/cart.empty","title":"Conflict","status":409,"detail":…,"reason":"cart.empty","request_id":…}
/// Source: RFC 9457.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/result.hpp"
#include "gateway/http/response.hpp"

namespace souk::http {

class Request;

/// What an ErrorCode means to a client.
struct ErrorStatus {
  int status;
  int retry_after_s;  ///< negative: a retry does not help by itself
};
ErrorStatus status_of(ErrorCode code);

struct Problem {
  int status = 500;
  std::string reason;  ///< stable dotted token
  std::string detail;
  int retry_after_s = -1;
  std::string allow;  ///< for 405: the methods there are
  /// Further members: a name of ours and a JSON value, written as it is.
  std::vector<std::pair<std::string_view, std::string>> members;

  Problem() = default;
  Problem(int status_code, std::string_view reason_token, std::string detail_text = {})
      : status(status_code), reason(reason_token), detail(std::move(detail_text)) {}
  /// The detail of kInternal stays with us: it may tell about our insides. Log it before.
  explicit Problem(const Error& error);

  Problem&& with(std::string_view name, std::string json) && {
    members.emplace_back(name, std::move(json));
    return std::move(*this);
  }
};

/// 401 carries `WWW-Authenticate: Bearer`.
Response problem_response(const Problem& problem, std::string_view request_id);

/// 415 "request.unsupported_media_type" unless the Content-Type is `wanted`, such as "application/json"; parameters
/// may follow, but a charset must be utf-8.
tl::expected<void, Problem> require_content_type(const Request& request, std::string_view wanted);

}  // namespace souk::http
