// What a provider says became of the money: recorded first, judged after, and each thing once.
#include <algorithm>

#include "engine/payment/decisions.hpp"

namespace souk::payment {
namespace {

/// Only what can be stored; what does not fit is left out.
provider::Report bounded(provider::Report report) {
  report.reference = line_or_nothing(report.reference, kReferenceSizeMax);
  report.problem = line_or_nothing(report.problem, kProblemSizeMax);
  if (report.objections.size() > kRefusedReportsMax) report.objections.resize(kRefusedReportsMax);
  for (auto& objection : report.objections) {
    objection = line_or_nothing(objection, kProviderSizeMax);
    if (objection.empty()) objection = "unnamed";
  }
  return report;
}

/// Why the report cannot be about this payment; empty if it can.
std::string objection_to(const State& state, const provider::Report& report) {
  std::string reason;
  for (const auto& objection : report.objections) reason.append(reason.empty() ? "" : ",").append(objection);
  if (!reason.empty() || report.outcome != provider::Outcome::kPaid) return reason;
  if (report.amount.currency != state.amount.currency) return "wrong_currency";
  if (report.amount.amount != state.amount.amount) return "wrong_amount";
  return {};
}

Events refuse(const State& state, Reported reported, std::string reason) {
  const auto& known = state.refused_reports;
  if (known.size() >= kRefusedReportsMax || std::find(known.begin(), known.end(), reason) != known.end()) return {};
  const Time at = reported.at;
  return Events{std::move(reported), ReportRefused{std::move(reason), at}};
}

/// A provider that is told to close a payment and has never heard of it will not hear of it once its time is over.
bool is_as_good_as_closed(const State& state, const RecordReport& command) {
  return command.report.source == provider::Source::kClose && command.report.problem.empty() &&
         command.at >= state.expires_at + kUnknownIsClosedAfter;
}

}  // namespace

Result<Events> on(const State& state, const RecordReport& command) {
  if (state.status == Status::kNone) {
    return fail(ErrorCode::kNotFound, "payment.not_found", "there is no such payment");
  }
  Reported reported{bounded(command.report), command.at};
  if (auto reason = objection_to(state, reported.report); !reason.empty()) {
    return refuse(state, std::move(reported), std::move(reason));
  }
  const bool is_open = state.status == Status::kStarted;
  switch (command.report.outcome) {
    case provider::Outcome::kPaid: {
      if (state.status == Status::kSucceeded) return Events{};
      Succeeded succeeded{state.order, reported.report.reference, state.amount, command.at};
      return Events{std::move(reported), std::move(succeeded)};
    }
    case provider::Outcome::kClosed: {
      if (is_open) return Events{std::move(reported), Closed{command.at}};
      if (state.closed_reported) return Events{};
      return Events{std::move(reported)};
    }
    case provider::Outcome::kPending: {
      if (!is_open || state.pending_reported) return Events{};
      return Events{std::move(reported)};
    }
    case provider::Outcome::kUnknown: {
      if (!is_open || !is_as_good_as_closed(state, command)) return Events{};
      if (state.created) return Events{std::move(reported), Closed{command.at}};
      return Events{std::move(reported), Failed{state.order, {}, command.at}};
    }
  }
  return Events{};
}

Result<Events> on(const State& state, const TakeWrongAmount& command) {
  if (state.status == Status::kNone) {
    return fail(ErrorCode::kNotFound, "payment.not_found", "there is no such payment");
  }
  const bool is_captured = state.status == Status::kSucceeded;
  if (is_captured && state.wrong_amount && state.captured == state.wrong_amount->amount) return Events{};
  if (is_captured || !state.wrong_amount) {
    return fail(ErrorCode::kConflict, "payment.no_wrong_amount",
                "no money of a wrong amount arrived, or the right did");
  }
  return Events{Succeeded{state.order, state.provider_reference, *state.wrong_amount, command.at}};
}

}  // namespace souk::payment
