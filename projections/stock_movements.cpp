#include "projections/stock_movements.hpp"

#include <limits>
#include <utility>

#include "engine/stock/stock.hpp"
#include "projections/apply_as.hpp"

namespace souk {

namespace {

constexpr const char* kTables =
    "CREATE TABLE movements ("
    "  position INTEGER PRIMARY KEY, product_id BLOB NOT NULL, kind TEXT NOT NULL, change INTEGER NOT NULL,"
    "  balance INTEGER NOT NULL, reason TEXT NOT NULL, order_id BLOB, refund_id BLOB, at INTEGER NOT NULL);"
    "CREATE INDEX movements_by_product ON movements (product_id);"  // each entry ends with the key
    "CREATE TABLE stocks ("
    "  first INTEGER PRIMARY KEY, product_id BLOB NOT NULL UNIQUE, low_position INTEGER, low_since INTEGER);"
    "CREATE INDEX stocks_low ON stocks (low_position) WHERE low_position IS NOT NULL;";

/// One event of a stock on its way into the tables. Every type of event has its `on`, if only to say that nothing
/// moved.
struct Applier {
  sqlite::Database& db;
  const EventRecord& record;

  Result<void> on(const stock::Received& event) { return move("received", event.quantity, event.reason); }
  Result<void> on(const stock::Adjusted& event) { return move("adjusted", event.to - event.from, event.reason); }
  Result<void> on(const stock::Deducted& event) { return move("sold", -event.quantity, "", event.order.value); }
  Result<void> on(const stock::Restocked& event) {
    return move("restocked", event.quantity, "", event.order.value, event.refund.value);
  }
  Result<void> on(const stock::Low& /*event*/) { return set_low(true); }
  Result<void> on(const stock::Replenished& /*event*/) { return set_low(false); }
  Result<void> on(const stock::Configured& event) {
    if (event.mode == stock::Mode::kTracked && event.low_threshold) return {};
    return set_low(false);
  }
  Result<void> on(const stock::Reserved& /*event*/) { return {}; }
  Result<void> on(const stock::ReservationRefused& /*event*/) { return {}; }
  Result<void> on(const stock::Released& /*event*/) { return {}; }

  Result<void> move(std::string_view kind, std::int64_t change, std::string_view reason,
                    std::optional<Id128> order = {}, std::optional<Id128> refund = {}) {
    return db.execute(
        "INSERT INTO movements SELECT ?1, ?2, ?3, ?4, ?4 + COALESCE((SELECT balance FROM movements"
        " WHERE product_id = ?2 ORDER BY position DESC LIMIT 1), 0), ?5, ?6, ?7, ?8",
        static_cast<std::int64_t>(record.position.value), record.stream.id(), kind, change, reason, order, refund,
        record.recorded_at.us);
  }

  Result<void> set_low(bool low) {
    std::optional<std::int64_t> position;
    std::optional<std::int64_t> since;
    if (low) {
      position = static_cast<std::int64_t>(record.position.value);
      since = record.recorded_at.us;
    }
    return db.execute("UPDATE stocks SET low_position = ?, low_since = ? WHERE product_id = ?", position, since,
                      record.stream.id());
  }
};

/// Most events of a stock move nothing; they need not be decoded.
bool moves(std::string_view type) {
  return type != stock::Reserved::kType && type != stock::Released::kType;
}

class StockMovementsProjection final : public Projection {
 public:
  std::string_view name() const override { return "stock_movements"; }
  std::uint32_t schema() const override { return 1; }
  std::vector<std::string_view> kinds() const override { return {Stock::kKind}; }
  Result<void> create_tables(sqlite::Database& db) override { return db.run(kTables); }

  Result<void> apply(sqlite::Database& db, const EventRecord& record) override {
    if (record.version == Version{1}) {
      auto added = db.execute("INSERT INTO stocks VALUES (?, ?, NULL, NULL)",
                              static_cast<std::int64_t>(record.position.value), record.stream.id());
      if (!added) return added;
    }
    return moves(record.type) ? apply_as<Stock, Applier>(db, record) : Result<void>{};
  }
};

StockMovement movement_from(const sqlite::Query& row) {
  StockMovement movement;
  movement.position = Position{static_cast<std::uint64_t>(row.integer(0))};
  movement.kind = row.text(1);
  movement.change = row.integer(2);
  movement.balance = row.integer(3);
  movement.reason = row.text(4);
  if (!row.is_null(5)) movement.order = OrderId{row.id(5)};
  if (!row.is_null(6)) movement.refund = RefundId{row.id(6)};
  movement.at = Time{row.integer(7)};
  return movement;
}

/// Reads up to `limit` rows; one more than that tells that there is another page, behind the last one's key.
template <class Page, class Make, class Key>
Result<void> fill(sqlite::Query& query, std::size_t limit, Page& page, Make make, Key key) {
  for (;;) {
    auto row = query.step();
    if (!row) return tl::unexpected<Error>(std::move(row.error()));
    if (!*row) return {};
    if (page.items.size() == limit) {
      page.next = key(page.items.back());
      return {};
    }
    page.items.push_back(make(query));
  }
}

StockEntry entry_from(const sqlite::Query& row) {
  StockEntry entry{ProductId{row.id(0)}, Position{static_cast<std::uint64_t>(row.integer(1))}, std::nullopt};
  if (!row.is_null(2)) entry.low_since = Time{row.integer(2)};
  return entry;
}

}  // namespace

std::unique_ptr<Projection> make_stock_movements_projection() {
  return std::make_unique<StockMovementsProjection>();
}

Result<std::unique_ptr<StockMovements>> StockMovements::open(const Follower& follower) {
  auto model = ReadModel::open(follower);
  if (!model) return tl::unexpected<Error>(std::move(model.error()));
  return std::unique_ptr<StockMovements>(new StockMovements(std::move(*model)));
}

Result<StockMovementPage> StockMovements::list(ProductId product, std::size_t limit, std::optional<Position> after) {
  StockMovementPage page;
  const auto before = after ? static_cast<std::int64_t>(after->value) : std::numeric_limits<std::int64_t>::max();
  auto position = model_->read([&](sqlite::Database& db) -> Result<void> {
    auto query = db.query(
        "SELECT position, kind, change, balance, reason, order_id, refund_id, at FROM movements "
        "WHERE product_id = ? AND position < ? ORDER BY position DESC LIMIT ?",
        product.value, before, static_cast<std::int64_t>(limit) + 1);
    if (!query) return tl::unexpected<Error>(std::move(query.error()));
    return fill(*query, limit, page, movement_from, [](const StockMovement& last) { return last.position; });
  });
  if (!position) return tl::unexpected<Error>(std::move(position.error()));
  page.position = *position;
  return page;
}

Result<StockEntryPage> StockMovements::stocks(bool low_only, std::size_t limit, std::optional<Position> after) {
  StockEntryPage page;
  const auto behind = after ? static_cast<std::int64_t>(after->value) : 0;
  auto position = model_->read([&](sqlite::Database& db) -> Result<void> {
    auto query = db.query(low_only ? "SELECT product_id, low_position, low_since FROM stocks "
                                     "WHERE low_position > ? ORDER BY low_position LIMIT ?"
                                   : "SELECT product_id, first, low_since FROM stocks "
                                     "WHERE first > ? ORDER BY first LIMIT ?",
                          behind, static_cast<std::int64_t>(limit) + 1);
    if (!query) return tl::unexpected<Error>(std::move(query.error()));
    return fill(*query, limit, page, entry_from, [](const StockEntry& last) { return last.key; });
  });
  if (!position) return tl::unexpected<Error>(std::move(position.error()));
  page.position = *position;
  return page;
}

}  // namespace souk
