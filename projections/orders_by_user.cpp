#include "projections/orders_by_user.hpp"

#include <limits>
#include <utility>

#include "engine/order/order.hpp"

namespace souk {

namespace {

constexpr const char* kTables =
    // The place in the log is the key: orders are only ever added at the end, and it sorts by age.
    "CREATE TABLE orders ("
    "  placed INTEGER PRIMARY KEY, order_id BLOB NOT NULL, account_id BLOB NOT NULL, state TEXT NOT NULL,"
    "  total_minor INTEGER NOT NULL, currency TEXT NOT NULL, item_count INTEGER NOT NULL, lines TEXT NOT NULL,"
    "  placed_at INTEGER NOT NULL, updated_at INTEGER NOT NULL);"
    "CREATE UNIQUE INDEX orders_by_id ON orders (order_id);"
    "CREATE INDEX orders_by_account ON orders (account_id);";  // each entry ends with the key

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
    return db.execute("INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                      static_cast<std::int64_t>(record.position.value), record.stream.id(), event.account.value,
                      name_of(order::OrderState::kPlaced), event.total.amount, event.total.currency.str(), item_count,
                      encode(lines), event.placed_at.us, record.recorded_at.us);
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
    if (updated && db.changes() != 1) {
      return fail(ErrorCode::kInternal, "projection.row_missing", record.type + " of an order that was never placed");
    }
    return updated;
  }
};

class OrdersByUserProjection final : public Projection {
 public:
  std::string_view name() const override { return "orders_by_user"; }
  std::uint32_t schema() const override { return 1; }
  std::vector<std::string_view> kinds() const override { return {Order::kKind}; }
  Result<void> create_tables(sqlite::Database& db) override { return db.run(kTables); }

  Result<void> apply(sqlite::Database& db, const EventRecord& record) override {
    auto event = decode_event<Order::Event>(record.type, record.schema, record.payload);
    if (!event) return tl::unexpected<Error>(std::move(event.error()));
    return std::visit([&](const auto& value) { return Applier{db, record}.on(value); }, *event);
  }
};

OrderSummary summary_from(const sqlite::Query& row) {
  OrderSummary order;
  order.placed = Position{static_cast<std::uint64_t>(row.integer(0))};
  order.id = OrderId{row.id(1)};
  order.state = row.text(2);
  order.total = Money{row.integer(3), Currency::parse(row.text(4)).value_or(Currency{})};
  order.item_count = row.integer(5);
  order.lines_json = row.text(6);
  order.placed_at = Time{row.integer(7)};
  order.updated_at = Time{row.integer(8)};
  return order;
}

}  // namespace

std::unique_ptr<Projection> make_orders_by_user_projection() {
  return std::make_unique<OrdersByUserProjection>();
}

Result<std::unique_ptr<OrdersByUser>> OrdersByUser::open(const Follower& follower) {
  auto model = ReadModel::open(follower);
  if (!model) return tl::unexpected<Error>(std::move(model.error()));
  return std::unique_ptr<OrdersByUser>(new OrdersByUser(std::move(*model)));
}

Result<OrderPage> OrdersByUser::list(AccountId account, std::size_t limit, std::optional<Position> after,
                                     std::optional<std::string_view> state) {
  OrderPage page;
  const auto before = after ? static_cast<std::int64_t>(after->value) : std::numeric_limits<std::int64_t>::max();
  auto position = model_->read([&](sqlite::Database& db) -> Result<void> {
    // One more than asked for tells whether there is another page.
    auto query = db.query(
        "SELECT placed, order_id, state, total_minor, currency, item_count, lines, placed_at, updated_at FROM orders "
        "WHERE account_id = ?1 AND placed < ?2 AND (?3 IS NULL OR state = ?3) ORDER BY placed DESC LIMIT ?4",
        account.value, before, state, static_cast<std::int64_t>(limit) + 1);
    if (!query) return tl::unexpected<Error>(std::move(query.error()));
    for (;;) {
      auto row = query->step();
      if (!row) return tl::unexpected<Error>(std::move(row.error()));
      if (!*row) return {};
      if (page.items.size() == limit) {
        page.next = page.items.back().placed;
        return {};
      }
      page.items.push_back(summary_from(*query));
    }
  });
  if (!position) return tl::unexpected<Error>(std::move(position.error()));
  page.position = *position;
  return page;
}

}  // namespace souk
