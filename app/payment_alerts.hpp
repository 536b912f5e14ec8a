/// What happens to payments and reconciliations that a person should look at: told and counted
/// (souk_payment_alerts_total), each thing when it is recorded.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "eventstore/record.hpp"
#include "gateway/metrics.hpp"

namespace souk {

/// Thread-safety: `take` by one thread at a time. The metrics must outlive it.
class PaymentAlerts {
 public:
  PaymentAlerts(Metrics& metrics, std::function<void(const std::string&)> tell);

  void take(const EventRecord& record);

 private:
  std::function<void(const std::string&)> tell_;
  std::map<std::string_view, CounterHandle> counts_;  ///< by the type of the event
};

}  // namespace souk
