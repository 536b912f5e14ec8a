/// Which handler answers a method and a path. Filled at start, then read-only.
///
/// Paths match exactly, segment by segment: case, trailing slashes and doubled slashes count. GET routes answer HEAD
/// as well. A literal segment is preferred to a parameter.
/// Thread-safety: `match` and `routes` by any thread once the last `add` has returned.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/http/exchange.hpp"
#include "gateway/http/method.hpp"
#include "gateway/http/request.hpp"
#include "gateway/http/route_docs.hpp"

namespace souk::http {

/// What is known about a route besides its handler. Views must be literals. The router and the server act only on what
/// says so; the rest is for those who wrap handlers and write documents.
struct RouteInfo {
  std::string_view name = {};         ///< unique; for metrics, logs and OpenAPI: "place_order"
  bool is_public = false;             ///< needs no authentication
  bool takes_cart_token = false;      ///< a guest's Souk-Cart-Token is as good as a bearer token
  bool takes_refresh_cookie = false;  ///< a session's refresh token in its cookie is as good as its access token
  bool mutating = false;              ///< takes an Idempotency-Key
  /// Why an Idempotency-Key is accepted and has no effect, for documents; empty: it has, if the route is mutating.
  std::string_view key_without_effect = {};
  std::string_view role = {};  ///< that may use it unless permissions say otherwise; empty: user, of public ones guest
  bool asks_permission = false;   ///< set by add_route
  std::string_view summary = {};  ///< one line for documents
  std::string_view media_type =
      {};  ///< the body it needs, such as "application/json": the server refuses others with 415
  std::size_t body_bytes_max = 0;               ///< 0: the server's limit; acted upon by the server
  std::string_view cache_control = "no-store";  ///< acted upon by the server
  bool holds_secret =
      false;  ///< its answers are never compressed, whose length would tell of them; acted upon by the server
  bool limits_itself = false;  ///< its handler asks the limits once it knows what it is about, or no rule is for it
  /// Values of its body that rules may count by, besides those of its path; its handler tells them to the limits.
  static constexpr std::size_t kCountedMax = 2;
  std::vector<std::string_view> counted = {};
  bool always_admitted = false;                     ///< answered even when the server is overloaded: probes
  Precondition precondition = Precondition::kNone;  ///< whether If-Match counts; without a required one: 428
  std::string_view deprecation = {};  ///< sent as Deprecation: "@1767225600", since when not to use it (RFC 9745)
  std::string_view sunset = {};       ///< sent as Sunset: "Thu, 31 Dec 2026 23:59:59 GMT", when it goes (RFC 8594)
  bool is_hidden = false;             ///< not in documents: it is no part of the interface

  // For documents alone, see route_docs.hpp.
  SchemaRef body = {};
  std::vector<ParameterDoc> query = {};
  std::vector<ParameterDoc> headers = {};  ///< that only this route looks at
  std::vector<ParameterDoc> path = {};     ///< of those that are no ids
  std::vector<AnswerDoc> answers = {};
  std::vector<ProblemDoc> problems = {};
};

using Handler = std::function<void(const ExchangePtr&)>;

struct Route {
  std::size_t index = 0;  ///< dense, from 0, in the order added
  Method method = Method::kGet;
  std::string pattern;
  RouteInfo info;
  Handler handler;
};

struct Match {
  const Route* route = nullptr;  ///< null: nothing answers
  std::string allow;             ///< when the path exists but not with this method: "GET, HEAD, OPTIONS"
};

class Router {
 public:
  Router();
  Router(Router&&) noexcept;
  Router& operator=(Router&&) noexcept;
  ~Router();

  /// `pattern` is like "/api/v1/orders/{id}/cancel". A wrong or a second pattern is our bug: it ends the process.
  void add(Method method, std::string_view pattern, RouteInfo info, Handler handler);

  /// Writes the path parameters into the request.
  [[nodiscard]] Match match(Request& request) const;

  /// In the order added; addresses are stable.
  [[nodiscard]] const std::deque<Route>& routes() const { return routes_; }

 private:
  struct Node;
  std::deque<Route> routes_;
  std::unique_ptr<Node> root_;
};

}  // namespace souk::http
