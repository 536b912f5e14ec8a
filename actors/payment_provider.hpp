/// Whoever moves the money: called only about durable intents, each with an attempt id that makes repeats harmless.
#pragma once

#include <functional>
#include <string>

#include "engine/entities.hpp"

namespace souk {

/// Thread-safety: called on any thread; answers on any thread, exactly once a call.
class PaymentProvider {
 public:
  PaymentProvider() = default;
  PaymentProvider(const PaymentProvider&) = delete;
  PaymentProvider& operator=(const PaymentProvider&) = delete;
  virtual ~PaymentProvider() = default;

  /// The same attempt given twice moves the money once and answers the same.
  virtual void refund(const ProviderRefund& refund, std::function<void(bool succeeded)> answer) = 0;
};

/// Takes every refund at once; it stands in for a provider in development.
class SandboxProvider final : public PaymentProvider {
 public:
  void refund(const ProviderRefund& refund, std::function<void(bool succeeded)> answer) override {
    (void)refund;
    answer(true);
  }
};

}  // namespace souk
