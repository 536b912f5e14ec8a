// Giving money back: never more than came, exactly what was promised, until it is answered.
#include <doctest/doctest.h>

#include <map>

#include "engine/payment/ledger.hpp"
#include "engine/testing/payment_sample.hpp"
#include "engine/testing/random_commands.hpp"

using namespace souk;
using namespace souk::payment;
using namespace souk::testing;
using provider::RefundOutcome;

namespace {

const auto kOther = id_of<RefundId>(4);

Refund refund(RefundId attempt, std::optional<std::int64_t> amount = std::nullopt) {
  std::optional<Money> money;
  if (amount) money = yuan(*amount);
  return {attempt, "wrong_amount", money, kAt};
}
Refunded refunded(RefundId attempt, std::int64_t amount) {
  return {attempt, yuan(amount), kAt, kOrder};
}

}  // namespace

TEST_CASE("what was captured can be refunded by a call to the provider") {
  const auto after = given<Payment>(started(), succeeded()).when(refund(kAttempt)).then(requested());
  CHECK(standing_of(after) == Standing::kRefunding);
  CHECK(after.refunded == 0);
  const Effects expected{{},
                         {SetTimer{"refund", kAt + kFirstRefundRepeat}},
                         {provider::Refund{kSelf, "sandbox", kAttempt, yuan(500), "wrong_amount"}}};
  CHECK((Payment::react(kSelf, requested()) == expected));
}

TEST_CASE("what was not captured cannot be refunded") {
  given<Payment>().when(refund(kAttempt)).then_nothing();
  given<Payment>(started()).when(refund(kAttempt)).then_nothing();
  given<Payment>(started(), Closed{kAt}).when(refund(kAttempt)).then_nothing();
}

TEST_CASE("an attempt is made once") {
  const auto past = given<Payment>(started(), succeeded(), requested(kAttempt, 100));
  past.when(refund(kAttempt)).then_nothing();
  past.when(refund(kAttempt, 300)).then_nothing();
}

TEST_CASE("refunds in parts claim at most what was captured") {
  const auto past = given<Payment>(started(), succeeded(), requested(kAttempt, 300));
  past.when(refund(kOther, 201)).then(RefundDeclined{kOther, kOrder, yuan(201)});
  past.when(refund(kOther, 0)).then(RefundDeclined{kOther, kOrder, yuan(0)});
  past.when(refund(kOther, 200)).then(requested(kOther, 200));
  past.when(refund(kOther)).then(requested(kOther, 200));
  // All is promised: there is nothing left for one that asks for the rest.
  given<Payment>(started(), succeeded(), requested()).when(refund(kOther)).then_nothing();
  Refund euros = refund(kOther, 100);
  euros.amount->currency = *Currency::parse("EUR");
  past.when(euros).then(RefundDeclined{kOther, kOrder, *euros.amount});
}

TEST_CASE("a refund that was made gives back its amount, once") {
  const auto past = given<Payment>(started(), succeeded(), requested(kAttempt, 300));
  const auto after = past.when(answered(RefundOutcome::kRefunded)).then(refunded(kAttempt, 300));
  CHECK(after.refunded == 300);
  CHECK(standing_of(after) == Standing::kPartiallyRefunded);
  const auto done = given<Payment>(started(), succeeded(), requested(kAttempt, 300), refunded(kAttempt, 300));
  done.when(answered(RefundOutcome::kRefunded)).then_nothing();
  done.when(answered(RefundOutcome::kRefused)).then_nothing();
  done.when(refund(kAttempt)).then_nothing();
}

TEST_CASE("an unknown outcome is asked for again, under the same attempt, ever more rarely") {
  const auto past = given<Payment>(started(), succeeded(), requested(kAttempt, 300), requested(kOther, 100));
  past.when(answered(RefundOutcome::kUnknown)).then_nothing();
  const Time due = kAt + kFirstRefundRepeat;
  const RefundsRepeated repeated{"sandbox",
                                 {{kAttempt, yuan(300), "wrong_amount"}, {kOther, yuan(100), "wrong_amount"}},
                                 1,
                                 due + Duration::seconds(60)};
  past.when(RepeatRefunds{due}).then(repeated);
  const Effects effects = Payment::react(kSelf, repeated);
  CHECK(effects.calls.size() == 2);
  CHECK((effects.timers == std::vector<TimerEffect>{SetTimer{"refund", repeated.next_at}}));
  given<Payment>(started(), succeeded(), requested(), repeated)
      .when(RepeatRefunds{repeated.next_at})
      .then(RefundsRepeated{
          "sandbox", {{kAttempt, yuan(500), "wrong_amount"}}, 2, repeated.next_at + Duration::seconds(120)});
  given<Payment>(started(), succeeded(), requested(), refunded(kAttempt, 500)).when(RepeatRefunds{due}).then_nothing();
}

TEST_CASE("a refused refund waits for an administrator, keeps its claim and is tried again under the same attempt") {
  const RefundFailed failed{kAttempt, kAt, "no"};
  given<Payment>(started(), succeeded(), requested()).when(answered(RefundOutcome::kRefused)).then(failed);
  const auto past = given<Payment>(started(), succeeded(), requested(), failed);
  CHECK(standing_of(past.state()) == Standing::kRefundFailed);
  past.when(answered(RefundOutcome::kRefused)).then_nothing();
  past.when(RepeatRefunds{kAt}).then_nothing();
  past.when(refund(kOther, 1)).then(RefundDeclined{kOther, kOrder, yuan(1)});
  past.when(RetryRefund{kAttempt, kAt}).then(requested());
  past.when(answered(RefundOutcome::kRefunded)).then(refunded(kAttempt, 500));
}

TEST_CASE("only a refused refund is tried again by hand") {
  const auto past = given<Payment>(started(), succeeded(), requested());
  past.when(RetryRefund{kAttempt, kAt}).then_nothing();
  past.when(RetryRefund{kOther, kAt}).then_rejected(ErrorCode::kNotFound, "payment.refund_not_found");
  given<Payment>(started(), succeeded(), requested(), refunded(kAttempt, 500))
      .when(RetryRefund{kAttempt, kAt})
      .then_rejected(ErrorCode::kConflict, "payment.refund_not_refused");
}

TEST_CASE("the answer to an attempt nobody made means nothing") {
  given<Payment>(started(), succeeded()).when(answered(RefundOutcome::kRefunded)).then_nothing();
  given<Payment>(started(), succeeded(), requested()).when(answered(RefundOutcome::kRefunded, kOther)).then_nothing();
}

TEST_CASE("B12: every event's entries sum to zero, and the accounts say what the payment says") {
  const std::uint64_t seed = seed_of_tests();
  INFO("SOUK_SEED=", seed);
  Random random(seed);
  for (int run = 0; run < 300; ++run) {
    Payment::State state;
    std::map<LedgerAccount, std::int64_t> balance;
    for (int i = 0; i < 100; ++i) {
      const auto decided = Payment::decide(state, random_command(random, state));
      if (!decided) continue;
      for (const auto& event : *decided) {
        std::int64_t sum = 0;
        for (const auto& entry : entries_of(state, event)) {
          sum += entry.amount;
          balance[entry.account] += entry.amount;
        }
        REQUIRE(sum == 0);
        state = Payment::evolve(std::move(state), event);
      }
      REQUIRE(balance[LedgerAccount::kProvider] == state.captured - state.refunded);
      REQUIRE(balance[LedgerAccount::kCustomer] == -state.refundable());
      REQUIRE(balance[LedgerAccount::kPromised] == state.refundable() + state.refunded - state.captured);
      REQUIRE(balance[LedgerAccount::kPromised] <= 0);
    }
  }
}
