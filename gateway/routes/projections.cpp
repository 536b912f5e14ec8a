#include "gateway/api_call.hpp"
#include "gateway/merge_patch.hpp"
#include "gateway/orders.hpp"
#include "gateway/routes/routes.hpp"
#include "projections/supervisor.hpp"

namespace souk {

template <>
struct EnumNames<FollowerState> {
  static constexpr std::array<std::string_view, 3> values{"following", "paused", "stopped"};
};

namespace {

enum class BuildKind : std::uint8_t { kRebuild, kRollBack };

}  // namespace

template <>
struct EnumNames<BuildKind> {
  static constexpr std::array<std::string_view, 2> values{"rebuild", "rollback"};
};

namespace {

constexpr std::size_t kParkedShown = 100;
constexpr std::size_t kNameSizeMax = 64;

struct ParkedView {
  Position position;
  std::string stream;
  std::string type;
  std::string reason;
  std::string detail;
  Time since;
  static constexpr auto fields() {
    return field_list(field("position", &ParkedView::position), field("stream", &ParkedView::stream),
                      field("type", &ParkedView::type), field("reason", &ParkedView::reason),
                      field("detail", &ParkedView::detail), field("since", &ParkedView::since));
  }
};

struct BuildingView {
  BuildKind kind = BuildKind::kRebuild;
  std::int64_t generation = 0;
  FollowerState state = FollowerState::kFollowing;
  Position position;
  std::int64_t lag_events = 0;
  bool stuck = false;
  bool failing = false;
  std::optional<std::string> last_error;
  std::optional<Time> last_error_at;
  static constexpr auto fields() {
    return field_list(field("kind", &BuildingView::kind), field("generation", &BuildingView::generation),
                      field("state", &BuildingView::state), field("position", &BuildingView::position),
                      field("lag_events", &BuildingView::lag_events), field("stuck", &BuildingView::stuck),
                      field("failing", &BuildingView::failing), field("last_error", &BuildingView::last_error),
                      field("last_error_at", &BuildingView::last_error_at));
  }
};

struct PreviousView {
  std::int64_t generation = 0;
  Time kept_until;
  static constexpr auto fields() {
    return field_list(field("generation", &PreviousView::generation), field("kept_until", &PreviousView::kept_until));
  }
};

/// A rebuild or a roll back that was given up.
struct DroppedView {
  BuildKind kind = BuildKind::kRebuild;
  std::int64_t generation = 0;
  std::string error;
  Time at;
  static constexpr auto fields() {
    return field_list(field("kind", &DroppedView::kind), field("generation", &DroppedView::generation),
                      field("error", &DroppedView::error), field("at", &DroppedView::at));
  }
};

struct ProjectionView {
  std::string name;
  FollowerState state = FollowerState::kFollowing;
  OnPoison on_poison = OnPoison::kPark;
  Position position;
  Position head;
  std::int64_t lag_events = 0;
  std::int64_t lag_ms = 0;
  std::int64_t parked_events = 0;
  bool complete = true;
  bool stuck = false;
  bool failing = false;
  std::optional<std::string> last_error;
  std::optional<Time> last_error_at;
  std::optional<ParkedView> blocked_by;
  std::int64_t generation = 1;
  std::optional<BuildingView> building;
  std::optional<PreviousView> previous;
  std::optional<DroppedView> dropped;
  static constexpr auto fields() {
    return field_list(field("name", &ProjectionView::name), field("state", &ProjectionView::state),
                      field("on_poison", &ProjectionView::on_poison), field("position", &ProjectionView::position),
                      field("head", &ProjectionView::head), field("lag_events", &ProjectionView::lag_events),
                      field("lag_ms", &ProjectionView::lag_ms), field("parked_events", &ProjectionView::parked_events),
                      field("complete", &ProjectionView::complete), field("stuck", &ProjectionView::stuck),
                      field("failing", &ProjectionView::failing), field("last_error", &ProjectionView::last_error),
                      field("last_error_at", &ProjectionView::last_error_at),
                      field("blocked_by", &ProjectionView::blocked_by),
                      field("generation", &ProjectionView::generation), field("building", &ProjectionView::building),
                      field("previous", &ProjectionView::previous), field("dropped", &ProjectionView::dropped));
  }
  static constexpr std::string_view kExample =
      R"({"name":"orders","state":"following","on_poison":"park","position":1200,"head":1203,"lag_events)"
      R"(":3,"lag_ms":12,"parked_events":1,"complete":true,"stuck":false,"failing":false,"generation":2,)"
      R"("building":{"kind":"rebuild","generation":3,"state":"following","position":800,"lag_events":403)"
      R"(,"stuck":false,"failing":false},"previous":{"generation":1,"kept_until":"2026-11-30T08:55:36.55)"
      R"(1548Z"}})";
};

/// With the earliest events that are parked.
struct ProjectionDetailView {
  ProjectionView projection;
  std::vector<ParkedView> parked;
  static constexpr auto fields() {
    return field_list(field("projection", &ProjectionDetailView::projection),
                      field("parked", &ProjectionDetailView::parked));
  }
  static constexpr std::string_view kExample =
      R"({"projection":{"name":"orders","state":"following","on_poison":"park","position":1200,"head":12)"
      R"(03,"lag_events":3,"lag_ms":12,"parked_events":1,"complete":true,"stuck":false,"failing":false,")"
      R"(generation":2,"building":{"kind":"rebuild","generation":3,"state":"following","position":800,"l)"
      R"(ag_events":403,"stuck":false,"failing":false},"previous":{"generation":1,"kept_until":"2026-11-30T08:55:36.55)"
      R"(1548Z"}},"parked":[{"position":811,"stream":"order-2z8rh12q7hwntdjcvz2a005xtj","type":"order.pa)"
      R"(id","reason":"projection.row_missing","detail":"order.paid of an order that was never placed",")"
      R"(since":"2026-11-23T08:55:36.551548Z"}]})";
};

struct RetriedView {
  std::int64_t applied = 0;
  std::int64_t still_parked = 0;
  static constexpr auto fields() {
    return field_list(field("applied", &RetriedView::applied), field("still_parked", &RetriedView::still_parked));
  }
  static constexpr std::string_view kExample = R"({"applied":1,"still_parked":0})";
};

struct ChangeBody {
  std::optional<OnPoison> on_poison;
  static constexpr auto fields() { return field_list(field("on_poison", &ChangeBody::on_poison)); }
  static constexpr std::string_view kExample = R"({"on_poison":"retry"})";
};

std::int64_t shown(std::uint64_t number) {
  return static_cast<std::int64_t>(number);
}

ParkedView view_of(const ParkedEvent& event) {
  return {event.position, std::string(event.stream.text()), event.type, event.reason, event.detail, event.parked_at};
}

std::optional<std::string> error_of(const FollowerStatus& status) {
  return status.last_error.empty() ? std::nullopt : std::optional(status.last_error);
}

std::optional<Time> error_time_of(const FollowerStatus& status) {
  return status.last_error.empty() ? std::nullopt : std::optional(status.last_error_at);
}

BuildKind kind_of(bool rolls_back) {
  return rolls_back ? BuildKind::kRollBack : BuildKind::kRebuild;
}

ProjectionView view_of(const FollowerReport& report) {
  const auto& status = report.status;
  ProjectionView view;
  view.name = status.name;
  view.state = status.state;
  view.on_poison = status.on_poison;
  view.position = status.position;
  view.head = status.head;
  view.lag_events = shown(status.lag_events);
  view.lag_ms = status.lag.us / 1'000;
  view.parked_events = shown(status.parked);
  view.complete = report.is_complete;
  view.stuck = report.is_stuck;
  view.failing = status.failing;
  view.last_error = error_of(status);
  view.last_error_at = error_time_of(status);
  if (status.blocked) view.blocked_by = view_of(*status.blocked);
  view.generation = shown(report.generation);
  if (const auto& building = report.building) {
    view.building = BuildingView{
        kind_of(building->rolls_back), shown(building->generation),        building->status.state,
        building->status.position,     shown(building->status.lag_events), building->is_stuck,
        building->status.failing,      error_of(building->status),         error_time_of(building->status)};
  }
  if (report.previous) view.previous = PreviousView{shown(report.previous->generation), report.previous->until};
  if (const auto& dropped = report.dropped) {
    view.dropped = DroppedView{kind_of(dropped->rolls_back), shown(dropped->generation), dropped->error, dropped->at};
  }
  return view;
}

Supervisor& supervisor_of(const ApiCallPtr& call) {
  return call->api.projections.supervisor();
}

std::string name_of(const ApiCallPtr& call) {
  return std::string(call->request().path_parameter("name"));
}

void show(const ApiCallPtr& call, int status) {
  const auto report = supervisor_of(call).report(name_of(call));
  if (report) {
    call->answer(Position{}, http::json_response(status, encode(view_of(*report))));
  } else {
    call->refuse(report.error());
  }
}

void list_projections(const ApiCallPtr& call) {
  call->api.reports.submit([call] {
    std::string items;
    for (const auto& report : supervisor_of(call).reports()) {
      items += (items.empty() ? "" : ",") + encode(view_of(report));
    }
    call->answer(Position{}, http::json_response(200, "{\"items\":[" + items + "]}"));
  });
}

void get_projection(const ApiCallPtr& call) {
  call->api.reports.submit([call] {
    const auto report = supervisor_of(call).report(name_of(call));
    if (!report) {
      call->refuse(report.error());
      return;
    }
    ProjectionDetailView view{view_of(*report), {}};
    // To read them may take as long as the batch under way, so nobody waits where there are none.
    if (view.projection.parked_events > 0) {
      const auto parked = supervisor_of(call).parked(name_of(call), kParkedShown);
      if (!parked) {
        call->refuse(parked.error());
        return;
      }
      for (const auto& event : *parked) view.parked.push_back(view_of(event));
    }
    call->answer(Position{}, http::json_response(200, encode(view)));
  });
}

/// What an operator tells a follower; it may have to wait for the disk.
http::RouteInfo verb_info(std::string_view name, std::string_view summary, std::vector<http::ProblemDoc> problems) {
  http::RouteInfo info;
  info.role = kAdministrator;
  info.name = name;
  info.summary = summary;
  info.key_without_effect = "it concerns this node's copies alone, and nothing of it is in the log; see its answers";
  info.path = {{"name", http::schema<std::string>(length(1, kNameSizeMax))}};
  info.body = http::schema<Nothing>();
  info.problems = std::move(problems);
  info.problems.insert(info.problems.begin(), {404, "projection.not_found"});
  return info;
}

using Verb = Result<void> (Supervisor::*)(std::string_view name);

void add_verb(http::Router& router, Api& api, std::string_view pattern, http::RouteInfo info, Verb verb, int status) {
  info.answers = {{status, http::schema<ProjectionView>()}};
  add_route(router, api, http::Method::kPost, pattern, std::move(info), [verb, status](const ApiCallPtr& call) {
    if (!says_nothing(call)) return;
    call->api.reports.submit([call, verb, status] {
      const auto done = (supervisor_of(call).*verb)(name_of(call));
      if (done) {
        show(call, status);
      } else {
        call->refuse(done.error());
      }
    });
  });
}

void retry_parked(const ApiCallPtr& call) {
  if (!says_nothing(call)) return;
  call->api.reports.submit([call] {
    const auto retried = supervisor_of(call).retry_parked(name_of(call));
    if (!retried) {
      call->refuse(retried.error());
      return;
    }
    const RetriedView view{shown(retried->applied), shown(retried->still_parked)};
    call->answer(Position{}, http::json_response(200, encode(view)));
  });
}

void change_projection(const ApiCallPtr& call) {
  const auto body = call->body<ChangeBody>();
  if (!body) {
    call->refuse(body.error());
    return;
  }
  bool is_removed = false;
  const auto checked =
      for_each_removed(call->request().body, [&](std::string_view /*key*/) { return is_removed = true; });
  if (!checked) {
    call->refuse(checked.error());
    return;
  }
  call->api.reports.submit([call, policy = body->on_poison, is_removed] {
    const auto done = policy || is_removed ? supervisor_of(call).set_on_poison(name_of(call), policy) : Result<void>{};
    if (done) {
      show(call, 200);
    } else {
      call->refuse(done.error());
    }
  });
}

void add_verbs(http::Router& router, Api& api) {
  const auto add = [&](std::string_view pattern, http::RouteInfo info, Verb verb, int status) {
    add_verb(router, api, pattern, std::move(info), verb, status);
  };
  add("/api/v1/admin/projections/{name}/pause",
      verb_info("pause_projection", "Lets a projection take in nothing more, also over restarts", {}),
      &Supervisor::pause, 200);
  add("/api/v1/admin/projections/{name}/resume",
      verb_info("resume_projection", "Lets a projection go on that was paused or has stopped", {}), &Supervisor::resume,
      200);
  add("/api/v1/admin/projections/{name}/rebuild",
      verb_info("rebuild_projection",
                "Makes a projection anew from the log beside the live one, which it replaces when it has caught up",
                {{409, "projection.building"},
                 {409, "projection.paused"},
                 {409, "projection.not_rebuildable"},
                 {409, "projection.no_room"}}),
      &Supervisor::rebuild, 202);
  add("/api/v1/admin/projections/{name}/rollback",
      verb_info("roll_back_projection", "Brings back what was live before the last rebuild, once it has caught up",
                {{409, "projection.building"},
                 {409, "projection.paused"},
                 {409, "projection.no_previous"},
                 {409, "projection.previous_unfit"}}),
      &Supervisor::roll_back, 202);
  add("/api/v1/admin/projections/{name}/cancel",
      verb_info("cancel_projection_rebuild", "Ends a rebuild or a roll back that is not live yet",
                {{409, "projection.not_building"}}),
      &Supervisor::cancel, 200);
}

}  // namespace

void add_projection_routes(http::Router& router, Api& api) {
  const std::string_view one = "/api/v1/admin/projections/{name}";
  http::RouteInfo info;
  info.role = kAdministrator;
  info.name = "list_projections";
  info.summary = "Lists the read models and other followers of the log, and how far each is";
  info.answers = {{200, http::list_of<ProjectionView>()}};
  add_route(router, api, http::Method::kGet, "/api/v1/admin/projections", info, list_projections);
  info.name = "get_projection";
  info.summary = "Shows a follower of the log with the events that it has parked";
  info.path = {{"name", http::schema<std::string>(length(1, kNameSizeMax))}};
  info.answers = {{200, http::schema<ProjectionDetailView>()}};
  info.problems = {{404, "projection.not_found"}};
  add_route(router, api, http::Method::kGet, one, info, get_projection);

  add_verbs(router, api);
  auto retry = verb_info("retry_parked_events", "Tries the parked events of a projection again", {});
  retry.answers = {{200, http::schema<RetriedView>()}};
  add_route(router, api, http::Method::kPost, "/api/v1/admin/projections/{name}/retry", retry, retry_parked);
  auto change = verb_info("change_projection", "Says what becomes of an event that a projection cannot take in", {});
  change.media_type = "application/merge-patch+json";
  change.body = http::schema<ChangeBody>();
  change.answers = {{200, http::schema<ProjectionView>()}};
  add_route(router, api, http::Method::kPatch, one, change, change_projection);
}

}  // namespace souk
