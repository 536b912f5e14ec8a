#include "gateway/payments/notifications.hpp"

#include <algorithm>

#include "gateway/payments/services.hpp"

namespace souk {
namespace {

/// Whether the payment counts what it was told: it says so by what it keeps of refused reports.
bool fits(const payment::State& state, const provider::Report& report) {
  if (!report.objections.empty()) return false;
  return report.outcome != provider::Outcome::kPaid || report.amount == state.amount;
}

bool is_forged(const provider::Report& report) {
  return std::ranges::find(report.objections, kNotSigned) != report.objections.end();
}

Taken taken_of(const Judged<Payment>& judged, const provider::Report& report) {
  if (judged.refusal != nullptr) {
    return judged.refusal->code == ErrorCode::kNotFound ? Taken::kForged : Taken::kUnavailable;
  }
  if (is_forged(report)) return Taken::kForged;
  return fits(judged.state, report) ? Taken::kAccepted : Taken::kRefused;
}

std::string text_of(const provider::Report& report) {
  std::string text(name_of(report.outcome));
  for (const auto& objection : report.objections) text += ", objection: " + objection;
  if (report.outcome == provider::Outcome::kPaid) {
    text += ", " + std::to_string(report.amount.amount) + " " + std::string(report.amount.currency.str());
  }
  return text;
}

void note(const PaymentServices& services, Taken taken, const std::string& provider, const std::string& what) {
  auto& figures = services.notifications;
  if (taken == Taken::kAccepted) ++figures.accepted;
  if (taken == Taken::kRefused) ++figures.refused;
  if (taken == Taken::kForged) ++figures.forged;
  if (taken == Taken::kRefused || taken == Taken::kForged) {
    services.alert("a notification of " + provider + " was refused: " + what);
  }
}

}  // namespace

void take_notification(Api& api, std::string_view provider_name, const Provider& provider,
                       const IncomingNotification& incoming, CommandMeta meta, NotificationThen then) {
  const std::string name(provider_name);
  meta.principal = "provider:" + name;
  auto read = provider.read_notification(incoming);
  if (!read) {
    note(api.payments, Taken::kForged, name, read.error().detail);
    then(Taken::kForged, Position{});
    return;
  }
  payment::RecordReport command{read->report, api.clock.now()};
  AskOptions<Payment> options;
  options.deadline = api.clock.now() + api.options.command_deadline;
  api.host.ask<Payment>(read->payment, std::move(command), std::move(meta), std::move(options),
                        [&api, name, read = *read, then = std::move(then)](const Judged<Payment>& judged) {
                          const Taken taken = taken_of(judged, read.report);
                          const std::string about = judged.refusal == nullptr ? "" : "no ";
                          note(api.payments, taken, name,
                               about + "payment " + read.payment.str() + ": " + text_of(read.report));
                          then(taken, judged.position);
                        });
}

void deliver_sandbox_callbacks(Api& api) {
  if (api.payments.sandbox == nullptr) return;
  api.payments.sandbox->set_deliver([&api](const std::string& body, std::function<void(bool)> then) {
    CommandMeta meta;
    meta.command_id = CommandId{random_id()};
    take_notification(api, "sandbox", *api.payments.sandbox, {"application/x-www-form-urlencoded", body},
                      std::move(meta), [&api, then = std::move(then)](Taken taken, Position position) {
                        api.answers.hold(position, [taken, then] { then(taken == Taken::kAccepted); });
                      });
  });
}

}  // namespace souk
