#include <algorithm>

#include "gateway/permissions/access_subject.hpp"
#include "gateway/permissions/policy_change.hpp"
#include "gateway/permissions/policy_history.hpp"
#include "gateway/routes/routes.hpp"
#include "gateway/views.hpp"

namespace souk {
namespace {

using access_policy::NumberedRow;

constexpr std::size_t kSubjectSizeMax = 100;
constexpr std::size_t kPathSizeMax = 1'000;
constexpr std::size_t kDiffRowsMax = 1'000;

struct RowView {
  PolicyRowId id;
  std::int64_t number = 0;
  std::string kind;
  std::vector<std::string> values;
  static constexpr auto fields() {
    return field_list(field("id", &RowView::id), field("number", &RowView::number), field("kind", &RowView::kind),
                      field("values", &RowView::values));
  }
  static constexpr std::string_view kExample =
      R"({"id":"3rdxj6pfdwqhqx5jvkd3b7jxe3","number":17,"kind":"p","values":["user","/api/v1/orders","POST","allow"]})";
};

struct ExplanationView {
  bool allowed = false;
  std::string why;
  std::string subject;
  std::string role;
  std::optional<std::string> route;    ///< its name
  std::optional<std::string> pattern;  ///< of the route
  std::optional<std::int64_t> rule;
  std::optional<std::string> line;  ///< the rule in words
  std::vector<std::vector<std::string>> roles;
  std::optional<std::string> fault;
  Version version;
  static constexpr auto fields() {
    using V = ExplanationView;
    return field_list(field("allowed", &V::allowed), field("why", &V::why), field("subject", &V::subject),
                      field("role", &V::role), field("route", &V::route), field("pattern", &V::pattern),
                      field("rule", &V::rule), field("line", &V::line), field("roles", &V::roles),
                      field("fault", &V::fault), field("version", &V::version));
  }
  static constexpr std::string_view kExample =
      R"({"allowed":true,"why":"rule","subject":"account:6fbmcde5yznwq83fazzjf99ypj","role":"user",)"
      R"("route":"place_order","pattern":"/api/v1/orders","rule":17,)"
      R"("line":"p, user, /api/v1/orders, POST, allow","roles":[["user"]],"version":3})";
};

struct DiffView {
  Version from_version;
  Version to_version;
  bool model_changed = false;
  std::int64_t removed_count = 0;
  std::int64_t added_count = 0;
  std::vector<RowView> removed;
  std::vector<RowView> added;
  static constexpr auto fields() {
    using V = DiffView;
    return field_list(field("from_version", &V::from_version), field("to_version", &V::to_version),
                      field("model_changed", &V::model_changed), field("removed_count", &V::removed_count),
                      field("added_count", &V::added_count), field("removed", &V::removed), field("added", &V::added));
  }
  static constexpr std::string_view kExample =
      R"({"from_version":2,"to_version":3,"model_changed":false,"removed_count":0,"added_count":1,"removed":[],)"
      R"("added":[{"id":"3rdxj6pfdwqhqx5jvkd3b7jxe3","number":188,"kind":"g","values":["account:6fbmcde5yznwq83fazzjf99ypj","support"]}]})";
};

RowView view_of(const NumberedRow& row) {
  return {key_of(row.row), row.number, row.row.kind, row.row.values};
}

/// Which rows a list shows.
struct RowFilter {
  std::string kind;
  std::optional<std::string> subject;  ///< the first value
  std::optional<std::string> value;    ///< any of them
};

bool is_wanted(const RowFilter& filter, const NumberedRow& row) {
  const auto& values = row.row.values;
  return (!filter.subject || values.front() == *filter.subject) &&
         (!filter.value || std::ranges::find(values, *filter.value) != values.end());
}

void answer_rows(const ApiCallPtr& call, const RowFilter& filter) {
  const std::string scope = encode(
      std::vector<std::string>{"permission_rows", filter.kind, filter.subject.value_or(""), filter.value.value_or("")});
  const auto page = read_page_request(*call, scope);
  if (!page) {
    call->refuse(page.error());
    return;
  }
  call->api.reports.submit([call, filter, scope, page = *page] {
    const auto rules = call->api.permissions.in_force();
    const auto after = static_cast<std::int64_t>(page.after.value_or(Position{}).value);
    std::vector<NumberedRow> found;  // a heap with the last one on top, of one more than is shown
    const auto is_before = [](const NumberedRow& a, const NumberedRow& b) { return a.number < b.number; };
    rules->for_each_row(filter.kind, [&](const NumberedRow& row) {
      if (row.number <= after || !is_wanted(filter, row)) return;
      found.push_back(row);
      std::ranges::push_heap(found, is_before);
      if (found.size() <= page.limit + 1) return;
      std::ranges::pop_heap(found, is_before);
      found.pop_back();
    });
    std::ranges::sort_heap(found, is_before);
    std::optional<Position> next;
    if (found.size() > page.limit) {
      found.pop_back();
      next = Position{static_cast<std::uint64_t>(found.back().number)};
    }
    std::vector<std::string> items;
    for (const auto& row : found) items.push_back(encode(view_of(row)));
    call->answer(rules->position(), http::json_response(200, render_page(*call, scope, items, next)));
  });
}

Result<std::optional<std::string>> read_text(const ApiCall& call, std::string_view name) {
  const auto text = call.request().query(name);
  if (!text) return tl::unexpected<Error>(text.error());
  return *text ? std::optional<std::string>(**text) : std::nullopt;
}

void list_rows(const ApiCallPtr& call) {
  const auto kind = read_text(*call, "kind");
  const auto subject = read_text(*call, "subject");
  const auto value = read_text(*call, "value");
  for (const auto* one : {&kind, &subject, &value}) {
    if (*one) continue;
    call->refuse(one->error());
    return;
  }
  answer_rows(call, {kind->value_or(""), *subject, *value});
}

void list_assignments(const ApiCallPtr& call) {
  const auto account = read_text(*call, "account_id");
  if (!account) {
    call->refuse(account.error());
    return;
  }
  std::optional<std::string> subject;
  if (*account) {
    const auto id = AccountId::parse(**account);
    if (!id) {
      call->refuse(Error{ErrorCode::kInvalid, "query.account_id_invalid", "account_id is no id"});
      return;
    }
    subject = subject_of(*id);
  }
  answer_rows(call, {"g", std::move(subject), std::nullopt});
}

/// A request that somebody might send.
struct Supposed {
  std::string method;
  std::string path;
};

/// Why the account is let in nowhere, whatever the rules say; empty: it is.
std::string_view why_kept_out(const account::State& state, Time now) {
  if (state.status != account::Status::kActive) return "account_not_active";
  return account::is_banned(state, now) ? "account_banned" : std::string_view();
}

bool takes_cart_token(const ApiCall& call, const PolicyKeeper::GuardedRoute& route) {
  return std::ranges::any_of(call.api.permissions.offers(), [&](const access_policy::Row& row) {
    return row.values[0] == kGuestCart && row.values[1] == route.pattern &&
           row.values[2] == http::name_of(route.method);
  });
}

void answer_explanation(const ApiCallPtr& call, Position at_least, const Supposed& supposed, AccessSubject subject,
                        std::string_view kept_out = {}) {
  const auto rules = call->api.permissions.in_force();
  http::Target target;
  std::string room;
  const auto path = target.parse(supposed.path) ? plain_path(target, room) : std::string_view();
  const auto* route = call->api.permissions.find_route(supposed.method, path);
  // A cart's token is looked at where it may count.
  if (route != nullptr && subject.role() == kGuestCart && !takes_cart_token(*call, *route)) {
    subject = AccessSubject(kGuest);
  }
  ExplanationView view;
  view.subject = subject.name();
  view.role = subject.role();
  view.version = rules->version();
  if (route == nullptr) {
    view.why = "no_route";
    call->answer(std::max(at_least, rules->position()), http::json_response(200, encode(view)));
    return;
  }
  auto explained =
      rules->explain({subject.name(), subject.role(), route->pattern, http::name_of(route->method), path, route->name});
  if (kept_out.empty() && !route->is_public && !subject.is_somebody()) kept_out = "token_needed";
  view.allowed = explained.allowed && kept_out.empty();
  view.why = explained.allowed && !view.allowed ? kept_out : permissions::name_of(explained.why);
  view.route = std::string(route->name);
  view.pattern = route->pattern;
  if (explained.rule_id) view.rule = static_cast<std::int64_t>(*explained.rule_id);
  if (!explained.rule.empty()) view.line = std::move(explained.rule);
  view.roles = std::move(explained.roles);
  if (!explained.fault.empty()) view.fault = std::move(explained.fault);
  call->answer(std::max(at_least, rules->position()), http::json_response(200, encode(view)));
}

void explain(const ApiCallPtr& call) {
  const auto subject = read_text(*call, "subject");
  const auto method = read_text(*call, "method");
  const auto path = read_text(*call, "path");
  for (const auto* one : {&subject, &method, &path}) {
    if (*one) continue;
    call->refuse(one->error());
    return;
  }
  const Supposed supposed{method->value_or("GET"), path->value_or(std::string(call->request().path()))};
  if (!*subject) {
    answer_explanation(call, {}, supposed, AccessSubject(*call));
    return;
  }
  const auto account = AccountId::parse(**subject);
  if (!account) {
    answer_explanation(call, {}, supposed, AccessSubject(**subject));
    return;
  }
  call->api.host.read<Account>(*account, {}, [call, supposed, account = *account](const Judged<Account>& judged) {
    if (judged.refusal != nullptr) {
      call->refuse(judged.position, *judged.refusal);
    } else if (judged.state.status == account::Status::kNone) {
      call->refuse(judged.position, Error{ErrorCode::kNotFound, "account.not_found", "there is no such account"});
    } else {
      const auto role = judged.state.role == account::Role::kAdmin ? kAdministrator : kUser;
      answer_explanation(call, judged.position, supposed, AccessSubject(account, role),
                         why_kept_out(judged.state, call->now()));
    }
  });
}

/// A position as answers tell it. None: `missing`.
Result<Position> read_position(const ApiCall& call, std::string_view name, Position missing) {
  const auto text = read_text(call, name);
  if (!text) return tl::unexpected<Error>(text.error());
  if (!*text) return missing;
  const auto parsed = call.api.positions.parse(**text);
  if (!parsed) return tl::unexpected<Error>(parsed.error());
  if (parsed->epoch == call.api.log.epoch()) return parsed->position;
  return fail(ErrorCode::kConflict, "position.other_epoch", "the log was restored since that position was told");
}

void add_missing(const access_policy::Rows& rows, const access_policy::Rows& others, std::int64_t& count,
                 std::vector<RowView>& out) {
  std::vector<NumberedRow> found;
  for (const auto& [key, row] : rows) {
    const auto other = others.find(key);
    if (other == others.end() || other->second != row) found.push_back(row);
  }
  count = static_cast<std::int64_t>(found.size());
  std::ranges::sort(found, {}, &NumberedRow::number);
  if (found.size() > kDiffRowsMax) found.resize(kDiffRowsMax);
  for (const auto& row : found) out.push_back(view_of(row));
}

void diff(const ApiCallPtr& call) {
  const auto from = read_position(*call, "from", Position{});
  const auto to = read_position(*call, "to", call->api.log.head(Visibility::kDurable));
  if (!from || !to) {
    call->refuse(from ? to.error() : from.error());
    return;
  }
  call->api.reports.submit([call, from = *from, to = *to] {
    const auto found = policy_at_positions(call->api.log, from, to);
    if (!found) {
      call->refuse(found.error());
      return;
    }
    const auto& [before, after] = *found;
    DiffView view{before.version, after.version, before.state.model != after.state.model, 0, 0, {}, {}};
    add_missing(before.state.rows, after.state.rows, view.removed_count, view.removed);
    add_missing(after.state.rows, before.state.rows, view.added_count, view.added);
    call->answer({}, http::json_response(200, encode(view)));
  });
}

}  // namespace

void add_permission_report_routes(http::Router& router, Api& api) {
  using http::Method;
  http::RouteInfo info;
  info.role = kAdministrator;
  info.name = "list_permission_rows";
  info.summary = "Lists the rows of the permissions in force, as they were added";
  info.query = http::page_parameters(
      {http::query<std::string>("kind", "Such as p or g", length(1, access_policy::kKindSizeMax)),
       http::query<std::string>("subject", "The first value", length(1, access_policy::kValueBytesMax)),
       http::query<std::string>("value", "Any of the values", length(1, access_policy::kValueBytesMax))});
  info.answers = {{200, http::page_of<RowView>()}};
  add_route(router, api, Method::kGet, kRowsPattern, info, list_rows);

  info.name = "list_role_assignments";
  info.summary = "Lists who has which role, and which role has another one";
  info.query = http::page_parameters({http::query<AccountId>("account_id", "Only this account's")});
  add_route(router, api, Method::kGet, "/api/v1/admin/permissions/assignments", info, list_assignments);

  info.name = "explain_permission";
  info.summary = "Says whether somebody may send a request, and which rule decides it";
  info.query = {
      http::query<std::string>("subject", "An account's id, or a role such as guest; the caller, if there is none",
                               length(1, kSubjectSizeMax)),
      http::query<std::string>("method", "GET, if there is none", length(1, 10)),
      http::query<std::string>("path", "Such as /api/v1/orders; this one, if there is none", length(1, kPathSizeMax))};
  info.answers = {{200, http::schema<ExplanationView>()}};
  info.problems = {{404, "account.not_found"}};
  add_route(router, api, Method::kGet, "/api/v1/admin/permissions/explain", info, explain);

  info.name = "diff_permissions";
  info.summary = "Says what changed between two positions; of each list at most 1,000 rows";
  const auto size = PositionTokens::kTextSize;
  info.query = {
      http::query<std::string>("from", "A Souk-Position; the beginning, if there is none", length(size, size)),
      http::query<std::string>("to", "A later one; now, if there is none", length(size, size))};
  info.answers = {{200, http::schema<DiffView>()}};
  info.problems = {};
  add_route(router, api, Method::kGet, "/api/v1/admin/permissions/diff", info, diff);
}

}  // namespace souk
