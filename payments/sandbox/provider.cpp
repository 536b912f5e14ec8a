#include "payments/sandbox/provider.hpp"

#include <algorithm>
#include <utility>

#include "payments/sandbox/callback.hpp"

namespace souk::sandbox {
namespace {

using provider::Outcome;
using provider::RefundOutcome;

constexpr int kSendsMax = 8;
constexpr std::string_view kFailure = "the sandbox was told to fail";

auto no_payment() {
  return fail(ErrorCode::kNotFound, "payment.not_found", "there is no such payment");
}

}  // namespace

SandboxProvider::SandboxProvider(std::unique_ptr<Ledger> ledger, SandboxOptions options, Clock& clock,
                                 Scheduler& scheduler)
    : ledger_(std::move(ledger)),
      options_(std::move(options)),
      clock_(clock),
      scheduler_(scheduler),
      faults_(options_.faults) {}

void SandboxProvider::create(const provider::Create& asked, std::function<void(provider::Created)> answer) {
  run([this, asked, answer = std::move(answer)] {
    if (has(faults(), Fault::kFailCreate)) {
      answer({false, {}, {}, std::string(kFailure)});
      return;
    }
    if (ledger_->find(asked.payment) == nullptr) {
      ledger_->add({"created", asked.payment, clock_.now(), asked.order, asked.amount, asked.expires_at, {}, {}});
    }
    const std::string page = "/sandbox/payments/" + asked.payment.str();
    answer({true, page, "souk-sandbox:" + page, {}});
    if (options_.pays_by_itself) settle(asked.payment, true, {}, [](const Result<Trade>& /*trade*/) {});
  });
}

provider::Report SandboxProvider::report(provider::Source source, PaymentId payment, Fault fault) const {
  provider::Report out;
  out.source = source;
  const auto* trade = ledger_->find(payment);
  if (has(faults_of(trade), fault)) {
    out.problem = kFailure;
  } else if (trade != nullptr) {
    out.outcome = trade->outcome;
    out.reference = reference_of(payment);
    out.amount = trade->amount;
  }
  return out;
}

void SandboxProvider::query(const provider::Query& asked, std::function<void(provider::Report)> answer) {
  run([this, payment = asked.payment, answer = std::move(answer)] {
    answer(report(provider::Source::kPoll, payment, Fault::kFailQuery));
  });
}

void SandboxProvider::close(const provider::Close& asked, std::function<void(provider::Report)> answer) {
  run([this, payment = asked.payment, answer = std::move(answer)] {
    const auto* trade = ledger_->find(payment);
    const bool may_close = trade != nullptr && trade->outcome == Outcome::kPending;
    if (may_close && !has(faults_of(trade), Fault::kFailClose)) {
      ledger_->add({"closed", payment, clock_.now(), {}, {}, {}, {}, {}});
    }
    answer(report(provider::Source::kClose, payment, Fault::kFailClose));
  });
}

void SandboxProvider::refund(const provider::Refund& asked, std::function<void(provider::RefundReport)> answer) {
  run([this, asked, answer = std::move(answer)] {
    const auto* trade = ledger_->find(asked.payment);
    if (has(faults_of(trade), Fault::kFailRefund)) {
      answer({RefundOutcome::kRefused, std::string(kFailure)});
      return;
    }
    if (trade == nullptr || trade->outcome != Outcome::kPaid) {
      answer({RefundOutcome::kRefused, "nothing was paid"});
      return;
    }
    std::int64_t given_back = 0;
    for (const auto& refund : trade->refunds) {
      if (refund.attempt == asked.attempt) {
        answer({RefundOutcome::kRefunded, {}});
        return;
      }
      given_back += refund.amount.amount;
    }
    if (given_back + asked.amount.amount > trade->amount.amount) {
      answer({RefundOutcome::kRefused, "it is more than is left"});
      return;
    }
    ledger_->add({"refunded", asked.payment, clock_.now(), {}, asked.amount, {}, asked.attempt, {}});
    if (has(faults_of(trade), Fault::kUnsureRefund)) {
      answer({RefundOutcome::kUnknown, std::string(kFailure)});
    } else {
      answer({RefundOutcome::kRefunded, {}});
    }
  });
}

Result<Notification> SandboxProvider::read_notification(const IncomingNotification& incoming) const {
  return read_callback(options_.secret, incoming.body);
}

void SandboxProvider::bill(const Day& day, BillThen then) {
  run([this, day, then = std::move(then)] {
    then(ReadBill([lines = ledger_->booked(day.begins, day.ends)]() -> Result<std::vector<reconciliation::BillLine>> {
      return lines;
    }));
  });
}

void SandboxProvider::show(PaymentId payment, std::function<void(Result<Trade>)> then) {
  run([this, payment, then = std::move(then)] {
    const auto* trade = ledger_->find(payment);
    if (trade == nullptr) {
      then(no_payment());
    } else {
      then(*trade);
    }
  });
}

void SandboxProvider::settle(PaymentId payment, bool pays, Faults own, std::function<void(Result<Trade>)> then) {
  run([this, payment, pays, own = std::move(own), then = std::move(then)] {
    const auto* trade = ledger_->find(payment);
    if (trade == nullptr) {
      then(no_payment());
      return;
    }
    const auto wanted = pays ? Outcome::kPaid : Outcome::kClosed;
    if (trade->outcome != Outcome::kPaid && trade->outcome != wanted) {
      ledger_->add({pays ? "paid" : "closed", payment, clock_.now(), {}, {}, {}, {}, {}});
    }
    if (own != trade->faults) ledger_->add({"told", payment, clock_.now(), {}, {}, {}, {}, own});
    call_back(payment, *trade);
    then(*trade);
  });
}

void SandboxProvider::call_back(PaymentId payment, const Trade& trade) {
  const Faults faults = faults_of(&trade);
  if (has(faults, Fault::kLost)) return;
  const auto body = signed_callback(options_.secret, payment, trade, clock_.now(), has(faults, Fault::kWrongAmount));
  const Duration delay{options_.callback_delay.us + (has(faults, Fault::kLate) ? options_.late_by.us : 0)};
  const int copies = has(faults, Fault::kDoubled) ? 2 : 1;
  for (int i = 0; i < copies; ++i) {
    scheduler_.after(delay, [this, body] { send(body, 1); });
  }
}

void SandboxProvider::send(const std::string& body, int attempt) {
  Deliver deliver;
  {
    const std::scoped_lock lock(mutex_);
    deliver = deliver_;
  }
  if (!deliver) return;
  deliver(body, [this, body, attempt](bool acknowledged) {
    if (acknowledged || attempt == kSendsMax) return;
    const Duration delay{options_.resend_first.us << (attempt - 1)};
    scheduler_.after(delay, [this, body, attempt] { send(body, attempt + 1); });
  });
}

Faults SandboxProvider::faults_of(const Trade* trade) const {
  Faults all = faults();
  if (trade != nullptr) all.insert(all.end(), trade->faults.begin(), trade->faults.end());
  return all;
}

void SandboxProvider::set_faults(Faults faults) {
  const std::scoped_lock lock(mutex_);
  faults_ = std::move(faults);
}

Faults SandboxProvider::faults() const {
  const std::scoped_lock lock(mutex_);
  return faults_;
}

void SandboxProvider::set_deliver(Deliver deliver) {
  const std::scoped_lock lock(mutex_);
  deliver_ = std::move(deliver);
}

}  // namespace souk::sandbox
