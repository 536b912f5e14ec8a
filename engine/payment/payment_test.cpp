#include "engine/payment/payment.hpp"

#include <doctest/doctest.h>

#include "engine/testing/payment_sample.hpp"

using namespace souk;
using namespace souk::payment;
using namespace souk::testing;

TEST_CASE("a payment starts: its order hears of it, its provider creates it, and it asks for itself") {
  const auto after = given<Payment>().when(start()).then(started());
  CHECK(after.status == Status::kStarted);
  CHECK(after.captured == 0);
  const Effects effects = Payment::react(kSelf, started());
  CHECK((effects.tells == std::vector{tell<Order>(kOrder, order::RecordPaymentStarted{kSelf, kAt})}));
  CHECK((effects.calls == std::vector<Call>{provider::Create{kSelf, "sandbox", provider::Presentation::kPage, kOrder,
                                                             yuan(500), kExpires}}));
  CHECK((effects.timers == std::vector<TimerEffect>{SetTimer{"poll", kAt + Duration::seconds(15)}}));
}

TEST_CASE("a payment starts once") {
  given<Payment>(started()).when(start()).then_rejected(ErrorCode::kConflict, "payment.exists");
}

TEST_CASE("a payment has a provider with a plain name") {
  for (const std::string& bad : {std::string(), std::string(33, 'a'), std::string("A"), std::string("a b")}) {
    Start command = start();
    command.provider = bad;
    given<Payment>().when(command).then_rejected(ErrorCode::kInvalid, "payment.provider_invalid");
  }
}

TEST_CASE("a payment has an amount within 0 to 2^53-1") {
  for (const std::int64_t bad : {std::int64_t{-1}, kIntegerMax + 1}) {
    Start command = start();
    command.amount.amount = bad;
    given<Payment>().when(command).then_rejected(ErrorCode::kInvalid, "payment.amount_invalid");
  }
}

TEST_CASE("B10: where to pay is kept for the customer") {
  const auto after = given<Payment>(started())
                         .when(RecordCreated{{true, "https://pay.example", "qr", ""}, kAt})
                         .then(Created{"https://pay.example", "qr", kAt});
  CHECK(after.pay_url == "https://pay.example");
  CHECK(after.qr_text == "qr");
}

TEST_CASE("a payment is created once, and not after its end") {
  const RecordCreated again{{true, "other", "", ""}, kAt};
  given<Payment>(started(), created()).when(again).then_nothing();
  given<Payment>(started(), Closed{kAt}).when(again).then_nothing();
  given<Payment>().when(again).then_nothing();
}

TEST_CASE("a provider that cannot create a payment says why, once") {
  const RecordCreated refused{{false, "", "", "timeout"}, kAt};
  const auto after = given<Payment>(started()).when(refused).then(CreationFailed{"timeout", kAt});
  CHECK(after.status == Status::kStarted);
  given<Payment>(started(), CreationFailed{"timeout", kAt}).when(refused).then_nothing();
  given<Payment>(started())
      .when(RecordCreated{{false, "", "", "line\nend"}, kAt})
      .then(CreationFailed{"no reason was given", kAt});
  given<Payment>(started())
      .when(RecordCreated{{true, std::string(5'000, 'x'), "", ""}, kAt})
      .then(CreationFailed{"the provider's answer cannot be used", kAt});
}

TEST_CASE("a payment that could not be created is created again by itself") {
  const Time due = kAt + Duration::seconds(15);
  const CreationRepeated repeated{kOrder,   "sandbox", provider::Presentation::kPage, yuan(500),
                                  kExpires, 1,         due + Duration::seconds(30)};
  given<Payment>(started(), CreationFailed{"timeout", kAt}).when(Poll{due}).then(repeated);
  const Effects effects = Payment::react(kSelf, repeated);
  CHECK(effects.calls.size() == 1);
  CHECK((effects.timers == std::vector<TimerEffect>{SetTimer{"poll", repeated.next_at}}));
}

TEST_CASE("B09: an open payment asks its provider ever more rarely, and never stops before it is closed") {
  std::vector<Payment::Event> past{started(), created()};
  Time due = kAt + kFirstPoll;
  std::vector<std::int64_t> waits;
  for (int i = 0; i < 20; ++i) {
    const auto events = Payment::decide(fold<Payment>(past), Payment::on_timer("poll", due, due).value()).value();
    REQUIRE(events.size() == 1);
    past.push_back(events.front());
    const Effects effects = Payment::react(kSelf, events.front());
    REQUIRE(effects.calls.size() == 1);
    CHECK((std::holds_alternative<provider::Close>(effects.calls[0]) == (due >= kExpires)));
    REQUIRE(effects.timers.size() == 1);
    const Time next = std::get<SetTimer>(effects.timers[0]).due;
    waits.push_back((next - due).us / 1'000'000);
    due = next;
  }
  // Seconds; the sixth is cut short by the payment's end.
  const std::vector<std::int64_t> first(waits.begin(), waits.begin() + 6);
  CHECK((first == std::vector<std::int64_t>{30, 60, 120, 240, 135, 960}));
  CHECK(waits.back() == kRepeatMax.us / 1'000'000);
}

TEST_CASE("a payment whose shop was down for days asks once, and then as rarely as before") {
  const Time due = kAt + kFirstPoll;
  const Time now = due + Duration::minutes(3 * 24 * 60);
  const auto poll = Payment::on_timer("poll", due, now).value();
  CHECK((poll == Payment::Command{Poll{now}}));
  given<Payment>(started(), created())
      .when(std::get<Poll>(poll))
      .then(CloseRequested{"sandbox", "expired", 1, now + Duration::seconds(30)});
  CHECK((Payment::on_timer("refund", due, now) == Payment::Command{RepeatRefunds{now}}));
  // A clock that was set back does not undo a timer.
  CHECK((Payment::on_timer("poll", due, kAt) == Payment::Command{Poll{due}}));
  CHECK((Payment::on_timer("refund", due, kAt) == Payment::Command{RepeatRefunds{due}}));
}

TEST_CASE("a payment that is not open asks nobody") {
  const Poll poll{kExpires};
  given<Payment>(started()).when(Poll{kAt + kFirstPoll + Duration{-1}}).then_nothing();
  given<Payment>().when(poll).then_nothing();
  given<Payment>(started(), succeeded()).when(poll).then_nothing();
  given<Payment>(started(), Closed{kAt}).when(poll).then_nothing();
  for (const Payment::Event& end :
       {Payment::Event{succeeded()}, Payment::Event{Closed{kAt}}, Payment::Event{Failed{kOrder, "", kAt}}}) {
    CHECK((Payment::react(kSelf, end).timers == std::vector<TimerEffect>{ClearTimer{"poll"}}));
  }
}

TEST_CASE("a payment its order does not want any more is closed at the provider, and that is tried until it is") {
  const CloseRequested closing{"sandbox", "order_cancelled", 0, kAt + kFirstPoll};
  given<Payment>(started(), created()).when(Close{"order_cancelled", kAt}).then(closing);
  CHECK((Payment::react(kSelf, closing).calls == std::vector<Call>{provider::Close{kSelf, "sandbox"}}));
  const auto past = given<Payment>(started(), created(), closing);
  past.when(Close{"superseded", kAt}).then_nothing();
  const Time due = closing.next_at;
  past.when(Poll{due}).then(CloseRequested{"sandbox", "again", 1, due + Duration::seconds(30)});
}

TEST_CASE("only an open payment can be closed") {
  given<Payment>().when(Close{"x", kAt}).then_nothing();
  given<Payment>(started(), succeeded()).when(Close{"x", kAt}).then_nothing();
  given<Payment>(started(), Closed{kAt}).when(Close{"x", kAt}).then_nothing();
}

TEST_CASE("the first refund of a payment always has the same id, and not the payment's") {
  CHECK(payment::first_refund_of(PaymentId{{0, 1}}).str() == "3jcnk7avk45mrg000000000001");
  CHECK(payment::first_refund_of(kSelf).value != kSelf.value);
}
