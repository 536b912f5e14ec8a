#include <charconv>

#include "gateway/payments/reconciler.hpp"
#include "gateway/routes/routes.hpp"
#include "gateway/views.hpp"

namespace souk {
namespace {

constexpr Duration kAnswerMax = Duration::seconds(20);

enum class DifferenceState : std::uint8_t { kOpen, kGone, kSettled };

}  // namespace
}  // namespace souk

template <>
struct souk::EnumNames<souk::DifferenceState> {
  static constexpr std::array<std::string_view, 3> values{"open", "gone", "settled"};
};

namespace souk {
namespace {

struct RunBody {
  std::string provider;
  std::string date;
  static constexpr auto fields() {
    return field_list(field("provider", &RunBody::provider), field("date", &RunBody::date));
  }
  static constexpr auto limits() {
    return limit_list(limit("provider", length(1, payment::kProviderSizeMax)),
                      limit("date", matching("^\\d{4}-\\d\\d-\\d\\d$"), says("In the provider's own calendar")));
  }
  static constexpr std::string_view kExample = R"({"provider":"sandbox","date":"2026-11-23"})";
};

struct SettleBody {
  std::string note;
  static constexpr auto fields() { return field_list(field("note", &SettleBody::note)); }
  static constexpr auto limits() { return limit_list(limit("note", length(1, reconciliation::kNoteSizeMax))); }
  static constexpr std::string_view kExample = R"({"note":"paid back by hand"})";
};

struct DifferenceView {
  std::int64_t number = 0;
  reconciliation::Kind kind = reconciliation::Kind::kMissingHere;
  DifferenceState state = DifferenceState::kOpen;
  std::string payment_id;
  std::optional<std::string> refund_id;
  std::string reference;
  std::optional<Money> ours;
  std::optional<Money> theirs;
  Time found_at;
  std::optional<reconciliation::Settlement> settlement;
  static constexpr auto fields() {
    using V = DifferenceView;
    return field_list(field("number", &V::number), field("kind", &V::kind), field("state", &V::state),
                      field("payment_id", &V::payment_id), field("refund_id", &V::refund_id),
                      field("reference", &V::reference), field("ours", &V::ours), field("theirs", &V::theirs),
                      field("found_at", &V::found_at), field("settlement", &V::settlement));
  }
};

struct ReconciliationView {
  ReconciliationId id;
  std::string provider;
  std::string date;
  std::int64_t comparisons = 0;
  std::optional<Time> compared_at;
  std::int64_t bill_lines = 0;
  std::int64_t own_bookings = 0;
  std::int64_t omitted = 0;
  std::optional<std::string> problem;
  std::vector<DifferenceView> differences;
  static constexpr auto fields() {
    using V = ReconciliationView;
    return field_list(field("id", &V::id), field("provider", &V::provider), field("date", &V::date),
                      field("comparisons", &V::comparisons), field("compared_at", &V::compared_at),
                      field("bill_lines", &V::bill_lines), field("own_bookings", &V::own_bookings),
                      field("omitted", &V::omitted), field("problem", &V::problem),
                      field("differences", &V::differences));
  }
  static constexpr std::string_view kExample =
      R"({"id":"3rdxj6pfdwqhqx5jvkd3b7jxe3","provider":"sandbox","date":"2026-11-23","comparisons":1,)"
      R"("compared_at":"2026-11-23T18:30:00.000000Z","bill_lines":120,"own_bookings":119,"omitted":0,)"
      R"("differences":[{"number":1,"kind":"missing_here","state":"open",)"
      R"("payment_id":"7nz3gpwn6bew0eysnvm6nr9sqf","reference":"sandbox-7nz3gpwn6bew0eysnvm6nr9sqf",)"
      R"("theirs":{"amount":33600,"currency":"CNY"},"found_at":"2026-11-23T18:30:00.000000Z"}]})";
};

struct ReconciliationItem {
  ReconciliationId id;
  std::string provider;
  std::string date;
  std::int64_t comparisons = 0;
  std::optional<Time> compared_at;
  std::int64_t differences = 0;
  std::int64_t open = 0;
  std::optional<std::string> problem;
  static constexpr auto fields() {
    using V = ReconciliationItem;
    return field_list(field("id", &V::id), field("provider", &V::provider), field("date", &V::date),
                      field("comparisons", &V::comparisons), field("compared_at", &V::compared_at),
                      field("differences", &V::differences), field("open", &V::open), field("problem", &V::problem));
  }
  static constexpr std::string_view kExample =
      R"({"id":"3rdxj6pfdwqhqx5jvkd3b7jxe3","provider":"sandbox","date":"2026-11-23","comparisons":1,)"
      R"("compared_at":"2026-11-23T18:30:00.000000Z","differences":1,"open":1})";
};

Error not_found() {
  return {ErrorCode::kNotFound, "reconciliation.not_found", "there is no such reconciliation"};
}

ReconciliationView view_of(ReconciliationId id, const reconciliation::State& state) {
  ReconciliationView view{id,
                          state.provider,
                          state.day,
                          state.comparisons,
                          state.compared_at,
                          state.bill_lines,
                          state.own_bookings,
                          state.omitted,
                          state.problem,
                          {}};
  for (const auto& finding : state.findings) {
    const auto& found = finding.difference;
    auto status = finding.gone ? DifferenceState::kGone : DifferenceState::kOpen;
    if (finding.settlement) status = DifferenceState::kSettled;
    DifferenceView difference{static_cast<std::int64_t>(view.differences.size()) + 1,
                              found.kind,
                              status,
                              found.payment_id,
                              std::nullopt,
                              found.reference,
                              found.ours,
                              found.theirs,
                              finding.found_at,
                              finding.settlement};
    if (!found.refund_id.empty()) difference.refund_id = found.refund_id;
    view.differences.push_back(std::move(difference));
  }
  return view;
}

void answer(const ApiCallPtr& call, ReconciliationId id, const Judged<Reconciliation>& judged) {
  if (judged.refusal != nullptr) {
    call->refuse(judged.position, *judged.refusal);
  } else if (judged.state.day.empty()) {
    call->refuse(judged.position, not_found());
  } else {
    call->answer_entity(judged.position, judged.version, encode(view_of(id, judged.state)));
  }
}

void get_reconciliation(const ApiCallPtr& call) {
  const auto id = call->id<ReconciliationTag>("id", "reconciliation.not_found");
  if (!id) {
    call->refuse(id.error());
    return;
  }
  call->api.host.read<Reconciliation>(
      *id, {}, [call, id = *id](const Judged<Reconciliation>& judged) { answer(call, id, judged); });
}

void run(const ApiCallPtr& call) {
  const auto body = call->body<RunBody>();
  const auto repeats = call->repeats();
  if (!body || !repeats) {
    call->refuse(body ? repeats.error() : body.error());
    return;
  }
  if (*repeats) {
    const auto id = reconciliation_id(call->api, body->provider, body->date);
    call->api.host.read<Reconciliation>(id, {},
                                        [call, id](const Judged<Reconciliation>& judged) { answer(call, id, judged); });
    return;
  }
  call->at_deadline(kAnswerMax, [call] {
    call->refuse(Error{ErrorCode::kUnavailable, "reconciliation.not_yet", "it goes on; ask for the list later"});
  });
  run_reconciliation(
      call->api, body->provider, body->date, call->meta(), [call](Result<ReconciliationId> done, Position position) {
        if (!done) {
          call->refuse(position, done.error());
          return;
        }
        call->api.host.read<Reconciliation>(
            *done, {}, [call, id = *done](const Judged<Reconciliation>& judged) { answer(call, id, judged); });
      });
}

void settle(const ApiCallPtr& call) {
  const auto id = call->id<ReconciliationTag>("id", "reconciliation.not_found");
  const auto text = call->request().path_parameter("number");
  std::int64_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_number = failure == std::errc{} && end == text.data() + text.size();
  if (!id || !is_number) {
    call->refuse(id ? Error{ErrorCode::kNotFound, "reconciliation.difference_not_found", "there is none"} : id.error());
    return;
  }
  const auto body = call->body<SettleBody>();
  if (!body) {
    call->refuse(body.error());
    return;
  }
  const reconciliation::Settle command{number, body->note, call->account(), call->now()};
  call->api.host.ask<Reconciliation>(
      *id, command, call->meta(), call->options<Reconciliation>(),
      [call, id = *id](const Judged<Reconciliation>& judged) { answer(call, id, judged); });
}

void list(const ApiCallPtr& call) {
  const auto asked = call->request().query("provider");
  if (!asked) {
    call->refuse(asked.error());
    return;
  }
  std::optional<std::string> provider;
  if (*asked) provider = std::string(**asked);
  const std::string scope = encode(std::vector<std::string>{"reconciliations", provider.value_or("")});
  const auto page = read_page_request(*call, scope);
  if (!page) {
    call->refuse(page.error());
    return;
  }
  call->when_caught_up(call->api.projections.payments_follower(), [call, provider, scope, page = *page] {
    call->api.queries.submit([call, provider, scope, page] {
      const auto found = call->api.projections.payments().reconciliations(page.limit, page.after, provider);
      if (!found) {
        call->refuse(found.error());
        return;
      }
      std::vector<std::string> items;
      for (const auto& one : found->items) {
        items.push_back(encode(ReconciliationItem{one.id, one.provider, one.day, one.comparisons, one.compared_at,
                                                  one.differences, one.open, one.problem}));
      }
      call->answer(found->position, http::json_response(200, render_page(*call, scope, items, found->next)));
    });
  });
}

}  // namespace

void add_reconciliation_routes(http::Router& router, Api& api) {
  const std::string_view all = "/api/v1/admin/reconciliations";
  http::RouteInfo read;
  read.role = kAdministrator;
  read.name = "list_reconciliations";
  read.summary = "Lists what was compared with providers' bills, the newest first";
  read.query = http::page_parameters(
      {http::query<std::string>("provider", "Only this provider's", length(1, payment::kProviderSizeMax))});
  read.answers = {{200, http::page_of<ReconciliationItem>()}};
  add_route(router, api, http::Method::kGet, all, read, list);
  read.name = "get_reconciliation";
  read.summary = "Shows one comparison with every difference";
  read.query = {};
  read.answers = {{200, http::schema<ReconciliationView>()}};
  read.problems = {{404, "reconciliation.not_found"}};
  add_route(router, api, http::Method::kGet, "/api/v1/admin/reconciliations/{id}", read, get_reconciliation);

  http::RouteInfo write;
  write.role = kAdministrator;
  write.mutating = true;
  write.media_type = "application/json";
  write.name = "run_reconciliation";
  write.summary = "Compares a provider's bill of one day with the shop's payments";
  write.body = http::schema<RunBody>();
  write.answers = {{200, http::schema<ReconciliationView>()}};
  write.problems = {
      {503, "bill.not_ready"}, {503, "bill.none"}, {503, "bill.unreadable"}, {503, "reconciliation.not_yet"}};
  add_route(router, api, http::Method::kPost, all, write, run);
  write.name = "settle_difference";
  write.summary = "Says what a difference was, so that it is open no longer";
  write.body = http::schema<SettleBody>();
  write.path = {{"number", http::schema<std::int64_t>(at_least(1))}};
  write.problems = {
      {404, "reconciliation.not_found"}, {404, "reconciliation.difference_not_found"}, {409, "reconciliation.settled"}};
  add_route(router, api, http::Method::kPost, "/api/v1/admin/reconciliations/{id}/differences/{number}/settle", write,
            settle);
}

}  // namespace souk
