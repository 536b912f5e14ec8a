#include "engine/payment/payment.hpp"

#include <algorithm>

#include "engine/base/utf8.hpp"
#include "engine/entities.hpp"
#include "engine/payment/decisions.hpp"

namespace souk {
namespace payment {
namespace {

bool is_provider(std::string_view name) {
  const auto is_safe = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  return !name.empty() && name.size() <= kProviderSizeMax && std::all_of(name.begin(), name.end(), is_safe);
}

}  // namespace

Result<Events> on(const State& state, const Start& command) {
  if (state.status != Status::kNone) {
    return fail(ErrorCode::kConflict, "payment.exists", "this payment is started already");
  }
  if (!is_provider(command.provider)) {
    return fail(ErrorCode::kInvalid, "payment.provider_invalid", "a provider has 1 to 32 characters of a-z, 0-9, _");
  }
  if (command.amount.amount < 0 || command.amount.amount > kIntegerMax) {
    return fail(ErrorCode::kInvalid, "payment.amount_invalid", "an amount is 0 to 2^53-1 minor units");
  }
  return Events{Started{command.order, command.account, command.provider, command.amount, command.at,
                        command.presentation, command.expires_at}};
}

Result<Events> on(const State& state, const RecordCreated& command) {
  if (state.status != Status::kStarted || state.created) return Events{};
  const auto& said = command.created;
  const bool is_usable = said.succeeded && is_prose_of(said.pay_url, 0, kPayTextBytesMax) &&
                         is_prose_of(said.qr_text, 0, kPayTextBytesMax);
  if (is_usable) return Events{Created{said.pay_url, said.qr_text, command.at}};
  std::string problem = line_or_nothing(said.problem, kProblemSizeMax);
  if (problem.empty()) problem = said.succeeded ? "the provider's answer cannot be used" : "no reason was given";
  if (problem == state.creation_problem) return Events{};
  return Events{CreationFailed{std::move(problem), command.at}};
}

Result<Events> on(const State& state, const Close& command) {
  if (state.status != Status::kStarted || state.closing) return Events{};
  return Events{CloseRequested{state.provider, command.reason, 0, command.at + kFirstPoll}};
}

Result<Events> on(const State& state, const Poll& command) {
  if (state.status != Status::kStarted || command.due < state.next_poll_at) return Events{};
  const std::int64_t tick = state.ticks + 1;
  Time next = command.due + back_off(kFirstPoll, tick);
  if (state.closing || command.due >= state.expires_at) {
    return Events{CloseRequested{state.provider, state.closing ? "again" : "expired", tick, next}};
  }
  next = std::min(next, state.expires_at);
  if (state.created) return Events{QueryRequested{state.provider, tick, next}};
  return Events{
      CreationRepeated{state.order, state.provider, state.presentation, state.amount, state.expires_at, tick, next}};
}

namespace {

RefundState* find_refund(State& state, RefundId attempt) {
  const auto found = std::find_if(state.refunds.begin(), state.refunds.end(),
                                  [&](const RefundState& refund) { return refund.attempt == attempt; });
  return found == state.refunds.end() ? nullptr : &*found;
}

void apply(State& state, const Started& event) {
  state.status = Status::kStarted;
  state.order = event.order;
  state.account = event.account;
  state.provider = event.provider;
  state.presentation = event.presentation;
  state.amount = event.amount;
  state.started_at = event.at;
  state.expires_at = event.expires_at;
  state.next_poll_at = event.at + kFirstPoll;
}
void apply(State& state, const Created& event) {
  state.created = true;
  state.pay_url = event.pay_url;
  state.qr_text = event.qr_text;
  state.creation_problem.clear();
}
void apply(State& state, const CreationFailed& event) {
  state.creation_problem = event.problem;
}
void apply(State& state, const CreationRepeated& event) {
  state.ticks = event.tick;
  state.next_poll_at = event.next_at;
}
void apply(State& state, const QueryRequested& event) {
  state.ticks = event.tick;
  state.next_poll_at = event.next_at;
}
void apply(State& state, const CloseRequested& event) {
  state.closing = true;
  state.ticks = event.tick;
  state.next_poll_at = event.next_at;
}
void apply(State& state, const Reported& event) {
  const auto& report = event.report;
  if (!report.objections.empty()) return;
  const bool is_wrong = report.outcome == provider::Outcome::kPaid && report.amount.amount != state.amount.amount &&
                        report.amount.amount > 0 && report.amount.currency == state.amount.currency;
  if (is_wrong && state.status != Status::kSucceeded && !state.wrong_amount) {
    state.wrong_amount = report.amount;
    state.provider_reference = report.reference;
  }
  state.pending_reported = state.pending_reported || event.report.outcome == provider::Outcome::kPending;
  state.closed_reported = state.closed_reported || event.report.outcome == provider::Outcome::kClosed;
}
void apply(State& state, const ReportRefused& event) {
  state.refused_reports.push_back(event.reason);
}
void apply(State& state, const Succeeded& event) {
  state.status = Status::kSucceeded;
  state.captured = event.amount.amount;
  state.provider_reference = event.provider_reference;
}
void apply(State& state, const Failed& event) {
  state.status = Status::kFailed;
  state.provider_reference = event.provider_reference;
}
void apply(State& state, const Closed& /*event*/) {
  state.status = Status::kClosed;
}
void apply(State& state, const RefundRequested& event) {
  RefundState* refund = find_refund(state, event.attempt);
  if (refund == nullptr) refund = &state.refunds.emplace_back();
  *refund = {event.attempt, event.amount, event.reason, RefundStatus::kRequested, event.at, std::nullopt, {}};
  state.refund_ticks = 0;
  state.next_refund_at = event.next_at;
}
void apply(State& state, const RefundsRepeated& event) {
  state.refund_ticks = event.tick;
  state.next_refund_at = event.next_at;
}
void apply(State& state, const Refunded& event) {
  state.refunded += event.amount.amount;
  RefundState* refund = find_refund(state, event.attempt);
  if (refund == nullptr) return;
  refund->status = RefundStatus::kRefunded;
  refund->ended_at = event.at;
  refund->problem.clear();
}
void apply(State& state, const RefundFailed& event) {
  RefundState* refund = find_refund(state, event.attempt);
  if (refund == nullptr) return;
  refund->status = RefundStatus::kRefused;
  refund->ended_at = event.at;
  refund->problem = event.problem;
}
void apply(State& /*state*/, const RefundDeclined& /*event*/) {}

}  // namespace

Duration back_off(Duration first, std::int64_t tick) {
  Duration delay = first;
  for (std::int64_t i = 0; i < tick && delay < kRepeatMax; ++i) delay.us *= 2;
  return std::min(delay, kRepeatMax);
}

std::string line_or_nothing(std::string_view text, std::size_t max) {
  return is_line_of(text, 0, max) ? std::string(text) : std::string();
}

RefundId first_refund_of(PaymentId payment) {
  // Frozen: providers know attempts by it. Any constant does that keeps the two ids apart.
  constexpr Id128 kApart{0x7265'6675'6e64'2d31ULL, 0};
  return RefundId{{payment.value.high ^ kApart.high, payment.value.low ^ kApart.low}};
}

Standing standing_of(const State& state) {
  switch (state.status) {
    case Status::kNone: return Standing::kNone;
    case Status::kStarted: return Standing::kStarted;
    case Status::kFailed: return Standing::kFailed;
    case Status::kClosed: return Standing::kClosed;
    case Status::kSucceeded: break;
  }
  const auto any = [&](RefundStatus status) {
    return std::any_of(state.refunds.begin(), state.refunds.end(),
                       [&](const RefundState& refund) { return refund.status == status; });
  };
  if (any(RefundStatus::kRequested)) return Standing::kRefunding;
  if (any(RefundStatus::kRefused)) return Standing::kRefundFailed;
  if (state.refunds.empty()) return Standing::kSucceeded;
  return state.refunded == state.captured ? Standing::kRefunded : Standing::kPartiallyRefunded;
}

}  // namespace payment

Result<std::vector<Payment::Event>> Payment::decide(const State& state, const Command& command) {
  return std::visit([&](const auto& wanted) { return payment::on(state, wanted); }, command);
}

Payment::State Payment::evolve(State state, const Event& event) {
  std::visit([&](const auto& happened) { payment::apply(state, happened); }, event);
  return state;
}

std::optional<Payment::Command> Payment::on_timer(std::string_view name, Time due, Time now) {
  // Whoever was away for days asks once, and a clock that was set back must not make a due timer one that is not.
  if (name == payment::kPollTimer) return payment::Poll{std::max(due, now)};
  if (name == payment::kRefundTimer) return payment::RepeatRefunds{std::max(due, now)};
  return std::nullopt;
}

}  // namespace souk
