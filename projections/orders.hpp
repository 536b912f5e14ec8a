/// Read model: orders by account, state, product and time, newest first.
///
/// It holds no personal data: an order's address stays in the order alone.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/id.hpp"
#include "engine/base/money.hpp"
#include "engine/base/position.hpp"
#include "engine/base/result.hpp"
#include "engine/base/time.hpp"
#include "projections/projection.hpp"
#include "projections/read_model.hpp"

namespace souk {

std::unique_ptr<Projection> make_orders_projection();

struct OrderSummary {
  OrderId id;
  AccountId account;
  Position placed;    ///< of the event that placed it: the key of the list, for it never changes
  std::string state;  ///< wire name, such as "awaiting_payment"
  Money total;
  std::int64_t item_count = 0;  ///< the sum of the quantities
  std::string lines_json;  ///< [{"product_id", "name", "picture", "unit_price", "quantity"}, …], ready to be sent
  Time placed_at;
  Time updated_at;
};

/// What orders are searched for; every part that is given must hold.
struct OrderFilter {
  std::optional<AccountId> account;
  std::optional<ProductId> product;   ///< in one of its lines
  std::optional<std::string> state;   ///< wire name
  std::optional<Time> placed_from;    ///< at or after
  std::optional<Time> placed_before;  ///< earlier than
};

struct OrderPage {
  std::vector<OrderSummary> items;
  std::optional<Position> next;  ///< give it as `after` for what follows; none: this is the end
  Position position;             ///< of the log, at which this was the answer
};

/// Thread-safety: any thread.
class Orders {
 public:
  static Result<std::unique_ptr<Orders>> open(const Follower& follower);

  /// At most `limit` (≥ 1) orders placed before the order with the key `after`. Orders that arrive between two pages
  /// shift nothing.
  Result<OrderPage> list(const OrderFilter& filter, std::size_t limit, std::optional<Position> after = {});

  /// At most `limit` (≥ 1) orders that were delivered by then and are not complete, the longest delivered first.
  Result<std::vector<OrderId>> delivered(Time until, std::size_t limit);

 private:
  explicit Orders(std::unique_ptr<ReadModel> model) : model_(std::move(model)) {}

  std::unique_ptr<ReadModel> model_;
};

}  // namespace souk
