#include "gateway/payments/reconciler.hpp"

#include <algorithm>
#include <memory>

#include "gateway/payments/services.hpp"
#include "projections/follower.hpp"

namespace souk {
namespace {

using reconciliation::BillLine;
using reconciliation::Difference;

/// The shop hears of money a little later than the provider takes it, and its clock may be ahead: what it booked in
/// the last minutes of a day is looked for with the next one.
constexpr Duration kMargin = Duration::minutes(5);
/// A shop that was down hears of money days after the provider took it: then it is in the bill of an earlier day.
constexpr int kEarlierDaysMax = 7;

/// One run on its way.
struct Run {
  Api& api;
  Provider& provider;
  std::string name;
  Day day;
  CommandMeta meta;
  ReconciliationThen done;
  std::vector<BillLine> bill;
  bool has_bill = true;
  std::vector<BillLine> earlier;  ///< the bills of the days before, as far as they were needed
  Day earliest;                   ///< of them, or the day itself
  int earlier_days = 0;
};
using RunPtr = std::shared_ptr<Run>;

using LinesThen = std::function<void(Result<std::vector<BillLine>>)>;

Time earlier(Time time) {
  return Time{time.us - kMargin.us};
}

void record(const RunPtr& run, Reconciliation::Command command, const CommandMeta& meta, std::optional<Error> problem) {
  const auto id = reconciliation_id(run->api, run->name, run->day.text);
  run->api.host.ask<Reconciliation>(id, std::move(command), meta, {},
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

/// Without the request's key: the same request again shall compare, and not be told that it has done so.
void fail_run(const RunPtr& run, const Error& error) {
  CommandMeta meta = run->meta;
  meta.has_key = false;
  meta.command_id = CommandId{random_id()};
  meta.fingerprint = {};
  const auto text = error.reason + (error.detail.empty() ? "" : ": ") + error.detail;
  record(run, reconciliation::RecordFailure{run->name, run->day.text, text, run->api.clock.now()}, meta, error);
}

/// Fetches a bill and reads it on the thread for jobs, where `then` is called as well.
void read_bill(const RunPtr& run, const Day& day, LinesThen then) {
  run->provider.bill(day, [run, then = std::move(then)](Result<Provider::ReadBill> fetched) {
    run->api.jobs.submit([then, fetched = std::move(fetched)] {
      then(fetched ? (*fetched)() : Result<std::vector<BillLine>>(tl::unexpected<Error>(fetched.error())));
    });
  });
}

bool is_missing_there(const Difference& difference) {
  using reconciliation::Kind;
  return difference.kind == Kind::kMissingThere || difference.kind == Kind::kRefundMissingThere;
}

void fetch_earlier(const RunPtr& run);

void compare(const RunPtr& run) {
  auto& payments = run->api.projections.payments_for_jobs();
  auto own = payments.bookings(run->name, earlier(run->day.begins), earlier(run->day.ends), run->bill);
  if (!own) {
    fail_run(run, own.error());
    return;
  }
  auto differences = reconciliation::compare(run->bill, run->earlier, *own);
  if (std::ranges::any_of(differences, is_missing_there)) {
    if (run->earlier_days < kEarlierDaysMax) {
      fetch_earlier(run);
      return;
    }
    if (!run->has_bill) {
      fail_run(run, {ErrorCode::kUnavailable, "bill.none", "the provider has no bill, but the shop has payments"});
      return;
    }
  }
  record(run,
         reconciliation::RecordComparison{run->name, run->day.text, std::move(differences),
                                          static_cast<std::int64_t>(run->bill.size()),
                                          static_cast<std::int64_t>(own->size()), run->api.clock.now()},
         run->meta, std::nullopt);
}

void fetch_earlier(const RunPtr& run) {
  ++run->earlier_days;
  run->earliest = run->earliest.previous();
  read_bill(run, run->earliest, [run](Result<std::vector<BillLine>> bill) {
    const auto is_none = [&] { return bill.error().reason == "bill.none" || bill.error().reason == "bill.not_ready"; };
    if (!bill && !is_none()) {
      fail_run(run, bill.error());
      return;
    }
    if (bill) run->earlier.insert(run->earlier.end(), bill->begin(), bill->end());
    compare(run);
  });
}

/// With everything in the tables that happened before.
void compare_when_caught_up(const RunPtr& run) {
  const auto head = run->api.log.head(Visibility::kDurable);
  run->api.projections.payments_follower().when_caught_up(head, [run](bool caught_up) {
    if (!caught_up) {
      fail_run(run, {ErrorCode::kUnavailable, "read.not_caught_up", "the shop is about to end"});
      return;
    }
    run->api.jobs.submit([run] { compare(run); });
  });
}

void fetch(const RunPtr& run) {
  read_bill(run, run->day, [run](Result<std::vector<BillLine>> bill) {
    run->has_bill = bill.has_value();
    if (!bill && bill.error().reason != "bill.none") {
      fail_run(run, bill.error());
      return;
    }
    if (bill) run->bill = std::move(*bill);
    compare_when_caught_up(run);
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
  fetch(std::make_shared<Run>(Run{api, *found, provider, *parsed, meta, std::move(done), {}, true, {}, *parsed, 0}));
}

}  // namespace souk
