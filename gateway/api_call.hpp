/// One request on its way through a route: who asks, what the command's metadata are, and how it is answered.
///
/// Answers leave through `answer` and `refuse` with the position they were judged at, never before it is durable.
/// Thread-safety: the functions may be called on any thread, one at a time.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "engine/base/codec.hpp"
#include "gateway/api.hpp"
#include "gateway/http/exchange.hpp"
#include "gateway/http/problem.hpp"
#include "gateway/http/router.hpp"
#include "gateway/limits/traffic.hpp"
#include "gateway/permissions/default_policy.hpp"

namespace souk {

class ApiCall;
class Follower;
using ApiCallPtr = std::shared_ptr<ApiCall>;

class ApiCall {
 public:
  ApiCall(Api& shop, http::ExchangePtr exchange) : api(shop), exchange_(std::move(exchange)) {}

  Api& api;
  std::optional<Principal> caller;   ///< none: a guest
  std::optional<CartId> guest_cart;  ///< of a guest who has shown its token: commands are theirs, not any guest's

  [[nodiscard]] const http::Request& request() const { return exchange_->request(); }
  [[nodiscard]] http::Exchange& exchange() const { return *exchange_; }
  [[nodiscard]] AccountId account() const { return caller ? caller->account : AccountId{}; }
  /// Where the request comes from. Unknown unless limits are on.
  [[nodiscard]] const limits::Address& client_address() const { return entered_.client; }
  [[nodiscard]] Time now() const { return api.clock.now(); }
  /// Where the request comes from, as far as is known: what a proxy of ours says counts for more than who connected.
  [[nodiscard]] std::string_view client() const {
    return exchange_->client().empty() ? std::string_view(request().peer) : std::string_view(exchange_->client());
  }
  /// Whether the caller's token still counts. Errors: kUnauthenticated "token.revoked".
  [[nodiscard]] Result<void> check_token() const;
  /// Whether the caller's token came in a cookie.
  [[nodiscard]] bool has_cookie() const { return has_cookie_; }
  /// Whether a request with a cookie was meant by the session's owner, and not by another site. Errors: kForbidden
  /// "csrf.token_missing", "csrf.token_wrong".
  [[nodiscard]] Result<void> check_csrf(SessionId session) const;

  /// The body as a described struct; fields it does not know are refused.
  template <class T>
  [[nodiscard]] Result<T> body() const {
    return decode<T>(request().body, UnknownFields::kRefused);
  }

  /// The id in the path. Errors: kNotFound `reason`: no such thing can exist.
  template <class Tag>
  [[nodiscard]] Result<Id<Tag>> id(std::string_view name, std::string_view reason) const {
    const auto parsed = Id<Tag>::parse(request().path_parameter(name));
    if (!parsed) return fail(ErrorCode::kNotFound, reason, "there is none with this id");
    return *parsed;
  }

  // --- commands

  /// Whether the request carries an Idempotency-Key that counts.
  [[nodiscard]] bool has_key() const { return has_key_; }
  [[nodiscard]] std::string_view key() const { return key_; }
  [[nodiscard]] CommandMeta meta() const;
  /// Whether this very request was obeyed before, as far as the log knows.
  [[nodiscard]] bool is_repeated() const { return has_key_ && api.log.find_command(meta().command_id).has_value(); }
  /// The same, of what is not asked of an entity that would look. Errors: kUnprocessable "idempotency.key_reused".
  [[nodiscard]] Result<bool> repeats() const;
  /// The id of what this request creates: the same again for the same key, so that repeats meet at one entity.
  template <class T>
  [[nodiscard]] T created_id(std::string_view kind) const {
    return T{created_id_of(kind)};
  }
  /// The id of a part that this request adds to what is there. A key that was forgotten may come again with something
  /// else to add, and that is another part: so the id is of the path and the body, too.
  template <class T>
  [[nodiscard]] T created_part_id(std::string_view kind) const {
    return T{created_part_id_of(kind)};
  }
  template <Entity E>
  [[nodiscard]] AskOptions<E> options() const {
    AskOptions<E> out;
    out.deadline = deadline_;
    return out;
  }
  /// The versions that If-Match allows; none: any.
  [[nodiscard]] Result<std::optional<std::vector<Version>>> if_match() const;

  // --- answers

  void answer(Position position, http::Response response);
  /// It is answered in another way, and in nobody's way any more.
  void note_answered();
  /// What it waits for from now on is no queue of ours, and so no overload either.
  void leave_queue();
  void refuse(Position position, const http::Problem& problem);
  void refuse(Position position, const Error& error);
  /// Before anything was asked of an entity.
  void refuse(const Error& error) { refuse(Position{}, error); }
  /// Answers with an entity's representation and its tag; the server makes it 304 for a client that has it already.
  void answer_entity(Position position, Version version, std::string body, int status = 200);

  /// The strong tag of an entity's representation.
  [[nodiscard]] std::string etag(Version version) const;
  /// The position as clients see it.
  [[nodiscard]] std::string position_text(Position position) const;

  /// What the answer has to have seen: the request's Souk-Position, or nothing.
  [[nodiscard]] Position read_position() const { return read_position_ ? read_position_->position : Position{}; }

  /// Runs `then` on the I/O thread or another one once the follower has seen the request's Souk-Position, at once if
  /// it has none; refuses with 503 when that takes too long and with 409 for a position of another epoch.
  /// A follower whose rows are being made anew has to have seen all there was when that began.
  /// `at_least`: a position that it has to have seen besides.
  void when_caught_up(Follower& follower, std::function<void()> then, Position at_least = {});

  /// Until when an answer is worth waiting for: for so long, or as its client says by Souk-Timeout.
  [[nodiscard]] Time until(Duration longest) const;
  /// Whether its client waits for so long.
  [[nodiscard]] bool waits_for(Duration time) const { return !waits_until_ || now() + time <= *waits_until_; }
  /// Calls `late` on the I/O thread unless answered within `delay`, or what `until` makes of it.
  void at_deadline(Duration delay, std::function<void()> late);

  // --- before a handler

  /// Where the request comes from, and whether there is room for it; if not, it is refused.
  bool enter();
  /// Who asks, and why they may not, if so.
  std::optional<http::Problem> admit();
  using Handler = std::function<void(const ApiCallPtr&)>;
  /// What rules count besides the address and the values of the path.
  struct Counted {
    std::optional<Id128> user = {};                 ///< none: the caller
    std::span<const std::string_view> values = {};  ///< as the route names them
  };
  /// Calls the handler once the rules of the route let it, if they do, else refuses: at once, or later on the I/O
  /// thread.
  static void within_limits(const ApiCallPtr& call, const Counted& counted, const Handler& handler);
  /// Refuses, and counts it as well, so that nobody may try without end.
  static void refuse_within_limits(const ApiCallPtr& call, const http::Problem& why);

 private:
  [[nodiscard]] Result<void> authenticate();
  [[nodiscard]] Result<void> read_bearer(std::string_view header);
  /// On a route for everybody cookies that do not count are none: a browser cannot help sending them.
  [[nodiscard]] Result<void> read_cookies();
  [[nodiscard]] Result<void> take_cookies();
  [[nodiscard]] Result<void> take_token(std::string_view token);
  [[nodiscard]] Result<void> check_revoked(const Principal& principal) const;
  /// Its bearer is taken for a user, whatever they are: who does what needs more brings an access token.
  [[nodiscard]] Result<void> take_refresh_token(std::string_view token);
  /// Why the permissions in force do not let the caller use the route, if so, with the rule that decided.
  [[nodiscard]] std::optional<http::Problem> why_not_permitted() const;
  /// Errors: kInvalid "request.timeout_invalid".
  [[nodiscard]] Result<void> read_timeout();
  /// Errors: kInvalid, kConflict "position.…".
  [[nodiscard]] Result<void> read_position_header();
  [[nodiscard]] Result<void> read_cart_token(bool has_bearer);
  /// Whether the route knows all that the query names, and its texts are as long as the route says. Errors: kInvalid
  /// "query.unknown", "query.text_invalid", "query.length_invalid".
  [[nodiscard]] Result<void> check_query() const;
  [[nodiscard]] Result<void> read_key();
  static void obey_limits(const ApiCallPtr& call, limits::Decision decision, const Handler& handler);
  /// Whose commands and keys these are.
  [[nodiscard]] std::string asker() const;
  /// Within the account and the method, where an idempotency key counts as the same.
  [[nodiscard]] std::string_view key_scope() const;
  [[nodiscard]] Id128 created_id_of(std::string_view kind) const;
  [[nodiscard]] Id128 created_part_id_of(std::string_view kind) const;

  http::ExchangePtr exchange_;
  std::string key_;
  bool has_key_ = false;
  bool has_cookie_ = false;
  std::optional<LogPosition> read_position_;
  std::optional<Time> waits_until_;  ///< as its client says
  std::optional<Time> deadline_;
  Traffic::Entered entered_;
  limits::Decision limited_;               ///< what the rules said; holds the places of requests at once
  std::atomic<bool> has_left_{false};      ///< the queue
  std::atomic<bool> was_answered_{false};  ///< which may happen twice at once: by whoever asked, and at the deadline
};

/// Adds a route whose handler gets an admitted call.
void add_route(http::Router& router, Api& api, http::Method method, std::string_view pattern, http::RouteInfo info,
               ApiCall::Handler handler);

}  // namespace souk
