#include "projections/stock_levels.hpp"

#include <utility>

#include "engine/stock/stock.hpp"
#include "projections/apply_as.hpp"

namespace souk {

namespace {

constexpr const char* kTables =
    "CREATE TABLE levels ("
    "  first INTEGER PRIMARY KEY, product_id BLOB NOT NULL UNIQUE, mode TEXT NOT NULL, on_hand INTEGER NOT NULL,"
    "  reserved INTEGER NOT NULL, holds INTEGER NOT NULL, received INTEGER NOT NULL, adjusted INTEGER NOT NULL,"
    "  restocked INTEGER NOT NULL, sold INTEGER NOT NULL, updated_at INTEGER NOT NULL);"
    "CREATE TABLE holds ("
    "  order_id BLOB NOT NULL, product_id BLOB NOT NULL, quantity INTEGER NOT NULL, since INTEGER NOT NULL,"
    "  PRIMARY KEY (product_id, order_id)) WITHOUT ROWID;";

/// One event of a stock on its way into the tables. Every type of event has its `on`, if only to say that it changes no
/// level.
struct Applier {
  sqlite::Database& db;
  const EventRecord& record;

  Result<void> on(const stock::Received& event) {
    return change(
        "UPDATE levels SET on_hand = on_hand + ?3, received = received + ?3, updated_at = ?2"
        " WHERE product_id = ?1",
        event.quantity);
  }
  Result<void> on(const stock::Adjusted& event) {
    return change(
        "UPDATE levels SET on_hand = on_hand + ?3, adjusted = adjusted + ?3, updated_at = ?2"
        " WHERE product_id = ?1",
        event.to - event.from);
  }
  Result<void> on(const stock::Restocked& event) {
    return change(
        "UPDATE levels SET on_hand = on_hand + ?3, restocked = restocked + ?3, updated_at = ?2"
        " WHERE product_id = ?1",
        event.quantity);
  }
  Result<void> on(const stock::Reserved& event) {
    auto held = db.execute("INSERT INTO holds VALUES (?, ?, ?, ?)", event.order.value, record.stream.id(),
                           event.quantity, record.recorded_at.us);
    if (!held) return held;
    return change(
        "UPDATE levels SET reserved = reserved + ?3, holds = holds + 1, updated_at = ?2 WHERE product_id = ?1",
        event.quantity);
  }
  Result<void> on(const stock::Released& event) {
    auto freed = free(event.order);
    if (!freed) return freed;
    return change(
        "UPDATE levels SET reserved = reserved - ?3, holds = holds - 1, updated_at = ?2 WHERE product_id = ?1",
        event.quantity);
  }
  Result<void> on(const stock::Deducted& event) {
    auto freed = free(event.order);
    if (!freed) return freed;
    return change(
        "UPDATE levels SET reserved = reserved - ?3, holds = holds - 1, on_hand = on_hand - ?3,"
        " sold = sold + ?3, updated_at = ?2 WHERE product_id = ?1",
        event.quantity);
  }
  Result<void> on(const stock::Configured& event) {
    return db.execute("UPDATE levels SET mode = ?, updated_at = ? WHERE product_id = ?", name_of(event.mode),
                      record.recorded_at.us, record.stream.id());
  }
  Result<void> on(const stock::ReservationRefused& /*event*/) { return {}; }
  Result<void> on(const stock::Low& /*event*/) { return {}; }
  Result<void> on(const stock::Replenished& /*event*/) { return {}; }

 private:
  Result<void> change(std::string_view update, std::int64_t quantity) {
    return db.execute(update, record.stream.id(), record.recorded_at.us, quantity);
  }
  Result<void> free(OrderId order) {
    auto freed = db.execute("DELETE FROM holds WHERE product_id = ? AND order_id = ?", record.stream.id(), order.value);
    return one_row(db, std::move(freed), record, "what was not reserved");
  }
};

class StockLevelsProjection final : public Projection {
 public:
  std::string_view name() const override { return "stock_levels"; }
  std::uint32_t schema() const override { return 1; }
  std::vector<std::string_view> kinds() const override { return {Stock::kKind}; }
  Result<void> create_tables(sqlite::Database& db) override { return db.run(kTables); }

  Result<void> apply(sqlite::Database& db, const EventRecord& record) override {
    if (record.version == Version{1}) {
      auto added =
          db.execute("INSERT INTO levels VALUES (?, ?, 'tracked', 0, 0, 0, 0, 0, 0, 0, ?)",
                     static_cast<std::int64_t>(record.position.value), record.stream.id(), record.recorded_at.us);
      if (!added) return added;
    }
    return apply_as<Stock, Applier>(db, record);
  }
};

StockLevel level_from(const sqlite::Query& row) {
  return {ProductId{row.id(1)}, std::string(row.text(2)), row.integer(3), row.integer(4), row.integer(5),
          row.integer(6),       row.integer(7),           row.integer(8), row.integer(9), Time{row.integer(10)}};
}

}  // namespace

std::unique_ptr<Projection> make_stock_levels_projection() {
  return std::make_unique<StockLevelsProjection>();
}

Result<std::unique_ptr<StockLevels>> StockLevels::open(const Follower& follower) {
  auto model = ReadModel::open(follower);
  if (!model) return tl::unexpected<Error>(std::move(model.error()));
  return std::unique_ptr<StockLevels>(new StockLevels(std::move(*model)));
}

Result<StockLevelPage> StockLevels::list(std::size_t limit, std::optional<Position> after) {
  StockLevelPage page;
  auto position = model_->read([&](sqlite::Database& db) -> Result<void> {
    auto query =
        db.query("SELECT * FROM levels WHERE first > ? ORDER BY first LIMIT ?",
                 static_cast<std::int64_t>(after.value_or(Position{}).value), static_cast<std::int64_t>(limit) + 1);
    if (!query) return tl::unexpected<Error>(std::move(query.error()));
    Position last;
    for (;;) {
      auto row = query->step();
      if (!row) return tl::unexpected<Error>(std::move(row.error()));
      if (!*row) return {};
      if (page.rows.size() == limit) {
        page.next = last;
        return {};
      }
      last = Position{static_cast<std::uint64_t>(query->integer(0))};
      page.rows.push_back(level_from(*query));
    }
  });
  if (!position) return tl::unexpected<Error>(std::move(position.error()));
  page.position = *position;
  return page;
}

Result<Position> StockLevels::each(const std::function<void(const StockLevel&)>& tell) {
  return model_->read([&](sqlite::Database& db) -> Result<void> {
    auto query = db.query("SELECT * FROM levels ORDER BY first");
    if (!query) return tl::unexpected<Error>(std::move(query.error()));
    for (;;) {
      auto row = query->step();
      if (!row) return tl::unexpected<Error>(std::move(row.error()));
      if (!*row) return {};
      tell(level_from(*query));
    }
  });
}

}  // namespace souk
