/// A provider that agrees at once to whatever it is asked; it stands in for a real one.
#pragma once

#include "actors/payment_provider.hpp"

namespace souk {

/// Whether a payment was paid it never says by itself: whoever plays the customer reports that.
/// Thread-safety: as PaymentProvider. It remembers nothing.
class StandInProvider final : public PaymentProvider {
 public:
  static constexpr const char* kName = "sandbox";

  void create(const provider::Create& wanted, std::function<void(provider::Created)> answer) override {
    answer({true, "/sandbox/payments/" + wanted.payment.str(), {}, {}});
  }
  void query(const provider::Query& /*wanted*/, std::function<void(provider::Report)> answer) override {
    answer({provider::Source::kPoll, provider::Outcome::kPending, {}, {}, {}, {}});
  }
  void close(const provider::Close& /*wanted*/, std::function<void(provider::Report)> answer) override {
    answer({provider::Source::kClose, provider::Outcome::kClosed, {}, {}, {}, {}});
  }
  void refund(const provider::Refund& /*wanted*/, std::function<void(provider::RefundReport)> answer) override {
    answer({provider::RefundOutcome::kRefunded, {}});
  }
};

}  // namespace souk
