#include "gateway/api_call.hpp"

#include <algorithm>
#include <charconv>

#include "engine/base/utf8.hpp"
#include "gateway/http/coding.hpp"
#include "gateway/http/conditional.hpp"
#include "gateway/permissions/access_subject.hpp"
#include "projections/follower.hpp"

namespace souk {
namespace {

constexpr std::string_view kPositionHeader = "Souk-Position";
/// With the seconds for which the caller's token still holds.
constexpr std::string_view kRefreshDueHeader = "Souk-Refresh-Due";
/// Raised when the same version of an entity is shown in another way.
constexpr int kRepresentationRevision = 1;
/// Of a parameter that is no parameter.
constexpr std::size_t kShownNameSizeMax = 64;

bool is_printable(std::string_view text) {
  for (const char c : text) {
    if (c < 0x21 || c > 0x7e) return false;
  }
  return true;
}

std::string etag_prefix(std::uint32_t epoch) {
  return "\"" + std::to_string(epoch) + "." + std::to_string(kRepresentationRevision) + ".";
}

}  // namespace

std::optional<http::Problem> ApiCall::admit() {
  const auto& info = exchange_->route().info;
  if (auto known = authenticate(); !known) return http::Problem(known.error());
  if (auto problem = why_not_permitted()) return problem;
  if (auto fits = check_query(); !fits) return http::Problem(fits.error());
  if (auto timeout = read_timeout(); !timeout) return http::Problem(timeout.error());
  if (info.mutating || !info.key_without_effect.empty()) {
    if (auto key = read_key(); !key) return http::Problem(key.error());
  }
  if (info.mutating) deadline_ = until(api.options.command_deadline);
  if (info.precondition == http::Precondition::kRequired && !request().header("If-Match")) {
    return http::Problem(428, "request.precondition_required",
                         "say with If-Match which version is to be changed, or * for any");
  }
  if (auto position = read_position_header(); !position) return http::Problem(position.error());
  return std::nullopt;
}

Result<void> ApiCall::read_position_header() {
  const auto position = request().single_header(kPositionHeader);
  if (!position) return tl::unexpected<Error>(position.error());
  if (!*position) return {};
  auto parsed = api.positions.parse(**position);
  if (!parsed) return tl::unexpected<Error>(std::move(parsed.error()));
  if (parsed->epoch != api.log.epoch()) {
    return fail(ErrorCode::kConflict, "position.other_epoch",
                "the log was restored since; read again without this position");
  }
  read_position_ = *parsed;
  return {};
}

Result<void> ApiCall::read_timeout() {
  const auto header = request().single_header(http::kTimeoutHeader);
  if (!header) return tl::unexpected<Error>(header.error());
  if (!*header) return {};
  const std::string_view text = **header;
  std::int64_t wanted_ms = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), wanted_ms);
  if (error != std::errc{} || end != text.data() + text.size() || wanted_ms < 1 || wanted_ms > http::kTimeoutMsMax) {
    return fail(ErrorCode::kInvalid, "request.timeout_invalid", "Souk-Timeout is 1 to 60000 milliseconds");
  }
  waits_until_ = now() + Duration::milliseconds(wanted_ms);
  return {};
}

std::optional<http::Problem> ApiCall::why_not_permitted() const {
  std::string room;
  const AccessSubject subject(*this);
  const auto rules = api.permissions.in_force();
  const auto verdict = rules->ask(subject.question(exchange_->route(), plain_path(request().target, room)));
  if (verdict.allowed) return std::nullopt;
  auto problem = caller ? http::Problem(403, "access.denied", "the permissions do not let you use this route")
                        : http::Problem(401, "token.missing", "the permissions do not let guests use this route");
  return std::move(problem).with("decided_by", decided_by(*rules, verdict));
}

Result<void> ApiCall::check_query() const {
  const auto& known = exchange_->route().info.query;
  for (const auto& given : request().target.query_parameters()) {
    if (std::ranges::find(known, given.name, &http::ParameterDoc::name) != known.end()) continue;
    const bool is_shown = given.name.size() <= kShownNameSizeMax && is_printable(given.name);
    return fail(ErrorCode::kInvalid, "query.unknown",
                (is_shown ? std::string(given.name) : "one of the names") + " is no parameter of this route");
  }
  for (const auto& parameter : known) {
    const auto& limits = parameter.schema.limits.own;
    if (limits.length_max == Limits::kNone) continue;
    const auto text = request().query(parameter.name);
    if (!text) return tl::unexpected<Error>(text.error());
    if (!*text) continue;
    const auto size = count_code_points(**text);
    if (!size) return fail(ErrorCode::kInvalid, "query.text_invalid", std::string(parameter.name) + " is no UTF-8");
    if (static_cast<std::int64_t>(*size) < limits.length_min || static_cast<std::int64_t>(*size) > limits.length_max) {
      return fail(ErrorCode::kInvalid, "query.length_invalid",
                  std::string(parameter.name) + " must have " + std::to_string(limits.length_min) + " to " +
                      std::to_string(limits.length_max) + " characters");
    }
  }
  return {};
}

Result<void> ApiCall::read_key() {
  const auto header = request().single_header("Idempotency-Key");
  if (!header) return tl::unexpected<Error>(header.error());
  if (!*header) return {};
  const std::string_view key = **header;
  if (key.empty() || key.size() > http::kIdempotencyKeySizeMax || !is_printable(key)) {
    return fail(ErrorCode::kInvalid, "idempotency.key_invalid",
                "an idempotency key has 1 to 255 printable characters without spaces");
  }
  // An insider's message may come again after others have changed the same.
  if (!exchange_->route().info.key_without_effect.empty() && exchange_->insider().empty()) return {};
  has_key_ = true;
  key_ = key;
  return {};
}

std::string ApiCall::asker() const {
  if (caller) return caller->account.str();
  return guest_cart ? "guest_cart:" + guest_cart->str() : std::string("guest");
}

std::string_view ApiCall::key_scope() const {
  // Guests share one name: two strangers who chose the same key mean different things, and mostly say so by the path.
  return caller ? std::string_view(exchange_->route().pattern) : request().path();
}

CommandMeta ApiCall::meta() const {
  CommandMeta meta;
  const std::string account = asker();
  meta.has_key = has_key_;
  if (has_key_) {
    const auto method = http::name_of(exchange_->route().method);
    meta.command_id = CommandId{api.command_ids.id({"command", account, method, key_scope(), key_})};
    meta.fingerprint = api.fingerprints.fingerprint({method, request().path(), request().body});
  } else {
    meta.command_id = CommandId{random_id()};
  }
  meta.principal = !exchange_->insider().empty() ? "system:" + exchange_->insider()
                   : caller ? (caller->role == Principal::Role::kAdministrator ? "admin:" : "account:") + account
                            : account;
  meta.correlation = request().request_id;
  return meta;
}

Id128 ApiCall::created_id_of(std::string_view kind) const {
  if (!has_key_) return random_id();
  const std::string account = asker();
  return api.command_ids.id({kind, account, http::name_of(exchange_->route().method), key_scope(), key_});
}

Id128 ApiCall::created_part_id_of(std::string_view kind) const {
  if (!has_key_) return random_id();
  const std::string account = asker();
  const auto method = http::name_of(exchange_->route().method);
  return api.command_ids.id({kind, account, method, request().path(), key_, request().body});
}

Result<bool> ApiCall::repeats() const {
  if (!has_key_) return false;
  const auto mine = meta();
  const auto known = api.log.find_command(mine.command_id);
  if (known && known->fingerprint != mine.fingerprint) {
    return fail(ErrorCode::kUnprocessable, "idempotency.key_reused", "this idempotency key belongs to another request");
  }
  return known.has_value();
}

std::string ApiCall::etag(Version version) const {
  return etag_prefix(api.log.epoch()) + std::to_string(version.value) + "\"";
}

Result<std::optional<std::vector<Version>>> ApiCall::if_match() const {
  const auto header = request().single_header("If-Match");
  if (!header) return tl::unexpected<Error>(header.error());
  if (!*header) return std::optional<std::vector<Version>>{};
  const auto tags = http::parse_etags(**header);
  if (!tags) return fail(ErrorCode::kInvalid, "request.if_match_invalid", "If-Match must be a list of entity tags");
  if (tags->size() == 1 && tags->front() == "*") return std::optional<std::vector<Version>>{};
  std::vector<Version> versions;
  const std::string prefix = etag_prefix(api.log.epoch());
  for (const auto given : *tags) {
    const std::string tag = http::plain_etag(given);
    if (!tag.starts_with(prefix) || !tag.ends_with('"')) continue;
    Version version;
    const auto* end = tag.data() + tag.size() - 1;
    const auto parsed = std::from_chars(tag.data() + prefix.size(), end, version.value);
    if (parsed.ec == std::errc{} && parsed.ptr == end) versions.push_back(version);
  }
  return std::optional(std::move(versions));
}

std::string ApiCall::position_text(Position position) const {
  return api.positions.text({api.log.epoch(), position});
}

void ApiCall::answer(Position position, http::Response response) {
  note_answered();
  add_rate_limit(response, limited_);
  if (exchange_->route().info.mutating && position.value > 0) {
    response.headers.emplace_back(kPositionHeader, position_text(position));
  }
  if (caller && exchange_->insider().empty()) {
    const Duration left = caller->expires_at - now();
    if (left < api.options.refresh_due) {
      response.headers.emplace_back(kRefreshDueHeader, std::to_string(std::max<std::int64_t>(left.us / 1'000'000, 0)));
    }
  }
  auto shared = std::make_shared<http::Response>(std::move(response));
  api.answers.hold(position, [exchange = exchange_, shared] { exchange->respond(std::move(*shared)); });
}

void ApiCall::refuse(Position position, const http::Problem& problem) {
  answer(position, http::problem_response(problem, request().request_id));
}

void ApiCall::refuse(Position position, const Error& error) {
  if (error.code == ErrorCode::kInternal) {
    note_answered();
    // The exchange reports the detail, which clients are not told.
    api.answers.hold(position, [exchange = exchange_, error] { exchange->refuse(error); });
    return;
  }
  refuse(position, http::Problem(error));
}

void ApiCall::answer_entity(Position position, Version version, std::string body, int status) {
  http::Response response = http::json_response(status, std::move(body));
  response.etag = etag(version);
  answer(position, std::move(response));
}

void ApiCall::when_caught_up(Follower& follower, std::function<void()> then, Position at_least) {
  if (read_position_) at_least = std::max(at_least, read_position_->position);
  if (follower.is_incomplete()) at_least = std::max(at_least, follower.complete_at());
  if (at_least == Position{}) {
    then();
    return;
  }
  leave_queue();
  // What has been reached in time is answered, also if a thread has no time for it before the deadline.
  auto decided = std::make_shared<std::atomic<bool>>(false);
  auto ticket = std::make_shared<std::atomic<Follower::WaitTicket>>(0);
  at_deadline(api.options.position_wait, [decided, ticket, &follower, exchange = exchange_] {
    if (decided->exchange(true)) return;
    follower.cancel(*ticket);
    exchange->refuse(Error{ErrorCode::kUnavailable, "read.not_caught_up",
                           follower.status().state == FollowerState::kFollowing
                               ? "the list does not hold that position yet"
                               : "the list does not hold that position, and somebody has to resume it first"});
  });
  *ticket = follower.when_caught_up(at_least, [decided, then = std::move(then)](bool caught_up) {
    if (caught_up && !decided->exchange(true)) then();
  });
}

Time ApiCall::until(Duration longest) const {
  const Time end = now() + longest;
  return waits_until_ ? std::min(end, *waits_until_) : end;
}

void ApiCall::at_deadline(Duration delay, std::function<void()> late) {
  if (waits_until_) delay = std::clamp(*waits_until_ - now(), Duration{}, delay);
  exchange_->on_deadline(std::chrono::milliseconds(delay.us / 1000),
                         [late = std::move(late)](http::Exchange& /*exchange*/) { late(); });
}

void add_route(http::Router& router, Api& api, http::Method method, std::string_view pattern, http::RouteInfo info,
               ApiCall::Handler handler) {
  info.asks_permission = true;
  router.add(method, pattern, std::move(info), [&api, handler = std::move(handler)](const http::ExchangePtr& exchange) {
    const auto call = std::make_shared<ApiCall>(api, exchange);
    if (!call->enter()) return;
    if (const auto problem = call->admit()) {
      ApiCall::refuse_within_limits(call, *problem);
    } else if (exchange->route().info.limits_itself) {
      handler(call);
    } else {
      ApiCall::within_limits(call, {}, handler);
    }
  });
}

}  // namespace souk
