/// The one way in which Souk's functions fail: a value or an Error.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace souk {

/// What kind of failure it is. It alone decides the HTTP status and whether a retry can help
/// (one table, in gateway/).
enum class ErrorCode : std::uint8_t {
  kInvalid,             ///< the input can never be right: 400
  kUnauthenticated,     ///< nobody, or nobody any more: 401
  kForbidden,           ///< known, but not allowed on this route: 403
  kNotFound,            ///< absent, or not the caller's: 404
  kConflict,            ///< the entity's state forbids it now: 409
  kPreconditionFailed,  ///< an If-Match that no longer holds: 412
  kUnprocessable,       ///< an idempotency key used for another request: 422
  kTooMany,             ///< a limit was reached: 429
  kUnavailable,         ///< nothing was done; try again: 503
  kInternal,            ///< our own fault; the outcome may be unknown: 500
};

struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string reason;  ///< stable dotted token that clients may rely on, such as "cart.empty"
  std::string detail;  ///< prose for people; may change at any time

  friend bool operator==(const Error&, const Error&) = default;
};

template <class T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(ErrorCode code, std::string_view reason, std::string detail = {}) {
  return tl::unexpected<Error>(Error{code, std::string(reason), std::move(detail)});
}

}  // namespace souk
