#include "payments/provider.hpp"

namespace souk {
namespace {

constexpr Duration kDay = Duration::seconds(86'400);

}  // namespace

Notification forged_notification(PaymentId payment) {
  Notification out;
  out.payment = payment;
  out.report.source = provider::Source::kCallback;
  out.report.objections.emplace_back(kNotSigned);
  return out;
}

std::optional<Day> Day::parse(std::string_view text, Duration offset) {
  if (text.size() != 10) return std::nullopt;
  const auto midnight = Time::parse(std::string(text) + "T00:00:00.000000Z");
  if (!midnight) return std::nullopt;
  const Time begins{midnight->us - offset.us};
  return Day{std::string(text), begins, begins + kDay, offset};
}

Day Day::previous() const {
  const Time before{begins.us - kDay.us};
  return Day{(before + offset).str().substr(0, 10), before, begins, offset};
}

}  // namespace souk
