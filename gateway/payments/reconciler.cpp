#include "gateway/payments/reconciler.hpp"

#include <memory>

#include "gateway/payments/services.hpp"

namespace souk {
namespace {

using reconciliation::BillLine;

/// The shop hears of money a little later than the provider takes it, and its clock may be ahead: what it booked in
/// the last minutes of a day is looked for with the next one, whose bill is read together with the one before.
constexpr Duration kMargin = Duration::minutes(5);

/// One run on its way.
struct Run {
  Api& api;
  Provider& provider;
  std::string name;
  Day day;
  CommandMeta meta;
  ReconciliationThen done;
  std::vector<BillLine> bill;
  std::vector<BillLine> previous;
  bool has_bill = true;
};
using RunPtr = std::shared_ptr<Run>;

Time earlier(Time time) {
  return Time{time.us - kMargin.us};
}

void record(const RunPtr& run, Reconciliation::Command command, std::optional<Error> problem) {
  const auto id = reconciliation_id(run->api, run->name, run->day.text);
  run->api.host.ask<Reconciliation>(id, std::move(command), run->meta, {},
                                    [run, id, problem](const Judged<Reconciliation>& judged) {
                                      if (judged.refusal != nullptr) {
                                        run->done(tl::unexpected<Error>(*judged.refusal), judged.position);
                                      } else if (problem) {
                                        run->done(tl::unexpected<Error>(*problem), judged.position);
                                      } else {
                                        run->done(id, judged.position);
                                      }
                                    });
}

void fail_run(const RunPtr& run, const Error& error) {
  const auto text = error.reason + (error.detail.empty() ? "" : ": ") + error.detail;
  record(run, reconciliation::RecordFailure{run->name, run->day.text, text, run->api.clock.now()}, error);
}

void compare(const RunPtr& run) {
  auto& payments = run->api.projections.payments();
  auto own = payments.bookings(run->name, earlier(run->day.begins), earlier(run->day.ends), run->bill);
  if (!own) {
    fail_run(run, own.error());
    return;
  }
  if (!run->has_bill && !own->empty()) {
    fail_run(run, {ErrorCode::kUnavailable, "bill.none", "the provider has no bill, but the shop has payments"});
    return;
  }
  record(run,
         reconciliation::RecordComparison{
             run->name, run->day.text, reconciliation::compare(run->bill, run->previous, *own),
             static_cast<std::int64_t>(run->bill.size()), static_cast<std::int64_t>(own->size()), run->api.clock.now()},
         std::nullopt);
}

/// With everything in the tables that happened before.
void compare_when_caught_up(const RunPtr& run) {
  const auto head = run->api.log.head(Visibility::kDurable);
  run->api.projections.payments_follower().when_caught_up(head, [run](bool caught_up) {
    if (!caught_up) {
      fail_run(run, {ErrorCode::kUnavailable, "read.not_caught_up", "the shop is about to end"});
      return;
    }
    run->api.queries.submit([run] { compare(run); });
  });
}

void fetch_previous(const RunPtr& run) {
  run->provider.bill(run->day.previous(), [run](Result<std::vector<BillLine>> bill) {
    const auto is_none = [&] { return bill.error().reason == "bill.none" || bill.error().reason == "bill.not_ready"; };
    if (!bill && !is_none()) {
      fail_run(run, bill.error());
      return;
    }
    if (bill) run->previous = std::move(*bill);
    compare_when_caught_up(run);
  });
}

void fetch(const RunPtr& run) {
  run->provider.bill(run->day, [run](Result<std::vector<BillLine>> bill) {
    run->has_bill = bill.has_value();
    if (!bill && bill.error().reason != "bill.none") {
      fail_run(run, bill.error());
      return;
    }
    if (bill) run->bill = std::move(*bill);
    fetch_previous(run);
  });
}

}  // namespace

ReconciliationId reconciliation_id(const Api& api, std::string_view provider, std::string_view day) {
  return ReconciliationId{api.command_ids.id({"reconciliation", provider, day})};
}

void run_reconciliation(Api& api, const std::string& provider, const std::string& day, const CommandMeta& meta,
                        ReconciliationThen done) {
  Provider* found = api.payments.find(provider);
  if (found == nullptr) {
    done(fail(ErrorCode::kInvalid, "payment.provider_unknown", "provider: payments are not taken through it"), {});
    return;
  }
  const auto parsed = Day::parse(day, found->calendar_offset());
  if (!parsed || parsed->begins > api.clock.now()) {
    done(fail(ErrorCode::kInvalid, "reconciliation.day_invalid", "date: a day that has begun, such as 2026-11-23"), {});
    return;
  }
  fetch(std::make_shared<Run>(Run{api, *found, provider, *parsed, meta, std::move(done), {}, {}, true}));
}

}  // namespace souk
