/// Read model: all payments with their refunds, what providers said that was refused, and the reconciliations.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/reconciliation/reconciliation.hpp"
#include "projections/page.hpp"
#include "projections/projection.hpp"
#include "projections/read_model.hpp"

namespace souk {

std::unique_ptr<Projection> make_payments_projection();

struct PaymentSummary {
  PaymentId id;
  Position started;  ///< of the event that began it: the key of lists, for it never changes
  OrderId order;
  AccountId account;
  std::string provider;
  Money amount;
  std::string state;  ///< wire name of payment::Status
  std::int64_t captured = 0;
  std::int64_t refunded = 0;
  std::string reference;
  Time started_at;
  Time updated_at;
};

/// Something a provider said that did not fit, and was refused.
struct PaymentAlert {
  Position position;
  PaymentId payment;
  OrderId order;
  std::string provider;
  std::string reason;
  Time at;
};

struct ReconciliationSummary {
  ReconciliationId id;
  Position begun;
  std::string provider;
  std::string day;
  std::int64_t comparisons = 0;
  std::optional<Time> compared_at;
  std::int64_t differences = 0;
  std::int64_t open = 0;
  std::optional<std::string> problem;
};

/// Thread-safety: any thread. Lists give at most `limit` (≥ 1), the newest first, behind the one with the key `after`.
class Payments {
 public:
  static Result<std::unique_ptr<Payments>> open(const Follower& follower);

  Result<PageOf<PaymentSummary>> of_order(OrderId order, std::size_t limit, std::optional<Position> after = {});
  Result<PageOf<PaymentSummary>> list(std::size_t limit, std::optional<Position> after = {},
                                      std::optional<std::string_view> provider = {},
                                      std::optional<std::string_view> state = {});
  Result<PageOf<PaymentAlert>> alerts(std::size_t limit, std::optional<Position> after = {});
  Result<PageOf<ReconciliationSummary>> reconciliations(std::size_t limit, std::optional<Position> after = {},
                                                        std::optional<std::string_view> provider = {});
  /// How many reports were ever refused.
  Result<std::int64_t> alert_count();

  /// What the shop booked with a provider in [begins, ends), and what it knows of the lines of a bill, whenever that
  /// was. Each booking comes once.
  Result<std::vector<reconciliation::OwnBooking>> bookings(std::string_view provider, Time begins, Time ends,
                                                           const std::vector<reconciliation::BillLine>& bill);

 private:
  explicit Payments(std::unique_ptr<ReadModel> model) : model_(std::move(model)) {}

  std::unique_ptr<ReadModel> model_;
};

}  // namespace souk
