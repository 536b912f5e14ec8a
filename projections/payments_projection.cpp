#include "engine/payment/payment.hpp"
#include "projections/apply_as.hpp"
#include "projections/payments.hpp"

namespace souk {
namespace {

constexpr const char* kTables =
    // The place in the log is the key: payments are only ever added at the end, and it sorts by age.
    "CREATE TABLE payments ("
    "  started INTEGER PRIMARY KEY, payment_id BLOB NOT NULL, order_id BLOB NOT NULL, account_id BLOB NOT NULL,"
    "  provider TEXT NOT NULL, amount_minor INTEGER NOT NULL, currency TEXT NOT NULL, state TEXT NOT NULL,"
    "  captured_minor INTEGER NOT NULL, captured_at INTEGER, refunded_minor INTEGER NOT NULL,"
    "  reference TEXT NOT NULL, started_at INTEGER NOT NULL, updated_at INTEGER NOT NULL);"
    "CREATE UNIQUE INDEX payments_by_id ON payments (payment_id);"
    "CREATE INDEX payments_by_order ON payments (order_id);"  // each entry ends with the key
    "CREATE INDEX payments_by_day ON payments (provider, captured_at) WHERE captured_at IS NOT NULL;"
    "CREATE TABLE payment_refunds ("
    "  payment_id BLOB NOT NULL, refund_id BLOB NOT NULL, amount_minor INTEGER NOT NULL, refunded_at INTEGER NOT NULL,"
    "  PRIMARY KEY (payment_id, refund_id)) WITHOUT ROWID;"
    "CREATE INDEX payment_refunds_by_day ON payment_refunds (refunded_at);"
    "CREATE TABLE payment_alerts ("
    "  position INTEGER PRIMARY KEY, payment_id BLOB NOT NULL, refund_id BLOB, reason TEXT NOT NULL, at INTEGER NOT "
    "NULL);"
    "CREATE INDEX payment_alerts_by_refund ON payment_alerts (payment_id, refund_id) WHERE refund_id IS NOT NULL;"
    "CREATE TABLE reconciliations ("
    "  begun INTEGER PRIMARY KEY, reconciliation_id BLOB NOT NULL, provider TEXT NOT NULL, day TEXT NOT NULL,"
    "  comparisons INTEGER NOT NULL, compared_at INTEGER, problem TEXT);"
    "CREATE UNIQUE INDEX reconciliations_by_id ON reconciliations (reconciliation_id);"
    "CREATE TABLE reconciliation_differences ("
    "  reconciliation_id BLOB NOT NULL, number INTEGER NOT NULL, gone INTEGER NOT NULL, settled INTEGER NOT NULL,"
    "  PRIMARY KEY (reconciliation_id, number)) WITHOUT ROWID;";

/// One event of a payment on its way into the tables. Every type of event has its `on`, if only to say that it does
/// not show.
struct PaymentApplier {
  sqlite::Database& db;
  const EventRecord& record;

  Result<void> on(const payment::Started& event) {
    return db.execute("INSERT INTO payments VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, NULL, 0, '', ?, ?)",
                      static_cast<std::int64_t>(record.position.value), record.stream.id(), event.order.value,
                      event.account.value, event.provider, event.amount.amount, event.amount.currency.str(),
                      name_of(payment::Status::kStarted), event.at.us, record.recorded_at.us);
  }
  Result<void> on(const payment::Succeeded& event) {
    return updated(
        db.execute("UPDATE payments SET state = ?, captured_minor = ?, captured_at = ?, reference = ?, "
                   "updated_at = ? WHERE payment_id = ?",
                   name_of(payment::Status::kSucceeded), event.amount.amount, event.at.us, event.provider_reference,
                   record.recorded_at.us, record.stream.id()));
  }
  Result<void> on(const payment::Failed& /*event*/) { return move_to(payment::Status::kFailed); }
  Result<void> on(const payment::Closed& /*event*/) { return move_to(payment::Status::kClosed); }
  Result<void> on(const payment::Refunded& event) {
    auto done = db.execute("INSERT INTO payment_refunds VALUES (?, ?, ?, ?)", record.stream.id(), event.attempt.value,
                           event.amount.amount, event.at.us);
    // A refund that was made after all needs nobody any more.
    if (done) {
      done = db.execute("DELETE FROM payment_alerts WHERE payment_id = ? AND refund_id = ?", record.stream.id(),
                        event.attempt.value);
    }
    if (!done) return done;
    return updated(
        db.execute("UPDATE payments SET refunded_minor = refunded_minor + ?, updated_at = ? "
                   "WHERE payment_id = ?",
                   event.amount.amount, record.recorded_at.us, record.stream.id()));
  }
  Result<void> on(const payment::ReportRefused& event) { return alert({}, event.reason, event.at); }
  Result<void> on(const payment::RefundFailed& event) { return alert(event.attempt.value, "refund_refused", event.at); }

  Result<void> on(const payment::Created& /*event*/) { return {}; }
  Result<void> on(const payment::CreationFailed& /*event*/) { return {}; }
  Result<void> on(const payment::CreationRepeated& /*event*/) { return {}; }
  Result<void> on(const payment::QueryRequested& /*event*/) { return {}; }
  Result<void> on(const payment::CloseRequested& /*event*/) { return {}; }
  Result<void> on(const payment::Reported& /*event*/) { return {}; }
  Result<void> on(const payment::RefundRequested& /*event*/) { return {}; }
  Result<void> on(const payment::RefundsRepeated& /*event*/) { return {}; }
  // This one may even come to a payment that was never started.
  Result<void> on(const payment::RefundDeclined& /*event*/) { return {}; }

  Result<void> alert(std::optional<Id128> refund, std::string_view reason, Time at) {
    return db.execute("INSERT INTO payment_alerts VALUES (?, ?, ?, ?, ?)",
                      static_cast<std::int64_t>(record.position.value), record.stream.id(), refund, reason, at.us);
  }
  Result<void> move_to(payment::Status status) {
    return updated(db.execute("UPDATE payments SET state = ?, updated_at = ? WHERE payment_id = ?", name_of(status),
                              record.recorded_at.us, record.stream.id()));
  }
  Result<void> updated(Result<void> done) {
    return one_row(db, std::move(done), record, "a payment that was never started");
  }
};

/// The same for a reconciliation.
struct ReconciliationApplier {
  sqlite::Database& db;
  const EventRecord& record;

  Result<void> on(const reconciliation::Compared& event) {
    auto done = begin(event.provider, event.day);
    if (done) {
      done = db.execute(
          "UPDATE reconciliations SET comparisons = comparisons + 1, compared_at = ?, problem = NULL "
          "WHERE reconciliation_id = ?",
          event.at.us, record.stream.id());
    }
    for (std::size_t i = 0; done && i < event.found.size(); ++i) {
      done = db.execute(
          "INSERT INTO reconciliation_differences SELECT ?1, 1 + count(*), 0, 0 FROM "
          "reconciliation_differences WHERE reconciliation_id = ?1",
          record.stream.id());
    }
    for (std::size_t i = 0; done && i < event.gone.size(); ++i) done = set_gone(event.gone[i], 1);
    for (std::size_t i = 0; done && i < event.back.size(); ++i) done = set_gone(event.back[i], 0);
    return done;
  }
  Result<void> on(const reconciliation::Failed& event) {
    auto done = begin(event.provider, event.day);
    if (!done) return done;
    return db.execute("UPDATE reconciliations SET problem = ? WHERE reconciliation_id = ?", event.problem,
                      record.stream.id());
  }
  Result<void> on(const reconciliation::DifferenceSettled& event) {
    return db.execute("UPDATE reconciliation_differences SET settled = 1 WHERE reconciliation_id = ? AND number = ?",
                      record.stream.id(), event.number);
  }

  Result<void> begin(const std::string& provider, const std::string& day) {
    return db.execute("INSERT OR IGNORE INTO reconciliations VALUES (?, ?, ?, ?, 0, NULL, NULL)",
                      static_cast<std::int64_t>(record.position.value), record.stream.id(), provider, day);
  }
  Result<void> set_gone(std::int64_t number, std::int64_t gone) {
    return db.execute("UPDATE reconciliation_differences SET gone = ? WHERE reconciliation_id = ? AND number = ?", gone,
                      record.stream.id(), number);
  }
};

class PaymentsProjection final : public Projection {
 public:
  std::string_view name() const override { return "payments"; }
  std::uint32_t schema() const override { return 3; }
  std::vector<std::string_view> kinds() const override { return {Payment::kKind, Reconciliation::kKind}; }
  Result<void> create_tables(sqlite::Database& db) override { return db.run(kTables); }

  Result<void> apply(sqlite::Database& db, const EventRecord& record) override {
    if (record.stream.kind() == Reconciliation::kKind) {
      return apply_as<Reconciliation, ReconciliationApplier>(db, record);
    }
    return apply_as<Payment, PaymentApplier>(db, record);
  }
};

}  // namespace

std::unique_ptr<Projection> make_payments_projection() {
  return std::make_unique<PaymentsProjection>();
}

}  // namespace souk
