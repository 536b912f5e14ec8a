#include "projections/orders.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "engine/order/order.hpp"
#include "projections/apply_as.hpp"

namespace souk {

namespace {

constexpr const char* kTables =
    // The place in the log is the key: orders are only ever added at the end, and it sorts by age.
    "CREATE TABLE orders ("
    "  placed INTEGER PRIMARY KEY, order_id BLOB NOT NULL, account_id BLOB NOT NULL, state TEXT NOT NULL,"
    "  total_minor INTEGER NOT NULL, currency TEXT NOT NULL, item_count INTEGER NOT NULL, lines TEXT NOT NULL,"
    "  placed_at INTEGER NOT NULL, updated_at INTEGER NOT NULL);"
    "CREATE UNIQUE INDEX orders_by_id ON orders (order_id);"
    "CREATE TABLE order_products (product_id BLOB NOT NULL, placed INTEGER NOT NULL, PRIMARY KEY (product_id, placed))"
    " WITHOUT ROWID;"
    // Clocks step back at times, so that orders of an hour may lie among those of another. These bounds hold all the
    // same, and spare a search by time the orders outside them.
    "CREATE TABLE order_hours (hour INTEGER PRIMARY KEY, first_placed INTEGER NOT NULL, last_placed INTEGER NOT NULL);";

constexpr const char* kIndexes =
    "CREATE INDEX IF NOT EXISTS orders_by_account ON orders (account_id);"  // each entry of an index ends with the key
    "CREATE INDEX IF NOT EXISTS orders_by_state ON orders (state);"
    // Of the few that wait to be completed, so that it costs no other order anything.
    "CREATE INDEX IF NOT EXISTS orders_delivered ON orders (updated_at) WHERE state = 'delivered';";

constexpr std::int64_t kHour = Duration::minutes(60).us;

/// Also of the times before 1970 that somebody may search for.
std::int64_t hour_of(Time time) {
  return time.us >= 0 ? time.us / kHour : -1;
}

/// What a list shows of a line.
struct LineSummary {
  ProductId product;
  std::string name;
  std::string picture;
  Money unit_price;
  std::int64_t quantity = 0;

  static constexpr auto fields() {
    return field_list(field("product_id", &LineSummary::product), field("name", &LineSummary::name),
                      field("picture", &LineSummary::picture), field("unit_price", &LineSummary::unit_price),
                      field("quantity", &LineSummary::quantity));
  }
};

/// One event of an order on its way into the tables. Every type of event has its `on`, if only to say that it does
/// not show in a list.
struct Applier {
  sqlite::Database& db;
  const EventRecord& record;

  Result<void> on(const order::Placed& event) {
    std::vector<LineSummary> lines;
    lines.reserve(event.lines.size());
    std::int64_t item_count = 0;
    for (const auto& line : event.lines) {
      lines.push_back({line.product, line.name, line.picture, line.unit_price, line.quantity});
      item_count += line.quantity;
    }
    const auto placed = static_cast<std::int64_t>(record.position.value);
    auto inserted =
        db.execute("INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", placed, record.stream.id(),
                   event.account.value, name_of(order::OrderState::kPlaced), event.total.amount,
                   event.total.currency.str(), item_count, encode(lines), event.placed_at.us, record.recorded_at.us);
    for (std::size_t i = 0; inserted && i < event.lines.size(); ++i) {
      inserted = db.execute("INSERT OR IGNORE INTO order_products VALUES (?, ?)", event.lines[i].product.value, placed);
    }
    if (!inserted) return inserted;
    return db.execute(
        "INSERT INTO order_hours VALUES (?1, ?2, ?2) ON CONFLICT (hour) DO UPDATE SET last_placed = "
        "excluded.last_placed",
        hour_of(event.placed_at), placed);
  }
  Result<void> on(const order::AwaitingPayment& /*event*/) { return move_to(order::OrderState::kAwaitingPayment); }
  Result<void> on(const order::Rejected& /*event*/) { return move_to(order::OrderState::kRejected); }
  Result<void> on(const order::Cancelled& /*event*/) { return move_to(order::OrderState::kCancelled); }
  Result<void> on(const order::Paid& /*event*/) { return move_to(order::OrderState::kPaid); }

  Result<void> on(const order::Shipped& event) {
    return move_to(event.complete ? order::OrderState::kShipped : order::OrderState::kPartiallyShipped);
  }
  Result<void> on(const order::Delivered& /*event*/) { return move_to(order::OrderState::kDelivered); }
  Result<void> on(const order::Completed& /*event*/) { return move_to(order::OrderState::kCompleted); }
  Result<void> on(const order::ClosedRefunded& /*event*/) { return move_to(order::OrderState::kClosedRefunded); }
  Result<void> on(const order::RefundRequested& event) {
    return event.completes_shipment ? move_to(order::OrderState::kShipped) : Result<void>{};
  }

  Result<void> on(const order::Refunded& /*event*/) { return {}; }
  Result<void> on(const order::LineReserved& /*event*/) { return {}; }
  Result<void> on(const order::LineRefused& /*event*/) { return {}; }
  // These two may even come to an order that was never placed.
  Result<void> on(const order::ReservationReturned& /*event*/) { return {}; }
  Result<void> on(const order::PaymentReturned& /*event*/) { return {}; }
  Result<void> on(const order::PaymentOpened& /*event*/) { return {}; }
  Result<void> on(const order::PaymentUnwanted& /*event*/) { return {}; }

  Result<void> move_to(order::OrderState state) {
    auto updated = db.execute("UPDATE orders SET state = ?, updated_at = ? WHERE order_id = ?", name_of(state),
                              record.recorded_at.us, record.stream.id());
    return one_row(db, std::move(updated), record, "an order that was never placed");
  }
};

/// The most frequent ones that no list shows need not be decoded.
bool is_shown(std::string_view type) {
  return type != order::LineReserved::kType && type != order::PaymentOpened::kType;
}

class OrdersProjection final : public Projection {
 public:
  std::string_view name() const override { return "orders"; }
  std::uint32_t schema() const override { return 3; }
  std::vector<std::string_view> kinds() const override { return {Order::kKind}; }
  Result<void> create_tables(sqlite::Database& db) override { return db.run(kTables); }
  Result<void> create_indexes(sqlite::Database& db) override { return db.run(kIndexes); }

  Result<void> apply(sqlite::Database& db, const EventRecord& record) override {
    if (!is_shown(record.type)) return {};
    return apply_as<Order, Applier>(db, record);
  }
};

OrderSummary summary_from(const sqlite::Query& row) {
  OrderSummary order;
  order.placed = Position{static_cast<std::uint64_t>(row.integer(0))};
  order.id = OrderId{row.id(1)};
  order.account = AccountId{row.id(2)};
  order.state = row.text(3);
  order.total = Money{row.integer(4), Currency::parse(row.text(5)).value_or(Currency{})};
  order.item_count = row.integer(6);
  order.lines_json = row.text(7);
  order.placed_at = Time{row.integer(8)};
  order.updated_at = Time{row.integer(9)};
  return order;
}

/// The keys between which everything that is searched for lies.
struct Range {
  std::int64_t from = 0;
  std::int64_t before = std::numeric_limits<std::int64_t>::max();
};

std::int64_t key_before(std::optional<Position> after) {
  return after ? static_cast<std::int64_t>(after->value) : std::numeric_limits<std::int64_t>::max();
}

/// Puts one key into `bound`; 0 when there is none.
Result<void> look_up(sqlite::Database& db, std::string_view sql, std::int64_t hour, std::int64_t& bound) {
  auto query = db.query(sql, hour);
  if (!query) return tl::unexpected<Error>(std::move(query.error()));
  const auto row = query->step();
  if (!row) return tl::unexpected<Error>(row.error());
  bound = query->integer(0);
  return {};
}

Result<Range> range_of(sqlite::Database& db, const OrderFilter& filter, std::optional<Position> after) {
  Range range{0, key_before(after)};
  if (filter.placed_before) {
    std::int64_t last = 0;
    auto found = look_up(db, "SELECT COALESCE(MAX(last_placed), 0) FROM order_hours WHERE hour <= ?",
                         hour_of(*filter.placed_before), last);
    if (!found) return tl::unexpected<Error>(std::move(found.error()));
    range.before = std::min(range.before, last + 1);
  }
  if (filter.placed_from) {
    auto found = look_up(db, "SELECT COALESCE(MIN(first_placed), 9223372036854775807) FROM order_hours WHERE hour >= ?",
                         hour_of(*filter.placed_from), range.from);
    if (!found) return tl::unexpected<Error>(std::move(found.error()));
  }
  return range;
}

/// Where to look, by the part of the filter that leaves the fewest orders to look at. Ends within a condition.
std::string_view source_of(const OrderFilter& filter) {
  if (filter.account) return "orders AS o INDEXED BY orders_by_account WHERE o.account_id = ?3 AND ";
  if (filter.product) {
    return "order_products AS p CROSS JOIN orders AS o ON o.placed = p.placed"
           " WHERE p.product_id = ?4 AND p.placed >= ?1 AND p.placed < ?2 AND ";
  }
  if (filter.state) return "orders AS o INDEXED BY orders_by_state WHERE o.state = ?5 AND ";
  return "orders AS o WHERE ";
}

constexpr std::string_view kColumns =
    "SELECT o.placed, o.order_id, o.account_id, o.state, o.total_minor, o.currency, o.item_count, o.lines, o.placed_at,"
    " o.updated_at FROM ";

/// The condition is spelled out only where it is asked for: the list of one's own orders is the one that is read most.
std::string sql_of(const OrderFilter& filter) {
  std::string sql(kColumns);
  sql += source_of(filter);
  sql += "o.placed >= ?1 AND o.placed < ?2";
  if (filter.product && filter.account) {
    sql += " AND EXISTS (SELECT 1 FROM order_products WHERE product_id = ?4 AND placed = o.placed)";
  }
  if (filter.state) sql += " AND o.state = ?5";
  if (filter.placed_from) sql += " AND o.placed_at >= ?6";
  if (filter.placed_before) sql += " AND o.placed_at < ?7";
  sql += filter.product && !filter.account ? " ORDER BY p.placed DESC LIMIT ?8" : " ORDER BY o.placed DESC LIMIT ?8";
  return sql;
}

/// `query` was asked for one row more than the page has, which tells whether there is another page.
Result<void> fill(OrderPage& page, sqlite::Query& query, std::size_t limit) {
  for (;;) {
    auto row = query.step();
    if (!row) return tl::unexpected<Error>(std::move(row.error()));
    if (!*row) return {};
    if (page.items.size() == limit) {
      page.next = page.items.back().placed;
      return {};
    }
    page.items.push_back(summary_from(query));
  }
}

}  // namespace

std::unique_ptr<Projection> make_orders_projection() {
  return std::make_unique<OrdersProjection>();
}

Result<std::unique_ptr<Orders>> Orders::open(const Follower& follower) {
  auto model = ReadModel::open(follower);
  if (!model) return tl::unexpected<Error>(std::move(model.error()));
  return std::unique_ptr<Orders>(new Orders(std::move(*model)));
}

Result<OrderPage> Orders::list(const OrderFilter& filter, std::size_t limit, std::optional<Position> after) {
  OrderPage page;
  const auto us = [](std::optional<Time> time) { return time ? std::optional(time->us) : std::nullopt; };
  const auto id = [](const auto& given) { return given ? std::optional(given->value) : std::nullopt; };
  auto position = model_->read([&](sqlite::Database& db) -> Result<void> {
    auto range = range_of(db, filter, after);
    if (!range) return tl::unexpected<Error>(std::move(range.error()));
    auto query =
        db.query(sql_of(filter), range->from, range->before, id(filter.account), id(filter.product), filter.state,
                 us(filter.placed_from), us(filter.placed_before), static_cast<std::int64_t>(limit) + 1);
    if (!query) return tl::unexpected<Error>(std::move(query.error()));
    return fill(page, *query, limit);
  });
  if (!position) return tl::unexpected<Error>(std::move(position.error()));
  page.position = *position;
  return page;
}

Result<std::vector<OrderId>> Orders::delivered(Time until, std::size_t limit) {
  std::vector<OrderId> found;
  auto position = model_->read([&](sqlite::Database& db) -> Result<void> {
    // A delivered order changes its state once more and nothing else, so it was last updated when it was delivered.
    auto query = db.query(
        "SELECT order_id FROM orders INDEXED BY orders_delivered WHERE state = 'delivered' AND updated_at <= ?"
        " ORDER BY updated_at LIMIT ?",
        until.us, static_cast<std::int64_t>(limit));
    if (!query) return tl::unexpected<Error>(std::move(query.error()));
    for (;;) {
      auto row = query->step();
      if (!row) return tl::unexpected<Error>(std::move(row.error()));
      if (!*row) return {};
      found.push_back(OrderId{query->id(0)});
    }
  });
  if (!position) return tl::unexpected<Error>(std::move(position.error()));
  return found;
}

}  // namespace souk
