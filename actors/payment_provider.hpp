/// Whoever moves the money: called only about durable intents, each with an id that makes repeats harmless.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "engine/payment/provider.hpp"

namespace souk {

/// Thread-safety: called on any thread, must not block it; answers on any thread, during the call or later. An answer
/// that never comes is made up for by the payment, which asks again; of several only the first counts.
class PaymentProvider {
 public:
  PaymentProvider() = default;
  PaymentProvider(const PaymentProvider&) = delete;
  PaymentProvider& operator=(const PaymentProvider&) = delete;
  virtual ~PaymentProvider() = default;

  /// The same payment created twice is one payment.
  virtual void create(const provider::Create& wanted, std::function<void(provider::Created)> answer) = 0;
  virtual void query(const provider::Query& wanted, std::function<void(provider::Report)> answer) = 0;
  virtual void close(const provider::Close& wanted, std::function<void(provider::Report)> answer) = 0;
  /// The same attempt given twice moves the money once and answers the same.
  virtual void refund(const provider::Refund& wanted, std::function<void(provider::RefundReport)> answer) = 0;
};

/// The providers by their names. Thread-safety: filled first, then any thread.
/// Ownership: a provider outlives whoever calls it through this.
class PaymentProviders {
 public:
  void add(std::string name, PaymentProvider& provider) { by_name_.insert_or_assign(std::move(name), &provider); }

  /// The provider of that name; one that knows no outcome of anything if there is none (any more).
  [[nodiscard]] PaymentProvider& find(std::string_view name) const;
  [[nodiscard]] bool contains(std::string_view name) const { return by_name_.find(name) != by_name_.end(); }

 private:
  std::map<std::string, PaymentProvider*, std::less<>> by_name_;
};

}  // namespace souk
