/// The payment providers that the configuration names, and the thread they share.
#pragma once

#include <memory>
#include <vector>

#include "app/config.hpp"
#include "engine/base/clock.hpp"
#include "gateway/payments/services.hpp"
#include "payments/alipay/account.hpp"
#include "peers/curl_client.hpp"
#include "peers/guarded_client.hpp"
#include "privacy/key.hpp"

namespace souk {

/// What can be wrong with them before anything is opened: names of faults, keys and certificates.
/// Errors: kInvalid "config.invalid".
Result<void> check_payments(const Config& config);

/// Thread-safety: that of its parts. `stop` ends the thread; the host that calls the providers must not outlive it.
class PaymentSetup {
 public:
  /// Errors: those of check_payments; kUnavailable "sandbox.ledger".
  static Result<std::unique_ptr<PaymentSetup>> open(const Config& config, Clock& clock, const Key256& sandbox_key);

  PaymentProviders providers;  ///< for those who call them by their names
  PaymentServices services;    ///< for the gateway

  /// Calls under way are answered with a failure, what was to happen later is dropped.
  void stop() { client_.stop(); }

  /// Null unless a provider is asked over HTTP.
  [[nodiscard]] GuardedClient* guarded() const { return guarded_.get(); }

 private:
  explicit PaymentSetup(const Config& config);
  void add(std::string name, std::unique_ptr<Provider> provider);

  std::unique_ptr<GuardedClient> guarded_;
  std::vector<std::unique_ptr<Provider>> owned_;
  /// The last, so that its thread ends before what it calls.
  CurlClient client_;
};

}  // namespace souk
