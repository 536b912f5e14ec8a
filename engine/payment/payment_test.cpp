#include "engine/payment/payment.hpp"

#include <doctest/doctest.h>

#include "engine/entities.hpp"
#include "engine/testing/given.hpp"

using namespace souk;
using namespace souk::payment;
using namespace souk::testing;

namespace {

const auto kSelf = id_of<PaymentId>(77);
const auto kOrder = id_of<OrderId>(1);
const auto kAccount = id_of<AccountId>(2);
const auto kAttempt = id_of<RefundId>(3);
const Time kAt{9};

Start start() {
  return {kOrder, kAccount, "sandbox", yuan(500), kAt};
}
Started started() {
  return {kOrder, kAccount, "sandbox", yuan(500), kAt};
}
Succeeded succeeded() {
  return {kOrder, "ref-1", yuan(500), kAt};
}
Failed failed() {
  return {kOrder, "ref-0", kAt};
}
RefundRequested requested() {
  return {kAttempt, "sandbox", yuan(500), "wrong_amount"};
}

}  // namespace

TEST_CASE("a payment starts") {
  const auto after = given<Payment>().when(start()).then(started());
  CHECK(after.status == Status::kStarted);
  CHECK(after.captured == 0);
  CHECK(Payment::react(kSelf, started()).empty());
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

TEST_CASE("a payment that succeeds has captured its amount and tells the order") {
  const auto after = given<Payment>(started()).when(RecordOutcome{true, "ref-1", kAt}).then(succeeded());
  CHECK(after.captured == 500);
  CHECK(after.provider_reference == "ref-1");
  const Effects expected{{tell<Order>(kOrder, order::RecordPayment{kSelf, yuan(500)})}, {}, {}};
  CHECK((Payment::react(kSelf, succeeded()) == expected));
}

TEST_CASE("a payment that fails has captured nothing and tells nobody") {
  const auto after = given<Payment>(started()).when(RecordOutcome{false, "ref-0", kAt}).then(failed());
  CHECK(after.status == Status::kFailed);
  CHECK(after.captured == 0);
  CHECK(Payment::react(kSelf, failed()).empty());
}

TEST_CASE("an outcome said again changes nothing") {
  given<Payment>(started(), succeeded()).when(RecordOutcome{true, "ref-1", kAt}).then_nothing();
  given<Payment>(started(), failed()).when(RecordOutcome{false, "ref-0", kAt}).then_nothing();
}

TEST_CASE("a success after a failure counts, for the money has arrived") {
  const auto after = given<Payment>(started(), failed()).when(RecordOutcome{true, "ref-1", kAt}).then(succeeded());
  CHECK(after.status == Status::kSucceeded);
  CHECK(after.captured == 500);
}

TEST_CASE("a failure after a success means nothing") {
  given<Payment>(started(), succeeded()).when(RecordOutcome{false, "ref-1", kAt}).then_nothing();
  given<Payment>(started(), succeeded(), requested()).when(RecordOutcome{false, "ref-1", kAt}).then_nothing();
}

TEST_CASE("an unknown payment has no outcome") {
  given<Payment>().when(RecordOutcome{true, "", kAt}).then_rejected(ErrorCode::kNotFound, "payment.not_found");
}

TEST_CASE("a provider's reference is one line of at most 256 characters") {
  for (const std::string& bad : {std::string(257, 'x'), std::string("a\nb")}) {
    given<Payment>(started())
        .when(RecordOutcome{true, bad, kAt})
        .then_rejected(ErrorCode::kInvalid, "payment.reference_invalid");
  }
}

TEST_CASE("what was captured can be refunded by a call to the provider") {
  const auto after = given<Payment>(started(), succeeded()).when(Refund{kAttempt, "wrong_amount"}).then(requested());
  CHECK(after.status == Status::kRefunding);
  CHECK(after.refunded == 0);
  const Effects expected{{}, {}, {ProviderRefund{kSelf, "sandbox", kAttempt, yuan(500)}}};
  CHECK((Payment::react(kSelf, requested()) == expected));
}

TEST_CASE("what was not captured cannot be refunded") {
  given<Payment>().when(Refund{kAttempt, ""}).then_nothing();
  given<Payment>(started()).when(Refund{kAttempt, ""}).then_nothing();
  given<Payment>(started(), failed()).when(Refund{kAttempt, ""}).then_nothing();
}

TEST_CASE("a refund is under way once") {
  const auto past = given<Payment>(started(), succeeded(), requested());
  past.when(Refund{kAttempt, ""}).then_nothing();
  past.when(Refund{id_of<RefundId>(4), ""}).then_nothing();
}

TEST_CASE("a refund that succeeds gives back what was captured, once") {
  const Refunded refunded{kAttempt, yuan(500), kAt};
  const auto past = given<Payment>(started(), succeeded(), requested());
  const auto after = past.when(RecordRefund{kAttempt, true, kAt}).then(refunded);
  CHECK(after.status == Status::kRefunded);
  CHECK(after.refunded == 500);
  const auto done = given<Payment>(started(), succeeded(), requested(), refunded);
  done.when(RecordRefund{kAttempt, true, kAt}).then_nothing();
  done.when(RecordRefund{kAttempt, false, kAt}).then_nothing();
  done.when(Refund{id_of<RefundId>(4), ""}).then_nothing();
}

TEST_CASE("a refund that failed can be tried again by a new attempt") {
  const RefundFailed refund_failed{kAttempt, kAt};
  given<Payment>(started(), succeeded(), requested()).when(RecordRefund{kAttempt, false, kAt}).then(refund_failed);
  const auto past = given<Payment>(started(), succeeded(), requested(), refund_failed);
  past.when(RecordRefund{kAttempt, false, kAt}).then_nothing();
  past.when(Refund{kAttempt, "again"}).then_nothing();
  const auto another = id_of<RefundId>(4);
  past.when(Refund{another, "again"}).then(RefundRequested{another, "sandbox", yuan(500), "again"});
}

TEST_CASE("a refund reported as failed may turn out to have succeeded") {
  given<Payment>(started(), succeeded(), requested(), RefundFailed{kAttempt, kAt})
      .when(RecordRefund{kAttempt, true, kAt})
      .then(Refunded{kAttempt, yuan(500), kAt});
}

TEST_CASE("the answer to an attempt nobody made means nothing") {
  given<Payment>(started(), succeeded()).when(RecordRefund{kAttempt, true, kAt}).then_nothing();
  given<Payment>(started(), succeeded(), requested()).when(RecordRefund{id_of<RefundId>(4), true, kAt}).then_nothing();
}

TEST_CASE("the first refund of a payment always has the same id, and not the payment's") {
  CHECK(payment::first_refund_of(PaymentId{{0, 1}}).str() == "3jcnk7avk45mrg000000000001");
  CHECK(payment::first_refund_of(kSelf).value != kSelf.value);
}
