#include "projections/payments.hpp"

#include <limits>
#include <set>
#include <utility>

namespace souk {
namespace {

std::int64_t key_of(std::optional<Position> after) {
  return after ? static_cast<std::int64_t>(after->value) : std::numeric_limits<std::int64_t>::max();
}

Position position_from(const sqlite::Query& row, int column) {
  return Position{static_cast<std::uint64_t>(row.integer(column))};
}

Currency currency_from(const sqlite::Query& row, int column) {
  return Currency::parse(row.text(column)).value_or(Currency{});
}

/// Reads the rows of a query that was asked for one more than `limit`, which tells whether there is another page.
template <class T, class From, class Key>
Result<void> take_page(Result<sqlite::Query> query, std::size_t limit, PageOf<T>& page, From from, Key key) {
  if (!query) return tl::unexpected<Error>(std::move(query.error()));
  for (;;) {
    auto row = query->step();
    if (!row) return tl::unexpected<Error>(std::move(row.error()));
    if (!*row) return {};
    if (page.items.size() == limit) {
      page.next = page.items.back().*key;
      return {};
    }
    page.items.push_back(from(*query));
  }
}

template <class T>
Result<PageOf<T>> with_position(PageOf<T> page, Result<Position> position) {
  if (!position) return tl::unexpected<Error>(std::move(position.error()));
  page.position = *position;
  return page;
}

PaymentSummary payment_from(const sqlite::Query& row) {
  PaymentSummary payment;
  payment.started = position_from(row, 0);
  payment.id = PaymentId{row.id(1)};
  payment.order = OrderId{row.id(2)};
  payment.account = AccountId{row.id(3)};
  payment.provider = row.text(4);
  payment.amount = Money{row.integer(5), currency_from(row, 6)};
  payment.state = row.text(7);
  payment.captured = row.integer(8);
  payment.refunded = row.integer(9);
  payment.reference = row.text(10);
  payment.started_at = Time{row.integer(11)};
  payment.updated_at = Time{row.integer(12)};
  return payment;
}

PaymentAlert alert_from(const sqlite::Query& row) {
  return {position_from(row, 0),    PaymentId{row.id(1)},     OrderId{row.id(2)},
          std::string(row.text(3)), std::string(row.text(4)), Time{row.integer(5)}};
}

ReconciliationSummary reconciliation_from(const sqlite::Query& row) {
  ReconciliationSummary out;
  out.begun = position_from(row, 0);
  out.id = ReconciliationId{row.id(1)};
  out.provider = row.text(2);
  out.day = row.text(3);
  out.comparisons = row.integer(4);
  if (!row.is_null(5)) out.compared_at = Time{row.integer(5)};
  if (!row.is_null(6)) out.problem = std::string(row.text(6));
  out.differences = row.integer(7);
  out.open = row.integer(8);
  return out;
}

constexpr const char* kOfOrder =
    "SELECT started, payment_id, order_id, account_id, provider, amount_minor, currency, state, captured_minor, "
    "refunded_minor, reference, started_at, updated_at FROM payments "
    "WHERE order_id = ?1 AND started < ?2 ORDER BY started DESC LIMIT ?3";
constexpr const char* kList =
    "SELECT started, payment_id, order_id, account_id, provider, amount_minor, currency, state, captured_minor, "
    "refunded_minor, reference, started_at, updated_at FROM payments "
    "WHERE started < ?1 AND (?2 IS NULL OR provider = ?2) AND (?3 IS NULL OR state = ?3) "
    "ORDER BY started DESC LIMIT ?4";
constexpr const char* kAlerts =
    "SELECT a.position, a.payment_id, p.order_id, p.provider, a.reason, a.at FROM payment_alerts a "
    "JOIN payments p ON p.payment_id = a.payment_id WHERE a.position < ?1 ORDER BY a.position DESC LIMIT ?2";
constexpr const char* kReconciliations =
    "SELECT r.begun, r.reconciliation_id, r.provider, r.day, r.comparisons, r.compared_at, r.problem, "
    "(SELECT count(*) FROM reconciliation_differences d WHERE d.reconciliation_id = r.reconciliation_id), "
    "(SELECT count(*) FROM reconciliation_differences d WHERE d.reconciliation_id = r.reconciliation_id "
    " AND d.gone = 0 AND d.settled = 0) "
    "FROM reconciliations r WHERE r.begun < ?1 AND (?2 IS NULL OR r.provider = ?2) ORDER BY r.begun DESC LIMIT ?3";

/// Gathers bookings, each once.
class Bookings {
 public:
  Bookings(sqlite::Database& db, std::string_view provider, Time begins, Time ends)
      : db_(db), provider_(provider), begins_(begins), ends_(ends) {}

  Result<void> take_all_of_the_day() {
    auto done =
        take(db_.query("SELECT payment_id, NULL, reference, captured_minor, currency, captured_at FROM payments "
                       "WHERE provider = ?1 AND captured_at >= ?2 AND captured_at < ?3",
                       provider_, begins_.us, ends_.us));
    if (!done) return done;
    return take(
        db_.query("SELECT r.payment_id, r.refund_id, p.reference, r.amount_minor, p.currency, r.refunded_at "
                  "FROM payment_refunds r JOIN payments p ON p.payment_id = r.payment_id "
                  "WHERE p.provider = ?1 AND r.refunded_at >= ?2 AND r.refunded_at < ?3",
                  provider_, begins_.us, ends_.us));
  }

  /// What is known of a line, if anything is.
  Result<void> take_line(const reconciliation::BillLine& line) {
    const auto payment = PaymentId::parse(line.payment);
    if (!payment) return {};
    if (line.refund.empty()) {
      return take(
          db_.query("SELECT payment_id, NULL, reference, captured_minor, currency, captured_at FROM payments "
                    "WHERE payment_id = ?1 AND provider = ?2 AND captured_at IS NOT NULL",
                    payment->value, provider_));
    }
    const auto refund = RefundId::parse(line.refund);
    if (!refund) return {};
    return take(
        db_.query("SELECT r.payment_id, r.refund_id, p.reference, r.amount_minor, p.currency, r.refunded_at "
                  "FROM payment_refunds r JOIN payments p ON p.payment_id = r.payment_id "
                  "WHERE r.payment_id = ?1 AND r.refund_id = ?2 AND p.provider = ?3",
                  payment->value, refund->value, provider_));
  }

  std::vector<reconciliation::OwnBooking> found;

 private:
  Result<void> take(Result<sqlite::Query> query) {
    if (!query) return tl::unexpected<Error>(std::move(query.error()));
    for (;;) {
      auto row = query->step();
      if (!row) return tl::unexpected<Error>(std::move(row.error()));
      if (!*row) return {};
      reconciliation::OwnBooking booking;
      booking.payment = query->id(0).str();
      if (!query->is_null(1)) booking.refund = query->id(1).str();
      if (!seen_.insert(booking.payment + "/" + booking.refund).second) continue;
      booking.reference = query->text(2);
      booking.amount = Money{query->integer(3), currency_from(*query, 4)};
      const Time at{query->integer(5)};
      booking.is_of_the_day = begins_ <= at && at < ends_;
      found.push_back(std::move(booking));
    }
  }

  sqlite::Database& db_;
  std::string_view provider_;
  Time begins_;
  Time ends_;
  std::set<std::string> seen_;
};

}  // namespace

Result<std::unique_ptr<Payments>> Payments::open(const Follower& follower) {
  auto model = ReadModel::open(follower);
  if (!model) return tl::unexpected<Error>(std::move(model.error()));
  return std::unique_ptr<Payments>(new Payments(std::move(*model)));
}

Result<PageOf<PaymentSummary>> Payments::of_order(OrderId order, std::size_t limit, std::optional<Position> after) {
  PageOf<PaymentSummary> page;
  auto position = model_->read([&](sqlite::Database& db) {
    return take_page(db.query(kOfOrder, order.value, key_of(after), static_cast<std::int64_t>(limit) + 1), limit, page,
                     payment_from, &PaymentSummary::started);
  });
  return with_position(std::move(page), std::move(position));
}

Result<PageOf<PaymentSummary>> Payments::list(std::size_t limit, std::optional<Position> after,
                                              std::optional<std::string_view> provider,
                                              std::optional<std::string_view> state) {
  PageOf<PaymentSummary> page;
  auto position = model_->read([&](sqlite::Database& db) {
    return take_page(db.query(kList, key_of(after), provider, state, static_cast<std::int64_t>(limit) + 1), limit, page,
                     payment_from, &PaymentSummary::started);
  });
  return with_position(std::move(page), std::move(position));
}

Result<PageOf<PaymentAlert>> Payments::alerts(std::size_t limit, std::optional<Position> after) {
  PageOf<PaymentAlert> page;
  auto position = model_->read([&](sqlite::Database& db) {
    return take_page(db.query(kAlerts, key_of(after), static_cast<std::int64_t>(limit) + 1), limit, page, alert_from,
                     &PaymentAlert::position);
  });
  return with_position(std::move(page), std::move(position));
}

Result<PageOf<ReconciliationSummary>> Payments::reconciliations(std::size_t limit, std::optional<Position> after,
                                                                std::optional<std::string_view> provider) {
  PageOf<ReconciliationSummary> page;
  auto position = model_->read([&](sqlite::Database& db) {
    return take_page(db.query(kReconciliations, key_of(after), provider, static_cast<std::int64_t>(limit) + 1), limit,
                     page, reconciliation_from, &ReconciliationSummary::begun);
  });
  return with_position(std::move(page), std::move(position));
}

Result<std::int64_t> Payments::alert_count() {
  std::int64_t count = 0;
  auto position = model_->read([&](sqlite::Database& db) -> Result<void> {
    auto query = db.query("SELECT count(*) FROM payment_alerts");
    if (!query) return tl::unexpected<Error>(std::move(query.error()));
    const auto row = query->step();
    if (!row) return tl::unexpected<Error>(row.error());
    count = query->integer(0);
    return {};
  });
  if (!position) return tl::unexpected<Error>(std::move(position.error()));
  return count;
}

Result<std::vector<reconciliation::OwnBooking>> Payments::bookings(std::string_view provider, Time begins, Time ends,
                                                                   const std::vector<reconciliation::BillLine>& bill) {
  std::vector<reconciliation::OwnBooking> found;
  auto position = model_->read([&](sqlite::Database& db) -> Result<void> {
    Bookings bookings(db, provider, begins, ends);
    auto done = bookings.take_all_of_the_day();
    for (std::size_t i = 0; done && i < bill.size(); ++i) done = bookings.take_line(bill[i]);
    found = std::move(bookings.found);
    return done;
  });
  if (!position) return tl::unexpected<Error>(std::move(position.error()));
  return found;
}

}  // namespace souk
