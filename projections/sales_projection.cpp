#include <algorithm>
#include <array>
#include <utility>

#include "engine/cart/cart.hpp"
#include "engine/guest_cart/guest_cart.hpp"
#include "engine/order/order.hpp"
#include "engine/product/product.hpp"
#include "projections/apply_as.hpp"
#include "projections/sales.hpp"

namespace souk {

namespace {

constexpr const char* kTables =
    "CREATE TABLE sales_orders ("
    "  placed INTEGER PRIMARY KEY, order_id BLOB NOT NULL, account_id BLOB NOT NULL, currency TEXT NOT NULL,"
    "  total_minor INTEGER NOT NULL, items INTEGER NOT NULL, state TEXT NOT NULL, paid_minor INTEGER NOT NULL);"
    "CREATE UNIQUE INDEX sales_orders_by_id ON sales_orders (order_id);"
    "CREATE TABLE sales_lines ("
    "  placed INTEGER NOT NULL, product_id BLOB NOT NULL, quantity INTEGER NOT NULL, total_minor INTEGER NOT NULL,"
    "  PRIMARY KEY (placed, product_id)) WITHOUT ROWID;"
    "CREATE TABLE sales_hours ("
    "  hour INTEGER NOT NULL, currency TEXT NOT NULL, placed INTEGER NOT NULL, placed_from_cart INTEGER NOT NULL,"
    "  placed_items INTEGER NOT NULL, placed_minor INTEGER NOT NULL, rejected INTEGER NOT NULL, paid INTEGER NOT NULL,"
    "  paid_items INTEGER NOT NULL, paid_minor INTEGER NOT NULL, cancelled INTEGER NOT NULL,"
    "  cancelled_minor INTEGER NOT NULL, refunded_minor INTEGER NOT NULL, PRIMARY KEY (hour, currency)) WITHOUT ROWID;"
    "CREATE TABLE cart_hours (hour INTEGER PRIMARY KEY, begun INTEGER NOT NULL);"
    "CREATE TABLE begun_carts (cart_id BLOB PRIMARY KEY) WITHOUT ROWID;"
    "CREATE TABLE product_hours ("
    "  hour INTEGER NOT NULL, product_id BLOB NOT NULL, currency TEXT NOT NULL, orders INTEGER NOT NULL,"
    "  items INTEGER NOT NULL, revenue_minor INTEGER NOT NULL, PRIMARY KEY (hour, product_id, currency)) WITHOUT ROWID;"
    // An empty category: none.
    "CREATE TABLE category_hours ("
    "  hour INTEGER NOT NULL, category_id BLOB NOT NULL, currency TEXT NOT NULL, items INTEGER NOT NULL,"
    "  revenue_minor INTEGER NOT NULL, PRIMARY KEY (hour, category_id, currency)) WITHOUT ROWID;"
    "CREATE TABLE cancellation_hours ("
    "  hour INTEGER NOT NULL, reason TEXT NOT NULL, currency TEXT NOT NULL, orders INTEGER NOT NULL,"
    "  total_minor INTEGER NOT NULL, PRIMARY KEY (hour, reason, currency)) WITHOUT ROWID;"
    "CREATE TABLE product_categories (product_id BLOB PRIMARY KEY, category_id BLOB NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE customers ("
    "  account_id BLOB NOT NULL, currency TEXT NOT NULL, placed INTEGER NOT NULL, paid INTEGER NOT NULL,"
    "  cancelled INTEGER NOT NULL, paid_minor INTEGER NOT NULL, refunded_minor INTEGER NOT NULL,"
    "  first_order_at INTEGER NOT NULL, last_order_at INTEGER NOT NULL,"
    "  PRIMARY KEY (account_id, currency)) WITHOUT ROWID;";

constexpr std::int64_t kHour = Duration::minutes(60).us;

/// What is known of an order that something happens to.
struct KnownOrder {
  std::int64_t placed = 0;
  Id128 account;
  std::string currency;
  std::int64_t total_minor = 0;
  std::int64_t items = 0;
  std::int64_t paid_minor = 0;
};

/// One event on its way into the tables. Every type of event of orders and products has its `on`, if only to say that
/// it changes nothing that is counted.
struct Applier {
  sqlite::Database& db;
  const EventRecord& record;

  [[nodiscard]] std::int64_t hour() const { return record.recorded_at.us / kHour; }

  Result<void> on(const order::Placed& event) {
    const auto placed = static_cast<std::int64_t>(record.position.value);
    const std::string currency(event.total.currency.str());
    std::int64_t items = 0;
    for (const auto& line : event.lines) items += line.quantity;
    auto done = db.execute("INSERT INTO sales_orders VALUES (?, ?, ?, ?, ?, ?, 'placed', 0)", placed,
                           record.stream.id(), event.account.value, currency, event.total.amount, items);
    for (std::size_t i = 0; done && i < event.lines.size(); ++i) {
      const auto& line = event.lines[i];
      done = db.execute("INSERT INTO sales_lines VALUES (?, ?, ?, ?)", placed, line.product.value, line.quantity,
                        line.unit_price.amount * line.quantity);
    }
    if (done) {
      done = count(currency,
                   "UPDATE sales_hours SET placed = placed + 1, placed_from_cart = placed_from_cart + ?3,"
                   " placed_items = placed_items + ?4, placed_minor = placed_minor + ?5"
                   " WHERE hour = ?1 AND currency = ?2",
                   std::int64_t{event.from_cart}, items, event.total.amount);
    }
    if (!done) return done;
    return db.execute(
        "INSERT INTO customers VALUES (?1, ?2, 1, 0, 0, 0, 0, ?3, ?3) ON CONFLICT DO UPDATE SET placed = placed + 1,"
        " last_order_at = ?3",
        event.account.value, currency, record.recorded_at.us);
  }

  Result<void> on(const order::Paid& event) {
    auto order = move_to("paid", event.amount.amount);
    if (!order) return tl::unexpected<Error>(std::move(order.error()));
    auto done = count(order->currency,
                      "UPDATE sales_hours SET paid = paid + 1, paid_items = paid_items + ?3,"
                      " paid_minor = paid_minor + ?4 WHERE hour = ?1 AND currency = ?2",
                      order->items, event.amount.amount);
    if (done) {
      done = db.execute(
          "UPDATE customers SET paid = paid + 1, paid_minor = paid_minor + ?3 WHERE account_id = ?1 AND"
          " currency = ?2",
          order->account, order->currency, event.amount.amount);
    }
    if (done) {
      done = db.execute(
          "INSERT INTO product_hours SELECT ?1, product_id, ?2, 1, quantity, total_minor FROM sales_lines WHERE"
          " placed = ?3 ON CONFLICT DO UPDATE SET orders = orders + 1, items = items + excluded.items,"
          " revenue_minor = revenue_minor + excluded.revenue_minor",
          hour(), order->currency, order->placed);
    }
    if (!done) return done;
    return db.execute(
        "INSERT INTO category_hours SELECT ?1, COALESCE(c.category_id, x''), ?2, l.quantity, l.total_minor"
        " FROM sales_lines AS l LEFT JOIN product_categories AS c ON c.product_id = l.product_id WHERE l.placed = ?3"
        " ON CONFLICT DO UPDATE SET items = items + excluded.items,"
        " revenue_minor = revenue_minor + excluded.revenue_minor",
        hour(), order->currency, order->placed);
  }

  Result<void> on(const order::Cancelled& event) {
    auto order = move_to("cancelled");
    if (!order) return tl::unexpected<Error>(std::move(order.error()));
    auto done = count(order->currency,
                      "UPDATE sales_hours SET cancelled = cancelled + 1, cancelled_minor = cancelled_minor + ?3"
                      " WHERE hour = ?1 AND currency = ?2",
                      order->total_minor);
    if (done) {
      done = db.execute("UPDATE customers SET cancelled = cancelled + 1 WHERE account_id = ?1 AND currency = ?2",
                        order->account, order->currency);
    }
    if (!done) return done;
    return db.execute(
        "INSERT INTO cancellation_hours VALUES (?1, ?2, ?3, 1, ?4) ON CONFLICT DO UPDATE SET"
        " orders = orders + 1, total_minor = total_minor + excluded.total_minor",
        hour(), name_of(event.reason), order->currency, order->total_minor);
  }

  Result<void> on(const order::Rejected& /*event*/) {
    auto order = move_to("rejected");
    if (!order) return tl::unexpected<Error>(std::move(order.error()));
    return count(order->currency, "UPDATE sales_hours SET rejected = rejected + 1 WHERE hour = ?1 AND currency = ?2");
  }

  Result<void> on(const order::Refunded& event) {
    auto order = find();
    if (!order) return tl::unexpected<Error>(std::move(order.error()));
    // A payment that came too late is given back as well, and never was revenue.
    if (order->paid_minor == 0) return {};
    auto done = count(order->currency,
                      "UPDATE sales_hours SET refunded_minor = refunded_minor + ?3 WHERE hour = ?1 AND currency = ?2",
                      event.amount.amount);
    if (!done) return done;
    return db.execute(
        "UPDATE customers SET refunded_minor = refunded_minor + ?3 WHERE account_id = ?1 AND currency = ?2",
        order->account, order->currency, event.amount.amount);
  }

  Result<void> on(const order::LineReserved& /*event*/) { return {}; }
  Result<void> on(const order::LineRefused& /*event*/) { return {}; }
  Result<void> on(const order::AwaitingPayment& /*event*/) { return {}; }
  Result<void> on(const order::ReservationReturned& /*event*/) { return {}; }
  Result<void> on(const order::PaymentReturned& /*event*/) { return {}; }
  Result<void> on(const order::PaymentOpened& /*event*/) { return {}; }
  Result<void> on(const order::PaymentUnwanted& /*event*/) { return {}; }
  Result<void> on(const order::Shipped& /*event*/) { return {}; }
  Result<void> on(const order::Delivered& /*event*/) { return {}; }
  Result<void> on(const order::Completed& /*event*/) { return {}; }
  Result<void> on(const order::RefundRequested& /*event*/) { return {}; }
  Result<void> on(const order::ClosedRefunded& /*event*/) { return {}; }

  Result<void> on(const product::Created& event) { return set_category(event.category_id); }
  Result<void> on(const product::Changed& event) {
    return event.category_id ? set_category(*event.category_id) : Result<void>{};
  }
  Result<void> on(const product::Published& /*event*/) { return {}; }
  Result<void> on(const product::Withdrawn& /*event*/) { return {}; }
  Result<void> on(const product::Deleted& /*event*/) { return {}; }
  Result<void> on(const product::Restored& /*event*/) { return {}; }

  /// A cart into which something was put.
  Result<void> begin_cart() {
    auto begun = keep_cart();
    if (!begun || db.changes() == 0) return begun;
    return db.execute("INSERT INTO cart_hours VALUES (?, 1) ON CONFLICT DO UPDATE SET begun = begun + 1", hour());
  }
  /// A guest's cart, which was counted when it began, goes on as an account's.
  Result<void> merge_cart() {
    auto event = decode_event<Cart::Event>(record.type, record.schema, record.payload);
    if (!event) return tl::unexpected<Error>(std::move(event.error()));
    return std::get<cart::Merged>(*event).lines.empty() ? Result<void>{} : keep_cart();
  }
  Result<void> end_cart() { return db.execute("DELETE FROM begun_carts WHERE cart_id = ?", record.stream.id()); }

 private:
  Result<void> keep_cart() { return db.execute("INSERT OR IGNORE INTO begun_carts VALUES (?)", record.stream.id()); }
  Result<void> set_category(std::optional<CategoryId> category) {
    if (!category || category->empty()) {
      return db.execute("DELETE FROM product_categories WHERE product_id = ?", record.stream.id());
    }
    return db.execute("INSERT OR REPLACE INTO product_categories VALUES (?, ?)", record.stream.id(), category->value);
  }

  /// In the row of this hour, which is made if it is not there.
  template <class... Values>
  Result<void> count(const std::string& currency, std::string_view update, const Values&... values) {
    auto done = db.execute(update, hour(), currency, values...);
    if (!done || db.changes() > 0) return done;
    done = db.execute("INSERT INTO sales_hours VALUES (?, ?, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)", hour(), currency);
    if (done) done = db.execute(update, hour(), currency, values...);
    return done;
  }

  /// A place of 0: it was never placed.
  Result<KnownOrder> find() {
    auto query = db.query(
        "SELECT placed, account_id, currency, total_minor, items, paid_minor FROM sales_orders WHERE order_id = ?",
        record.stream.id());
    if (!query) return tl::unexpected<Error>(std::move(query.error()));
    auto row = query->step();
    if (!row) return tl::unexpected<Error>(std::move(row.error()));
    if (!*row) return KnownOrder{};
    return KnownOrder{query->integer(0), query->id(1),      std::string(query->text(2)),
                      query->integer(3), query->integer(4), query->integer(5)};
  }

  Result<KnownOrder> move_to(std::string_view state, std::int64_t paid_minor = 0) {
    auto order = find();
    if (!order) return order;
    if (order->placed == 0) return row_missing(record, "an order that was never placed");
    auto done = db.execute("UPDATE sales_orders SET state = ?, paid_minor = paid_minor + ? WHERE placed = ?", state,
                           paid_minor, order->placed);
    if (!done) return tl::unexpected<Error>(std::move(done.error()));
    return order;
  }
};

// Of a cart only its beginning and its end count, which the types of its events tell.
constexpr std::array kCartBegins{cart::ItemAdded::kType, cart::ItemSet::kType, guest_cart::LinePut::kType};
constexpr std::array kCartEnds{cart::Cleared::kType, cart::Ordered::kType, guest_cart::Cleared::kType,
                               guest_cart::Spent::kType, guest_cart::Expired::kType};
constexpr std::array kCartOther{cart::ItemSelected::kType, cart::ItemRemoved::kType, guest_cart::Opened::kType,
                                guest_cart::LineRemoved::kType, guest_cart::Merged::kType};
/// Of orders, the most frequent ones that change nothing here: they need not be decoded.
constexpr std::array kOrderOther{order::LineReserved::kType, order::AwaitingPayment::kType,
                                 order::PaymentOpened::kType};

template <class Types>
bool is_one_of(const Types& types, std::string_view type) {
  return std::ranges::find(types, type) != types.end();
}

class SalesProjection final : public Projection {
 public:
  std::string_view name() const override { return "sales"; }
  std::uint32_t schema() const override { return 1; }
  std::vector<std::string_view> kinds() const override {
    return {Order::kKind, Cart::kKind, GuestCart::kKind, Product::kKind};
  }
  Result<void> create_tables(sqlite::Database& db) override { return db.run(kTables); }

  Result<void> apply(sqlite::Database& db, const EventRecord& record) override {
    if (record.stream.kind() == Product::kKind) return apply_as<Product, Applier>(db, record);
    if (record.stream.kind() != Order::kKind) return apply_cart(Applier{db, record});
    return is_one_of(kOrderOther, record.type) ? Result<void>{} : apply_as<Order, Applier>(db, record);
  }

 private:
  static Result<void> apply_cart(Applier applier) {
    const std::string& type = applier.record.type;
    if (is_one_of(kCartBegins, type)) return applier.begin_cart();
    if (is_one_of(kCartEnds, type)) return applier.end_cart();
    if (is_one_of(kCartOther, type)) return {};
    if (type == cart::Merged::kType) return applier.merge_cart();
    return fail(ErrorCode::kInternal, "event.unknown_type", type);
  }
};

}  // namespace

std::unique_ptr<Projection> make_sales_projection() {
  return std::make_unique<SalesProjection>();
}

}  // namespace souk
