#include "engine/base/utf8.hpp"
#include "gateway/permissions/access_subject.hpp"
#include "gateway/permissions/policy_change.hpp"
#include "gateway/permissions/policy_history.hpp"
#include "gateway/routes/routes.hpp"

namespace souk {
namespace {

using access_policy::Row;

constexpr std::int64_t kVersionMax = 1'000'000'000;
constexpr std::size_t kRoleSizeMax = 100;

struct ModelView {
  std::string model;
  Version version;
  std::int64_t rows = 0;
  static constexpr auto fields() {
    return field_list(field("model", &ModelView::model), field("version", &ModelView::version),
                      field("rows", &ModelView::rows));
  }
  static constexpr std::string_view kExample =
      R"({"model":"[request_definition]\nr = sub, obj, act\n…","version":12,"rows":187})";
};

struct ModelBody {
  std::string model;
  static constexpr auto fields() { return field_list(field("model", &ModelBody::model)); }
  static constexpr auto limits() {
    return limit_list(limit("model", length(1, access_policy::kModelBytesMax), says("Casbin's model text")));
  }
  static constexpr std::string_view kExample =
      R"({"model":"[request_definition]\nr = sub, role, obj, act\n[policy_definition]\np = sub, obj, act\n)"
      R"([role_definition]\ng = _, _\n[policy_effect]\ne = some(where (p.eft == allow))\n[matchers]\n)"
      R"(m = g(r.role, p.sub) && keyMatch(r.obj, p.obj) && r.act == p.act\n"})";
};

struct RowBody {
  std::string kind;
  std::vector<std::string> values;
  static constexpr auto fields() {
    return field_list(field("kind", &RowBody::kind), field("values", &RowBody::values));
  }
  static constexpr auto limits() {
    return limit_list(
        limit("kind", length(1, access_policy::kKindSizeMax), says("Such as p or g")),
        limit("values", item_count(1, access_policy::kValuesMax), each(length(0, access_policy::kValueBytesMax))));
  }
};

struct RowsBody {
  std::optional<std::vector<RowBody>> add;
  std::optional<std::vector<RowBody>> remove;
  static constexpr auto fields() {
    return field_list(field("add", &RowsBody::add), field("remove", &RowsBody::remove));
  }
  static constexpr auto limits() {
    constexpr auto kMax = access_policy::kRowsChangedMax;
    return limit_list(limit("add", item_count(0, kMax), says("What is there already stays")),
                      limit("remove", item_count(0, kMax), says("Before the others are added")));
  }
  static constexpr std::string_view kExample =
      R"({"add":[{"kind":"p","values":["support","/api/v1/admin/stock/*","GET","allow"]}],)"
      R"("remove":[{"kind":"g","values":["account:6fbmcde5yznwq83fazzjf99ypj","support"]}]})";
};

struct AssignmentBody {
  AccountId account_id;
  std::string role;
  static constexpr auto fields() {
    return field_list(field("account_id", &AssignmentBody::account_id), field("role", &AssignmentBody::role));
  }
  static constexpr auto limits() { return limit_list(limit("role", length(1, kRoleSizeMax))); }
  static constexpr std::string_view kExample = R"({"account_id":"6fbmcde5yznwq83fazzjf99ypj","role":"support"})";
};

struct RollbackBody {
  std::int64_t version = 0;
  static constexpr auto fields() { return field_list(field("version", &RollbackBody::version)); }
  static constexpr auto limits() { return limit_list(limit("version", between(1, kVersionMax))); }
  static constexpr std::string_view kExample = R"({"version":11})";
};

std::string show_standing(const access_policy::State& state, Version version) {
  return encode(ModelView{state.model, version, static_cast<std::int64_t>(state.rows.size())});
}

void get_model(const ApiCallPtr& call) {
  const auto rules = call->api.permissions.in_force();
  const ModelView view{rules->model(), rules->version(), static_cast<std::int64_t>(rules->size())};
  call->answer_entity(rules->position(), rules->version(), encode(view));
}

void replace_model(const ApiCallPtr& call) {
  auto body = call->body<ModelBody>();
  if (!body) {
    call->refuse(body.error());
    return;
  }
  change_policy(
      call,
      [call, model = std::move(body->model)](const AccessRules& latest) -> Result<PolicyChange> {
        auto next = latest.with_model(model);
        if (!next) return tl::unexpected<Error>(std::move(next.error()));
        return PolicyChange{access_policy::ReplaceModel{model, call->account(), call->now()}, std::move(*next)};
      },
      show_standing);
}

void change_rows(const ApiCallPtr& call, std::vector<Row> remove, std::vector<Row> add) {
  if (remove.size() + add.size() > access_policy::kRowsChangedMax) {
    call->refuse(Error{ErrorCode::kInvalid, "permissions.too_many_rows", "at most 1,000 rows are changed together"});
    return;
  }
  change_policy(
      call,
      [call, remove = std::move(remove), add = std::move(add)](const AccessRules& latest) -> Result<PolicyChange> {
        auto next = latest.with(remove, add);
        if (!next) return tl::unexpected<Error>(std::move(next.error()));
        return PolicyChange{access_policy::ChangeRows{remove, add, call->account(), call->now()}, std::move(*next)};
      },
      show_standing);
}

std::vector<Row> rows_of(const std::optional<std::vector<RowBody>>& bodies) {
  std::vector<Row> out;
  for (const auto& body : bodies.value_or(std::vector<RowBody>{})) out.push_back({body.kind, body.values});
  return out;
}

void post_rows(const ApiCallPtr& call) {
  const auto body = call->body<RowsBody>();
  if (!body) {
    call->refuse(body.error());
    return;
  }
  change_rows(call, rows_of(body->remove), rows_of(body->add));
}

/// None: there is no such row, or not any more.
void remove_row(const ApiCallPtr& call, const std::optional<Row>& row) {
  change_policy(
      call,
      [call, row](const AccessRules& latest) -> Result<PolicyChange> {
        const bool is_there = row && latest.policy().find({row->kind, row->values});
        // Who has asked before is told again what came of it.
        if (!is_there && !call->is_repeated()) {
          return fail(ErrorCode::kNotFound, "permissions.row_not_found", "there is no such row");
        }
        access_policy::ChangeRows change{{}, {}, call->account(), call->now()};
        if (row) change.remove.push_back(*row);
        auto next = latest.with(change.remove, {});
        if (!next) return tl::unexpected<Error>(std::move(next.error()));
        return PolicyChange{std::move(change), std::move(*next)};
      },
      show_standing);
}

void delete_row(const ApiCallPtr& call) {
  const auto id = call->id<PolicyRowTag>("id", "permissions.row_not_found");
  if (!id) {
    call->refuse(id.error());
    return;
  }
  call->api.host.read<AccessPolicy>(kAccessPolicy, {}, [call, id = *id](const Judged<AccessPolicy>& judged) {
    if (judged.refusal != nullptr) {
      call->refuse(judged.position, *judged.refusal);
      return;
    }
    const auto& rows = judged.state.rows;
    const auto found = rows.find(id);
    remove_row(call, found == rows.end() ? std::nullopt : std::optional(found->second.row));
  });
}

void assign_role(const ApiCallPtr& call) {
  const auto body = call->body<AssignmentBody>();
  if (!body) {
    call->refuse(body.error());
    return;
  }
  if (!is_line_of(body->role, 1, kRoleSizeMax)) {
    call->refuse(Error{ErrorCode::kInvalid, "permissions.role_invalid", "a role has 1 to 100 characters on one line"});
    return;
  }
  change_rows(call, {}, {{"g", {subject_of(body->account_id), body->role}}});
}

void unassign_role(const ApiCallPtr& call) {
  const auto account = call->id<AccountTag>("account_id", "permissions.row_not_found");
  if (!account) {
    call->refuse(account.error());
    return;
  }
  remove_row(call, Row{"g", {subject_of(*account), std::string(call->request().path_parameter("role"))}});
}

void roll_back(const ApiCallPtr& call) {
  const auto body = call->body<RollbackBody>();
  if (!body) {
    call->refuse(body.error());
    return;
  }
  const Version version{static_cast<std::uint64_t>(std::max<std::int64_t>(body->version, 0))};
  change_policy(
      call,
      [call, version](const AccessRules& latest) -> Result<PolicyChange> {
        auto then = policy_at_version(call->api.log, version);
        if (!then) return tl::unexpected<Error>(std::move(then.error()));
        auto next = rolled_back(latest, *then);
        if (!next) return tl::unexpected<Error>(std::move(next.error()));
        return PolicyChange{access_policy::RollBack{version, std::move(then->model), std::move(then->rows),
                                                    call->account(), call->now()},
                            std::move(*next)};
      },
      show_standing);
}

}  // namespace

void add_permission_routes(http::Router& router, Api& api) {
  using http::Method;
  http::RouteInfo info;
  info.role = kAdministrator;
  info.name = "get_permission_model";
  info.summary = "Shows the model of the permissions in force";
  info.answers = {{200, http::schema<ModelView>()}};
  add_route(router, api, Method::kGet, kModelPattern, info, get_model);

  info.mutating = true;
  info.precondition = http::Precondition::kAccepted;
  info.media_type = "application/json";
  info.problems = {{409, "permissions.lock_out"}, {409, "permissions.role_circle"}, {409, "permissions.rows_full"}};
  auto replace = info;
  replace.name = "replace_permission_model";
  replace.summary = "Replaces the model; all rows must have a meaning under it";
  replace.precondition = http::Precondition::kRequired;
  replace.body = http::schema<ModelBody>();
  replace.problems.push_back({409, "permissions.too_many_patterns"});
  replace.problems.push_back({409, "permissions.too_slow"});
  add_route(router, api, Method::kPut, kModelPattern, replace, replace_model);

  info.name = "change_permission_rows";
  info.summary = "Takes rows away and adds others: all of it or nothing";
  info.body = http::schema<RowsBody>();
  info.problems.push_back({409, "permissions.too_many_rules"});
  info.problems.push_back({409, "permissions.too_many_patterns"});
  info.problems.push_back({409, "permissions.too_slow"});
  add_route(router, api, Method::kPost, kRowsPattern, info, post_rows);
  info.name = "assign_role";
  info.summary = "Gives an account a role";
  info.body = http::schema<AssignmentBody>();
  add_route(router, api, Method::kPost, "/api/v1/admin/permissions/assignments", info, assign_role);
  info.name = "roll_back_permissions";
  info.summary = "Makes model and rows what they were at an earlier version";
  info.body = http::schema<RollbackBody>();
  add_route(router, api, Method::kPost, "/api/v1/admin/permissions/rollback", info, roll_back);

  info.media_type = {};
  info.body = {};
  info.problems = {{409, "permissions.lock_out"}, {409, "permissions.role_circle"}, {404, "permissions.row_not_found"}};
  info.name = "remove_permission_row";
  info.summary = "Takes a row away";
  add_route(router, api, Method::kDelete, "/api/v1/admin/permissions/rows/{id}", info, delete_row);
  info.name = "unassign_role";
  info.summary = "Takes a role from an account";
  info.path = {{"role", http::schema<std::string>(length(1, kRoleSizeMax))}};
  add_route(router, api, Method::kDelete, "/api/v1/admin/permissions/assignments/{account_id}/{role}", info,
            unassign_role);
}

}  // namespace souk
