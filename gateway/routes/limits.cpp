#include "gateway/entity_history.hpp"
#include "gateway/limits/policy.hpp"
#include "gateway/routes/routes.hpp"

namespace souk {
namespace {

using limits::Rule;

/// Of a rule, all but its id.
struct RuleBody {
  limits::Subject subject = limits::Subject::kRoute;
  limits::Scope scope = limits::Scope::kNode;
  std::vector<std::string> routes;
  std::string parameter;
  std::int64_t requests = 0;
  std::int64_t period_ms = 1'000;
  std::int64_t burst = 0;
  std::int64_t warm_up_ms = 0;
  std::int64_t wait_max_ms = 0;
  std::int64_t concurrent = 0;
  static constexpr auto fields() {
    using B = RuleBody;
    return field_list(field("subject", &B::subject), defaulted("scope", &B::scope), defaulted("routes", &B::routes),
                      defaulted("parameter", &B::parameter), defaulted("requests", &B::requests),
                      defaulted("period_ms", &B::period_ms), defaulted("burst", &B::burst),
                      defaulted("warm_up_ms", &B::warm_up_ms), defaulted("wait_max_ms", &B::wait_max_ms),
                      defaulted("concurrent", &B::concurrent));
  }
  static constexpr auto limits() {
    return limit_list(
        limit("subject",
              says("What has a counter of its own: the routes together, each client's address, each account, "
                   "each value of a parameter")),
        limit("scope", says("Whether each node counts by itself, or all that share a store together")),
        limit("routes", item_count(0, limits::kRoutesMax), each(length(1, limits::kNameSizeMax)),
              says("operationIds, counted together; none: all routes")),
        limit("parameter", length(0, limits::kNameSizeMax),
              says("Of the path of each of the routes, or of the body of those that count by it")),
        limit("requests", between(0, limits::kRequestsMax), says("In each period; 0: any number")),
        limit("period_ms", between(1, limits::kPeriodMsMax)),
        limit("burst", between(0, limits::kRequestsMax), says("Without a pause; 0: as many as requests")),
        limit("warm_up_ms", between(0, limits::kWarmUpMsMax),
              says("After idleness a third of the rate, growing to all of it in this time")),
        limit("wait_max_ms", between(0, limits::kWaitMsMax), says("Rather than refused, a request waits up to this")),
        limit("concurrent", between(0, limits::kRequestsMax), says("At once, on each node; 0: any number")));
  }
  static constexpr std::string_view kExample =
      R"({"subject":"user","scope":"cluster","routes":["place_order"],"requests":60,"period_ms":60000,"burst":30})";

  [[nodiscard]] Rule rule(std::string_view id) const {
    return {std::string(id), subject, scope,      routes,      parameter, requests,
            period_ms,       burst,   warm_up_ms, wait_max_ms, concurrent};
  }
};

struct RuleView {
  Rule rule;
  bool in_force = true;
  std::optional<std::string> problem;
  static constexpr auto fields() {
    return field_list(field("rule", &RuleView::rule), field("in_force", &RuleView::in_force),
                      field("problem", &RuleView::problem));
  }
  static constexpr auto limits() {
    return limit_list(limit("in_force", says("Not if limits are off, or the rule means nothing to this program")),
                      limit("problem", says("Why it is not in force, or not for all of its routes")));
  }
  static constexpr std::string_view kExample =
      R"({"rule":{"id":"orders.user","subject":"user","scope":"cluster","routes":["place_order"],"parameter":"",)"
      R"("requests":60,"period_ms":60000,"burst":30,"warm_up_ms":0,"wait_max_ms":0,"concurrent":0},"in_force":true})";
};

struct ChangeView {
  Version version;
  Position position;
  std::string type;
  std::string by;
  Time at;
  std::optional<Rule> rule = {};
  std::optional<limit_policy::Network> network = {};
  std::optional<std::string> removed = {};
  std::optional<Version> rolled_back_to = {};
  static constexpr auto fields() {
    using V = ChangeView;
    return field_list(field("version", &V::version), field("position", &V::position), field("type", &V::type),
                      field("by", &V::by), field("at", &V::at), field("rule", &V::rule), field("network", &V::network),
                      field("removed", &V::removed), field("rolled_back_to", &V::rolled_back_to));
  }
  static constexpr auto limits() { return limit_list(limit("removed", says("The id of a rule, or a network"))); }
  static constexpr std::string_view kExample =
      R"({"version":4,"position":3120,"type":"limits.rule_removed","by":"admin:1p3tkyzrkwd336dt3z39bqqp4d",)"
      R"("at":"2026-11-23T08:55:36.551548Z","removed":"orders.user"})";
};

struct RollBackBody {
  std::int64_t version = 0;
  static constexpr auto fields() { return field_list(field("version", &RollBackBody::version)); }
  static constexpr auto limits() { return limit_list(limit("version", at_least(1), says("As the history has it"))); }
  static constexpr std::string_view kExample = R"({"version":3})";
};

RuleView view_of(const ApiCall& call, const Rule& rule) {
  auto* traffic = call.api.traffic();
  if (traffic == nullptr) return {rule, false, "limits are off"};
  const auto fits = traffic->check(rule);
  if (fits) return {rule, true, std::nullopt};
  // Of some of its routes it may be all the same.
  return {rule, traffic->limiter().has(rule.id), fits.error().detail};
}

void list_rules(const ApiCallPtr& call) {
  read_limits(call, [call](const Judged<LimitPolicy>& judged) {
    if (judged.refusal != nullptr) return call->refuse(judged.position, *judged.refusal);
    std::string items;
    for (const auto& rule : judged.state.content.rules) {
      items += (items.empty() ? "" : ",") + encode(view_of(*call, rule));
    }
    call->answer_entity(judged.position, judged.version, "{\"items\":[" + items + "]}");
  });
}

void put_rule(const ApiCallPtr& call) {
  const auto body = call->body<RuleBody>();
  if (!body) return call->refuse(body.error());
  const Rule rule = body->rule(call->request().path_parameter("id"));
  if (const auto valid = limits::validate(rule); !valid) return call->refuse(valid.error());
  if (const auto* traffic = call->api.traffic()) {
    if (const auto fits = traffic->check(rule); !fits) return call->refuse(fits.error());
  }
  ask_limits(call, limit_policy::PutRule{rule}, [call, rule](const Judged<LimitPolicy>& judged) {
    if (judged.refusal != nullptr) return call->refuse(judged.position, *judged.refusal);
    call->answer_entity(judged.position, judged.version, encode(view_of(*call, rule)));
  });
}

void remove_rule(const ApiCallPtr& call) {
  const limit_policy::RemoveRule command{std::string(call->request().path_parameter("id"))};
  ask_limits(call, command, [call](const Judged<LimitPolicy>& judged) { answer_version(call, judged); });
}

void roll_back(const ApiCallPtr& call) {
  const auto body = call->body<RollBackBody>();
  if (!body) return call->refuse(body.error());
  if (body->version < 1) {
    return call->refuse(Error{ErrorCode::kInvalid, "limits.version_unknown", "version: at least 1"});
  }
  const Version version{static_cast<std::uint64_t>(body->version)};
  call->api.queries.submit([call, version] {
    auto content = limits_at(call->api.log, version);
    if (!content) return call->refuse(content.error());
    if (const auto kept = check_lock_out(*call, *content); !kept) return call->refuse(kept.error());
    ask_limits(call, limit_policy::RollBack{version, std::move(*content)},
               [call](const Judged<LimitPolicy>& judged) { answer_version(call, judged); });
  });
}

struct ShowChange {
  ChangeView& view;
  void operator()(const limit_policy::Begun& /*event*/) const {}
  void operator()(const limit_policy::RulePut& event) const { view.rule = event.rule; }
  void operator()(const limit_policy::RuleRemoved& event) const { view.removed = event.id; }
  void operator()(const limit_policy::NetworkPut& event) const { view.network = event.network; }
  void operator()(const limit_policy::NetworkRemoved& event) const { view.removed = event.network; }
  void operator()(const limit_policy::RolledBack& event) const { view.rolled_back_to = event.version; }
};

ChangeView show_change(const EventRecord& one, const LimitPolicy::Event& event) {
  ChangeView view{one.version, one.position, std::string(one.type), one.meta.principal, one.recorded_at};
  std::visit(ShowChange{view}, event);
  return view;
}

void list_history(const ApiCallPtr& call) {
  list_changes<LimitPolicy>(call, kLimitPolicy, "limits history", read_limits, show_change);
}

}  // namespace

void add_limit_routes(http::Router& router, Api& api) {
  http::RouteInfo info;
  info.role = kAdministrator;
  info.limits_itself = true;  // by none: it is the way out of a wrong rule
  info.name = "list_limit_rules";
  info.summary = "Lists the rules that say how often what may be asked";
  info.answers = {{200, http::list_of<RuleView>()}};
  add_route(router, api, http::Method::kGet, "/api/v1/admin/limits/rules", info, list_rules);
  info.name = "list_limit_changes";
  info.summary = "Lists every change of rules and networks, the newest first";
  info.query = http::page_parameters();
  info.answers = {{200, http::page_of<ChangeView>()}};
  add_route(router, api, http::Method::kGet, "/api/v1/admin/limits/history", info, list_history);

  info.query = {};
  info.mutating = true;
  info.precondition = http::Precondition::kAccepted;
  info.path = {{"id", http::schema<std::string>(length(1, limits::kIdSizeMax))}};
  info.name = "remove_limit_rule";
  info.summary = "Removes a rule";
  info.answers = {{200, http::schema<VersionView>()}};
  info.problems = {{404, "limits.rule_not_found"}};
  add_route(router, api, http::Method::kDelete, "/api/v1/admin/limits/rules/{id}", info, remove_rule);
  info.media_type = "application/json";
  info.name = "put_limit_rule";
  info.summary = "Adds a rule, or replaces it: in force from the next request on";
  info.body = http::schema<RuleBody>();
  info.answers = {{200, http::schema<RuleView>()}};
  info.problems = {{409, "limits.rules_full"}, {409, "limits.rules_full_of_route"}};
  add_route(router, api, http::Method::kPut, "/api/v1/admin/limits/rules/{id}", info, put_rule);
  info.path = {};
  info.name = "roll_back_limits";
  info.summary = "Makes rules and networks what they were at an earlier version";
  info.body = http::schema<RollBackBody>();
  info.answers = {{200, http::schema<VersionView>()}};
  info.problems = {{404, "limits.version_not_found"}, {409, "limits.lock_out"}};
  add_route(router, api, http::Method::kPost, "/api/v1/admin/limits/rollback", info, roll_back);
}

}  // namespace souk
