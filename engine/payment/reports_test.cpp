// What a provider says: recorded first, judged after.
#include <doctest/doctest.h>

#include "engine/testing/payment_sample.hpp"

using namespace souk;
using namespace souk::payment;
using namespace souk::testing;
using provider::Outcome;
using provider::Source;

namespace {

RecordReport said(provider::Report report) {
  return {std::move(report), kAt};
}

}  // namespace

TEST_CASE("a payment that is paid has captured its amount and tells the order") {
  const auto after =
      given<Payment>(started()).when(said(paid_report())).then(Reported{paid_report(), kAt}, succeeded());
  CHECK(after.captured == 500);
  CHECK(after.provider_reference == "ref-1");
  const Effects expected{{tell<Order>(kOrder, order::RecordPayment{kSelf, yuan(500), kAt})}, {ClearTimer{"poll"}}, {}};
  CHECK((Payment::react(kSelf, succeeded()) == expected));
  CHECK(Payment::react(kSelf, Reported{paid_report(), kAt}).empty());
}

TEST_CASE("B11: a report that comes again changes nothing, however often") {
  given<Payment>(started(), Reported{paid_report(), kAt}, succeeded()).when(said(paid_report())).then_nothing();
  const Reported pending{report_of(Outcome::kPending), kAt};
  given<Payment>(started(), pending).when(said(pending.report)).then_nothing();
  const Reported closed{report_of(Outcome::kClosed), kAt};
  given<Payment>(started(), closed, Closed{kAt}).when(said(closed.report)).then_nothing();
}

TEST_CASE("B01: a payment that waits for its buyer is not paid") {
  const Reported pending{report_of(Outcome::kPending), kAt};
  const auto after = given<Payment>(started()).when(said(pending.report)).then(pending);
  CHECK(after.status == Status::kStarted);
  CHECK(after.captured == 0);
}

TEST_CASE("B05, B06: money that arrives after the payment was closed has arrived") {
  given<Payment>(started(), Closed{kAt}).when(said(paid_report())).then(Reported{paid_report(), kAt}, succeeded());
  given<Payment>(started(), Failed{kOrder, "", kAt})
      .when(said(paid_report()))
      .then(Reported{paid_report(), kAt}, succeeded());
  // The answer to a close may be that it was paid already.
  const auto at_close = report_of(Outcome::kPaid, Source::kClose);
  given<Payment>(started(), CloseRequested{"sandbox", "order_cancelled", 0, kAt})
      .when(said(at_close))
      .then(Reported{at_close, kAt}, succeeded());
}

TEST_CASE("a payment that the provider closed is closed") {
  const auto closed = report_of(Outcome::kClosed, Source::kClose);
  given<Payment>(started()).when(said(closed)).then(Reported{closed, kAt}, Closed{kAt});
  // Said of a paid one it is written down, once, and means nothing.
  given<Payment>(started(), succeeded()).when(said(closed)).then(Reported{closed, kAt});
  given<Payment>(started(), succeeded(), Reported{closed, kAt}).when(said(closed)).then_nothing();
  given<Payment>(started(), succeeded()).when(said(report_of(Outcome::kPending))).then_nothing();
}

TEST_CASE("B07: what does not fit the payment is recorded, refused and never counts") {
  auto other_amount = paid_report();
  other_amount.amount.amount = 499;
  auto other_currency = paid_report();
  other_currency.amount.currency = *Currency::parse("EUR");
  auto objected = paid_report();
  objected.objections = {"app_id", "seller"};
  auto closed = report_of(Outcome::kClosed);
  closed.objections = {"order"};
  const std::pair<provider::Report, std::string> cases[] = {{other_amount, "wrong_amount"},
                                                            {other_currency, "wrong_currency"},
                                                            {objected, "app_id,seller"},
                                                            {closed, "order"}};
  for (const auto& [report, reason] : cases) {
    const auto after =
        given<Payment>(started()).when(said(report)).then(Reported{report, kAt}, ReportRefused{reason, kAt});
    CHECK(after.status == Status::kStarted);
    CHECK(after.captured == 0);
    CHECK(after.refused_reports.size() == 1);
    given<Payment>(started(), Reported{report, kAt}, ReportRefused{reason, kAt}).when(said(report)).then_nothing();
  }
}

TEST_CASE("money of a wrong amount is taken as captured when an administrator says so, and goes back by its order") {
  auto other_amount = paid_report();
  other_amount.amount.amount = 499;
  const auto past = given<Payment>(started(), Reported{other_amount, kAt}, ReportRefused{"wrong_amount", kAt});
  CHECK((past.state().wrong_amount == yuan(499)));
  const Succeeded taken{kOrder, "ref-1", yuan(499), kAt};
  const auto after = past.when(TakeWrongAmount{kAt}).then(taken);
  CHECK(after.captured == 499);
  CHECK(after.refundable() == 499);
  CHECK(Payment::react(kSelf, taken).tells ==
        std::vector{tell<Order>(kOrder, order::RecordPayment{kSelf, yuan(499), kAt})});
  Given<Payment>(after).when(TakeWrongAmount{kAt}).then_nothing();
  Given<Payment>(after).when(said(other_amount)).then_nothing();
}

TEST_CASE("what was not captured with a wrong amount cannot be taken so") {
  auto other_currency = paid_report();
  other_currency.amount.currency = *Currency::parse("EUR");
  given<Payment>().when(TakeWrongAmount{kAt}).then_rejected(ErrorCode::kNotFound, "payment.not_found");
  for (const auto& past :
       {given<Payment>(started()), given<Payment>(started(), succeeded()),
        given<Payment>(started(), Reported{other_currency, kAt}, ReportRefused{"wrong_currency", kAt})}) {
    past.when(TakeWrongAmount{kAt}).then_rejected(ErrorCode::kConflict, "payment.no_wrong_amount");
  }
  // It was right after all.
  auto other_amount = paid_report();
  other_amount.amount.amount = 499;
  given<Payment>(started(), Reported{other_amount, kAt}, ReportRefused{"wrong_amount", kAt}, succeeded())
      .when(TakeWrongAmount{kAt})
      .then_rejected(ErrorCode::kConflict, "payment.no_wrong_amount");
}

TEST_CASE("refused reports do not fill the log") {
  std::vector<Payment::Event> past{started()};
  for (int i = 0; i < 100; ++i) {
    auto report = paid_report();
    report.objections = {"o" + std::to_string(i)};
    const auto events = Payment::decide(fold<Payment>(past), said(report)).value();
    past.insert(past.end(), events.begin(), events.end());
  }
  CHECK(past.size() == 1 + 2 * kRefusedReportsMax);
}

TEST_CASE("a provider that has no answer changes nothing") {
  auto silent = report_of(Outcome::kUnknown, Source::kClose);
  silent.problem = "timeout";
  given<Payment>(started()).when(said(silent)).then_nothing();
  given<Payment>(started()).when(RecordReport{silent, kExpires + kUnknownIsClosedAfter}).then_nothing();
}

TEST_CASE("a payment the provider has never heard of is over some time after its end, and not before") {
  const auto unheard = report_of(Outcome::kUnknown, Source::kClose);
  const Time late = kExpires + kUnknownIsClosedAfter;
  given<Payment>(started(), created()).when(RecordReport{unheard, kExpires}).then_nothing();
  given<Payment>(started(), created())
      .when(RecordReport{report_of(Outcome::kUnknown, Source::kPoll), late})
      .then_nothing();
  given<Payment>(started(), created()).when(RecordReport{unheard, late}).then(Reported{unheard, late}, Closed{late});
  given<Payment>(started()).when(RecordReport{unheard, late}).then(Reported{unheard, late}, Failed{kOrder, "", late});
}

TEST_CASE("an unknown payment has no reports") {
  given<Payment>().when(said(paid_report())).then_rejected(ErrorCode::kNotFound, "payment.not_found");
}

TEST_CASE("text of the provider's that cannot be stored is left out, not refused") {
  auto odd = paid_report();
  odd.reference = "a\nb";
  auto stored = odd;
  stored.reference = "";
  Succeeded paid = succeeded();
  paid.provider_reference = "";
  given<Payment>(started()).when(said(odd)).then(Reported{stored, kAt}, paid);
}
