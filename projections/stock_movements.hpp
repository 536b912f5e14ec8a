/// Read model: what came into and went out of each product's stock, and which stocks are low.
///
/// A movement changes what is on hand. Reservations do not: who holds what is the stock's own to say, at once and for
/// all of them, and two rows for each line of each order would cost more than the order.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/id.hpp"
#include "engine/base/position.hpp"
#include "engine/base/result.hpp"
#include "engine/base/time.hpp"
#include "projections/projection.hpp"
#include "projections/read_model.hpp"

namespace souk {

std::unique_ptr<Projection> make_stock_movements_projection();

struct StockMovement {
  Position position;  ///< of its event: the key of the list
  std::string kind;   ///< "received", "adjusted", "sold", "restocked"
  std::int64_t change = 0;
  std::int64_t balance = 0;  ///< on hand after it
  std::string reason;
  std::optional<OrderId> order;
  std::optional<RefundId> refund;
  Time at;
};

struct StockMovementPage {
  std::vector<StockMovement> items;
  std::optional<Position> next;  ///< give it as `after` for what follows; none: this is the end
  Position position;             ///< of the log, at which this was the answer
};

struct StockEntry {
  ProductId product;
  Position key;                   ///< of the list it was asked from
  std::optional<Time> low_since;  ///< none: it is not low
};

struct StockEntryPage {
  std::vector<StockEntry> items;
  std::optional<Position> next;
  Position position;
};

/// Thread-safety: any thread.
class StockMovements {
 public:
  static Result<std::unique_ptr<StockMovements>> open(const Follower& follower);

  /// At most `limit` (≥ 1) movements of a product, the newest first, before the one with the key `after`.
  Result<StockMovementPage> list(ProductId product, std::size_t limit, std::optional<Position> after = {});

  /// Stocks by their first event, or those that are low by how long they have been so; the oldest first.
  Result<StockEntryPage> stocks(bool low_only, std::size_t limit, std::optional<Position> after = {});

 private:
  explicit StockMovements(std::unique_ptr<ReadModel> model) : model_(std::move(model)) {}

  std::unique_ptr<ReadModel> model_;
};

}  // namespace souk
