#include "projections/guest_carts.hpp"

#include <utility>

#include "engine/guest_cart/guest_cart.hpp"
#include "projections/apply_as.hpp"

namespace souk {

namespace {

constexpr const char* kTables =
    "CREATE TABLE guest_carts ("
    "  cart_id BLOB PRIMARY KEY, version INTEGER NOT NULL, ttl_us INTEGER NOT NULL, changed_at INTEGER NOT NULL,"
    "  expires_at INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE INDEX guest_carts_by_expiry ON guest_carts (expires_at);";

constexpr std::int64_t kSecondUs = 1'000'000;

/// One event of a guest's cart on its way into the table: it is there as long as it can be used.
struct Applier {
  sqlite::Database& db;
  const EventRecord& record;

  Result<void> on(const guest_cart::Opened& event) {
    const std::int64_t ttl_us = event.ttl_s * kSecondUs;
    return db.execute("INSERT INTO guest_carts VALUES (?, ?, ?, ?, ?)", record.stream.id(), version(), ttl_us,
                      record.recorded_at.us, record.recorded_at.us + ttl_us);
  }
  Result<void> on(const guest_cart::LinePut& /*event*/) { return changed(); }
  Result<void> on(const guest_cart::LineRemoved& /*event*/) { return changed(); }
  Result<void> on(const guest_cart::Cleared& /*event*/) { return changed(); }
  Result<void> on(const guest_cart::Spent& /*event*/) { return gone(); }
  Result<void> on(const guest_cart::Expired& /*event*/) { return gone(); }
  Result<void> on(const guest_cart::Merged& /*event*/) { return {}; }

  Result<void> changed() {
    return db.execute(
        "UPDATE guest_carts SET version = ?1, changed_at = ?2, expires_at = ?2 + ttl_us WHERE cart_id = ?3", version(),
        record.recorded_at.us, record.stream.id());
  }
  Result<void> gone() { return db.execute("DELETE FROM guest_carts WHERE cart_id = ?", record.stream.id()); }
  [[nodiscard]] std::int64_t version() const { return static_cast<std::int64_t>(record.version.value); }
};

class GuestCartsProjection final : public Projection {
 public:
  std::string_view name() const override { return "guest_carts"; }
  std::uint32_t schema() const override { return 1; }
  std::vector<std::string_view> kinds() const override { return {GuestCart::kKind}; }
  Result<void> create_tables(sqlite::Database& db) override { return db.run(kTables); }

  Result<void> apply(sqlite::Database& db, const EventRecord& record) override {
    return apply_as<GuestCart, Applier>(db, record);
  }
};

}  // namespace

std::unique_ptr<Projection> make_guest_carts_projection() {
  return std::make_unique<GuestCartsProjection>();
}

Result<std::unique_ptr<GuestCarts>> GuestCarts::open(const Follower& follower) {
  auto model = ReadModel::open(follower);
  if (!model) return tl::unexpected<Error>(std::move(model.error()));
  return std::unique_ptr<GuestCarts>(new GuestCarts(std::move(*model)));
}

Result<std::vector<ExpiredGuestCart>> GuestCarts::expired(Time now, std::size_t limit) {
  std::vector<ExpiredGuestCart> found;
  auto position = model_->read([&](sqlite::Database& db) -> Result<void> {
    auto query = db.query(
        "SELECT cart_id, version, expires_at FROM guest_carts WHERE expires_at <= ? ORDER BY expires_at LIMIT ?",
        now.us, static_cast<std::int64_t>(limit));
    if (!query) return tl::unexpected<Error>(std::move(query.error()));
    for (;;) {
      auto row = query->step();
      if (!row) return tl::unexpected<Error>(std::move(row.error()));
      if (!*row) return {};
      found.push_back(
          {CartId{query->id(0)}, Version{static_cast<std::uint64_t>(query->integer(1))}, Time{query->integer(2)}});
    }
  });
  if (!position) return tl::unexpected<Error>(std::move(position.error()));
  return found;
}

Result<std::int64_t> GuestCarts::count() {
  std::int64_t count = 0;
  auto position = model_->read([&](sqlite::Database& db) -> Result<void> {
    auto query = db.query("SELECT count(*) FROM guest_carts");
    if (!query) return tl::unexpected<Error>(std::move(query.error()));
    auto row = query->step();
    if (!row) return tl::unexpected<Error>(std::move(row.error()));
    count = query->integer(0);
    return {};
  });
  if (!position) return tl::unexpected<Error>(std::move(position.error()));
  return count;
}

}  // namespace souk
