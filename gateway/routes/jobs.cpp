#include "engine/job/schedule.hpp"
#include "gateway/jobs/job_runs.hpp"
#include "gateway/merge_patch.hpp"
#include "gateway/orders.hpp"
#include "gateway/routes/routes.hpp"
#include "gateway/views.hpp"

namespace souk {
namespace {

/// What became of a run, or of occurrences that did not run.
enum class RecordOutcome : std::uint8_t { kDone, kFailed, kNoAnswer, kSkipped };

}  // namespace
}  // namespace souk

template <>
struct souk::EnumNames<souk::RecordOutcome> {
  static constexpr std::array<std::string_view, 4> values{"done", "failed", "no_answer", "skipped"};
};

namespace souk {
namespace {

struct RecordView {
  RecordOutcome outcome = RecordOutcome::kDone;
  std::optional<RunId> run_id;
  std::optional<Time> due;       ///< of the first, if several were skipped
  std::optional<Time> last_due;  ///< of the last of them
  std::int64_t count = 1;        ///< how many occurrences
  std::optional<job::SkipReason> skipped_for;
  std::optional<AccountId> started_by;  ///< by hand
  std::optional<Time> started_at;
  std::optional<std::int64_t> delay_ms;
  Time at;  ///< when it was known
  std::optional<std::string> problem;
  std::vector<job::Figure> figures;
  static constexpr auto fields() {
    using V = RecordView;
    return field_list(field("outcome", &V::outcome), field("run_id", &V::run_id), field("due", &V::due),
                      field("last_due", &V::last_due), field("count", &V::count), field("skipped_for", &V::skipped_for),
                      field("started_by", &V::started_by), field("started_at", &V::started_at),
                      field("delay_ms", &V::delay_ms), field("at", &V::at), field("problem", &V::problem),
                      field("figures", &V::figures));
  }
  static constexpr std::string_view kExample =
      R"({"outcome":"done","run_id":"3rdxj6pfdwqhqx5jvkd3b7jxe3","due":"2026-11-23T10:10:00.000000Z","count":1,)"
      R"("started_at":"2026-11-23T10:10:00.012345Z","delay_ms":12,"at":"2026-11-23T10:10:01.512345Z",)"
      R"("figures":[{"name":"completed","count":7}]})";
};

struct RunView {
  RunId run_id;
  std::optional<Time> due;
  std::optional<AccountId> started_by;
  Time started_at;
  std::int64_t delay_ms = 0;
  static constexpr auto fields() {
    using V = RunView;
    return field_list(field("run_id", &V::run_id), field("due", &V::due), field("started_by", &V::started_by),
                      field("started_at", &V::started_at), field("delay_ms", &V::delay_ms));
  }
};

struct JobItem {
  std::string name;
  job::Kind kind = job::Kind::kReconciliation;
  std::optional<std::string> provider;
  std::string schedule;
  job::Misfire misfire = job::Misfire::kRunOnce;
  std::optional<std::int64_t> after_days;
  bool paused = false;
  std::optional<Time> next_due;
  std::optional<RunView> run;
  std::optional<RecordView> last;
  job::Counts counts;
  static constexpr auto fields() {
    using V = JobItem;
    return field_list(field("name", &V::name), field("kind", &V::kind), field("provider", &V::provider),
                      field("schedule", &V::schedule), field("misfire", &V::misfire),
                      field("after_days", &V::after_days), field("paused", &V::paused), field("next_due", &V::next_due),
                      field("run", &V::run), field("last", &V::last), field("counts", &V::counts));
  }
  static constexpr std::string_view kExample =
      R"({"name":"order_completion","kind":"order_completion","schedule":"10 * * * *","misfire":"run_once",)"
      R"("after_days":7,"paused":false,"next_due":"2026-11-23T11:10:00.000000Z","last":{"outcome":"done",)"
      R"("run_id":"3rdxj6pfdwqhqx5jvkd3b7jxe3","due":"2026-11-23T10:10:00.000000Z","count":1,)"
      R"("started_at":"2026-11-23T10:10:00.012345Z","delay_ms":12,"at":"2026-11-23T10:10:01.512345Z",)"
      R"("figures":[{"name":"completed","count":7}]},"counts":{"done":12,"failed":1,"no_answer":0,"skipped":2}})";
};

struct JobView {
  std::string name;
  job::Kind kind = job::Kind::kReconciliation;
  std::optional<std::string> provider;
  std::string schedule;
  job::Misfire misfire = job::Misfire::kRunOnce;
  std::optional<std::int64_t> after_days;
  bool paused = false;
  job::Plan configured;
  job::Overrides changed;
  std::optional<AccountId> changed_by;
  std::optional<Time> changed_at;
  std::optional<Time> next_due;
  std::optional<RunView> run;
  std::int64_t waiting = 0;
  std::vector<RecordView> recent;
  job::Counts counts;
  static constexpr auto fields() {
    using V = JobView;
    return field_list(
        field("name", &V::name), field("kind", &V::kind), field("provider", &V::provider),
        field("schedule", &V::schedule), field("misfire", &V::misfire), field("after_days", &V::after_days),
        field("paused", &V::paused), field("configured", &V::configured), field("changed", &V::changed),
        field("changed_by", &V::changed_by), field("changed_at", &V::changed_at), field("next_due", &V::next_due),
        field("run", &V::run), field("waiting", &V::waiting), field("recent", &V::recent), field("counts", &V::counts));
  }
  static constexpr std::string_view kExample =
      R"({"name":"order_completion","kind":"order_completion","schedule":"10 * * * *","misfire":"run_once",)"
      R"("after_days":14,"paused":false,"configured":{"schedule":"10 * * * *","misfire":"run_once",)"
      R"("after_days":7},"changed":{"after_days":14},"changed_by":"1p3tkyzrkwd336dt3z39bqqp4d",)"
      R"("changed_at":"2026-11-23T08:55:36.551548Z","next_due":"2026-11-23T11:10:00.000000Z","waiting":0,)"
      R"("recent":[{"outcome":"done","run_id":"3rdxj6pfdwqhqx5jvkd3b7jxe3","due":"2026-11-23T10:10:00.000000Z",)"
      R"("count":1,"started_at":"2026-11-23T10:10:00.012345Z","delay_ms":12,"at":"2026-11-23T10:10:01.512345Z",)"
      R"("figures":[{"name":"completed","count":7}]}],"counts":{"done":12,"failed":1,"no_answer":0,"skipped":2}})";
};

struct StartedView {
  RunId run_id;
  static constexpr auto fields() { return field_list(field("run_id", &StartedView::run_id)); }
  static constexpr std::string_view kExample = R"({"run_id":"3rdxj6pfdwqhqx5jvkd3b7jxe3"})";
};

struct ChangeBody {
  std::optional<std::string> schedule;
  std::optional<job::Misfire> misfire;
  std::optional<std::int64_t> after_days;
  std::optional<bool> paused;
  static constexpr auto fields() {
    using B = ChangeBody;
    return field_list(field("schedule", &B::schedule), field("misfire", &B::misfire),
                      field("after_days", &B::after_days), field("paused", &B::paused));
  }
  static constexpr auto limits() {
    return limit_list(
        limit("schedule", length(1, Schedule::kSizeMax),
              says("Such as \"30 3 * * 1-5 +08:00\", \"@daily\" or \"@every 10m\"; null: as the configuration says")),
        limit("misfire", says("null: as the configuration says")),
        limit("after_days", between(0, job::kAfterDaysMax),
              says("Of an order completion; null: as the configuration says")),
        limit("paused", not_null()));
  }
  static constexpr std::string_view kExample = R"({"schedule":"30 3 * * * +08:00","misfire":"run_all","paused":false})";
};

Error not_found() {
  return {ErrorCode::kNotFound, "job.not_found", "there is no such job"};
}

RunView view_of(const job::Run& run) {
  return {run.id, run.due, run.by, run.started_at, run.delay_ms};
}

RecordView view_of(const job::Record& record) {
  RecordView view;
  if (record.skipped) {
    const auto& skipped = *record.skipped;
    view.outcome = RecordOutcome::kSkipped;
    view.due = skipped.first;
    if (skipped.count > 1) view.last_due = skipped.last;
    view.count = skipped.count;
    view.skipped_for = skipped.reason;
    view.at = skipped.at;
    return view;
  }
  if (record.run) {
    view.run_id = record.run->id;
    view.due = record.run->due;
    view.started_by = record.run->by;
    view.started_at = record.run->started_at;
    if (record.run->due) view.delay_ms = record.run->delay_ms;
  }
  if (record.finished) {
    view.outcome = static_cast<RecordOutcome>(record.finished->outcome);
    view.at = record.finished->at;
    view.problem = record.finished->problem;
    view.figures = record.finished->figures;
  }
  return view;
}

std::optional<std::string> provider_of(const job::State& state) {
  return state.task.provider.empty() ? std::nullopt : std::optional(state.task.provider);
}

std::optional<RunView> run_of(const job::State& state) {
  return state.run ? std::optional(view_of(*state.run)) : std::nullopt;
}

JobItem item_of(const job::State& state) {
  const job::Plan plan = state.plan();
  JobItem item{state.name,   state.task.kind, provider_of(state), plan.schedule, plan.misfire, plan.after_days,
               state.paused, state.next_due,  run_of(state),      std::nullopt,  state.counts};
  if (!state.recent.empty()) item.last = view_of(state.recent.back());
  return item;
}

JobView view_of(const job::State& state) {
  const job::Plan plan = state.plan();
  JobView view{state.name,
               state.task.kind,
               provider_of(state),
               plan.schedule,
               plan.misfire,
               plan.after_days,
               state.paused,
               state.defaults,
               state.overrides,
               state.changed_by,
               state.changed_at,
               state.next_due,
               run_of(state),
               static_cast<std::int64_t>(state.waiting.size()),
               {},
               state.counts};
  for (auto record = state.recent.rbegin(); record != state.recent.rend(); ++record) {
    view.recent.push_back(view_of(*record));
  }
  return view;
}

void answer(const ApiCallPtr& call, const Judged<Job>& judged) {
  if (judged.refusal != nullptr) {
    call->refuse(judged.position, *judged.refusal);
  } else if (judged.state.name.empty()) {
    call->refuse(judged.position, not_found());
  } else {
    call->answer_entity(judged.position, judged.version, encode(view_of(judged.state)));
  }
}

JobId id_of(const ApiCallPtr& call) {
  return job_id(call->api, call->request().path_parameter("name"));
}

void get_job(const ApiCallPtr& call) {
  call->api.host.read<Job>(id_of(call), {}, [call](const Judged<Job>& judged) { answer(call, judged); });
}

/// What is taken away is as the configuration says; a pause cannot be taken away.
Result<job::Change> read_patch(const ApiCall& call) {
  auto body = call.body<ChangeBody>();
  if (!body) return tl::unexpected<Error>(std::move(body.error()));
  job::Change command;
  if (body->schedule) command.schedule.emplace(std::move(body->schedule));
  if (body->misfire) command.misfire.emplace(body->misfire);
  if (body->after_days) command.after_days.emplace(body->after_days);
  command.paused = body->paused;
  command.by = call.account();
  command.at = call.now();
  const auto checked = for_each_removed(call.request().body, [&](std::string_view key) {
    if (key == "schedule") command.schedule.emplace(std::nullopt);
    if (key == "misfire") command.misfire.emplace(std::nullopt);
    if (key == "after_days") command.after_days.emplace(std::nullopt);
    return key != "paused";
  });
  if (!checked) return tl::unexpected<Error>(checked.error());
  return command;
}

void change_job(const ApiCallPtr& call) {
  const auto command = read_patch(*call);
  const auto only_at = call->if_match();
  if (!command || !only_at) {
    call->refuse(command ? only_at.error() : command.error());
    return;
  }
  auto options = call->options<Job>();
  options.only_at = *only_at;
  call->api.host.ask<Job>(id_of(call), *command, call->meta(), std::move(options),
                          [call](const Judged<Job>& judged) { answer(call, judged); });
}

void run_job(const ApiCallPtr& call) {
  if (!says_nothing(call)) return;
  const job::RunNow command{call->created_part_id<RunId>("job_run"), call->account(), call->now()};
  call->api.host.ask<Job>(id_of(call), command, call->meta(), call->options<Job>(),
                          [call, run = command.run](const Judged<Job>& judged) {
                            if (judged.refusal != nullptr) {
                              call->refuse(judged.position, *judged.refusal);
                              return;
                            }
                            auto response = http::json_response(202, encode(StartedView{run}));
                            response.location = "/api/v1/admin/jobs/" + judged.state.name;
                            call->answer(judged.position, std::move(response));
                          });
}

void list_jobs(const ApiCallPtr& call) {
  call->when_caught_up(call->api.projections.jobs_follower(), [call] {
    call->api.queries.submit([call] {
      const auto found = call->api.projections.jobs().list();
      if (!found) {
        call->refuse(found.error());
        return;
      }
      std::string items;
      for (const auto& state : found->items) items += (items.empty() ? "" : ",") + encode(item_of(state));
      call->answer(found->position, http::json_response(200, "{\"items\":[" + items + "]}"));
    });
  });
}

void list_records(const ApiCallPtr& call) {
  const JobId id = id_of(call);
  const std::string scope = encode(std::vector<std::string>{"job_runs", id.str()});
  const auto page = read_page_request(*call, scope);
  if (!page) {
    call->refuse(page.error());
    return;
  }
  call->api.host.read<Job>(id, {}, [call, id, scope, page = *page](const Judged<Job>& judged) {
    if (judged.refusal != nullptr || judged.state.name.empty()) {
      answer(call, judged);
      return;
    }
    call->when_caught_up(call->api.projections.jobs_follower(), [call, id, scope, page] {
      call->api.queries.submit([call, id, scope, page] {
        const auto found = call->api.projections.jobs().records(id, page.limit, page.after);
        if (!found) {
          call->refuse(found.error());
          return;
        }
        std::vector<std::string> items;
        for (const auto& one : found->items) items.push_back(encode(view_of(one.record)));
        call->answer(found->position, http::json_response(200, render_page(*call, scope, items, found->next)));
      });
    });
  });
}

}  // namespace

void add_job_routes(http::Router& router, Api& api) {
  const std::string_view one = "/api/v1/admin/jobs/{name}";
  const std::string_view runs = "/api/v1/admin/jobs/{name}/runs";
  http::RouteInfo info;
  info.role = kAdministrator;
  info.name = "list_jobs";
  info.summary = "Lists the scheduled jobs, and when each is due";
  info.answers = {{200, http::list_of<JobItem>()}};
  add_route(router, api, http::Method::kGet, "/api/v1/admin/jobs", info, list_jobs);

  info.path = {{"name", http::schema<std::string>(length(1, job::kNameSizeMax))}};
  info.problems = {{404, "job.not_found"}};
  info.name = "get_job";
  info.summary = "Shows a scheduled job with what became of its last runs";
  info.answers = {{200, http::schema<JobView>()}};
  add_route(router, api, http::Method::kGet, one, info, get_job);
  info.name = "list_job_runs";
  info.summary = "Lists what became of a job's runs and of those that were skipped, the newest first";
  info.query = http::page_parameters();
  info.answers = {{200, http::page_of<RecordView>()}};
  add_route(router, api, http::Method::kGet, runs, info, list_records);

  info.query = {};
  info.mutating = true;
  info.name = "run_job";
  info.summary = "Runs a job now, beside its schedule";
  info.body = http::schema<Nothing>();
  info.answers = {{202, http::schema<StartedView>(), "It runs; the job shows what becomes of it"}};
  info.problems = {{404, "job.not_found"}, {409, "job.running"}};
  add_route(router, api, http::Method::kPost, runs, info, run_job);
  info.name = "change_job";
  info.summary = "Changes, pauses or resumes a job, against what the configuration says";
  info.media_type = "application/merge-patch+json";
  info.body = http::schema<ChangeBody>();
  info.precondition = http::Precondition::kRequired;
  info.answers = {{200, http::schema<JobView>()}};
  info.problems = {{404, "job.not_found"}};
  add_route(router, api, http::Method::kPatch, one, info, change_job);
}

}  // namespace souk
