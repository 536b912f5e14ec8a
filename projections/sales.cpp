#include "projections/sales.hpp"

#include <algorithm>
#include <utility>

namespace souk {

namespace {

constexpr std::int64_t kHour = Duration::minutes(60).us;

std::int64_t hour_of(Time time) {
  return time.us >= 0 ? time.us / kHour : -1;
}

std::int64_t hours_of(Duration bucket) {
  return std::max<std::int64_t>(1, bucket.us / kHour);
}

Time time_of(std::int64_t hour) {
  return Time{hour * kHour};
}

SalesBucket sales_bucket(const sqlite::Query& row) {
  return {time_of(row.integer(0)), std::string(row.text(1)), row.integer(2), row.integer(3), row.integer(4),
          row.integer(5),          row.integer(6),           row.integer(7), row.integer(8), row.integer(9),
          row.integer(10),         row.integer(11),          row.integer(12)};
}

FunnelBucket funnel_bucket(const sqlite::Query& row) {
  return {time_of(row.integer(0)), row.integer(1), row.integer(2), row.integer(3), row.integer(4)};
}

ProductSales product_sales(const sqlite::Query& row) {
  return {ProductId{row.id(0)}, std::string(row.text(1)), row.integer(2), row.integer(3), row.integer(4)};
}

CategorySales category_sales(const sqlite::Query& row) {
  const CategoryId category{row.id(0)};
  return {category.empty() ? std::nullopt : std::optional(category), std::string(row.text(1)), row.integer(2),
          row.integer(3)};
}

Cancellations cancellations_of(const sqlite::Query& row) {
  return {std::string(row.text(0)), std::string(row.text(1)), row.integer(2), row.integer(3)};
}

CustomerSales customer_sales(const sqlite::Query& row) {
  return {AccountId{row.id(0)}, std::string(row.text(1)), row.integer(2),       row.integer(3),      row.integer(4),
          row.integer(5),       row.integer(6),           Time{row.integer(7)}, Time{row.integer(8)}};
}

}  // namespace

Result<std::unique_ptr<Sales>> Sales::open(const Follower& follower) {
  auto model = ReadModel::open(follower);
  if (!model) return tl::unexpected<Error>(std::move(model.error()));
  return std::unique_ptr<Sales>(new Sales(std::move(*model)));
}

/// `?1` and `?2` of `sql` are the rows to pass over and the most to read; what follows are `values`.
template <class Row, class ReadRow, class... Values>
Result<SalesAnswer<Row>> Sales::ask(const std::string& sql, const ReadRow& read_row, SalesRows wanted,
                                    const Values&... values) {
  SalesAnswer<Row> answer;
  auto position = model_->read([&](sqlite::Database& db) -> Result<void> {
    const std::int64_t all = -1;
    auto query = db.query(sql + " LIMIT ?2 OFFSET ?1", static_cast<std::int64_t>(wanted.skip),
                          wanted.limit ? static_cast<std::int64_t>(*wanted.limit) + 1 : all, values...);
    if (!query) return tl::unexpected<Error>(std::move(query.error()));
    for (;;) {
      auto row = query->step();
      if (!row) return tl::unexpected<Error>(std::move(row.error()));
      if (!*row) return {};
      answer.has_more = wanted.limit && answer.rows.size() == *wanted.limit;
      if (answer.has_more) return {};
      answer.rows.push_back(read_row(*query));
    }
  });
  if (!position) return tl::unexpected<Error>(std::move(position.error()));
  answer.position = *position;
  return answer;
}

Result<SalesAnswer<SalesBucket>> Sales::by_time(SalesPeriod period, Duration bucket, SalesRows wanted) {
  return ask<SalesBucket>(
      "SELECT hour / ?5 * ?5, currency, sum(placed), sum(placed_from_cart), sum(placed_items), sum(placed_minor),"
      " sum(rejected), sum(paid), sum(paid_items), sum(paid_minor), sum(cancelled), sum(cancelled_minor),"
      " sum(refunded_minor) FROM sales_hours WHERE hour >= ?3 AND hour < ?4 GROUP BY 1, 2 ORDER BY 1, 2",
      sales_bucket, wanted, hour_of(period.from), hour_of(period.before), hours_of(bucket));
}

Result<SalesAnswer<FunnelBucket>> Sales::funnel(SalesPeriod period, Duration bucket, SalesRows wanted) {
  return ask<FunnelBucket>(
      "SELECT hour / ?5 * ?5, sum(carts), sum(placed), sum(from_cart), sum(paid) FROM ("
      " SELECT hour, begun AS carts, 0 AS placed, 0 AS from_cart, 0 AS paid FROM cart_hours"
      " UNION ALL SELECT hour, 0, placed, placed_from_cart, paid FROM sales_hours)"
      " WHERE hour >= ?3 AND hour < ?4 GROUP BY 1 ORDER BY 1",
      funnel_bucket, wanted, hour_of(period.from), hour_of(period.before), hours_of(bucket));
}

Result<SalesAnswer<ProductSales>> Sales::by_product(SalesPeriod period, SalesRows wanted) {
  return ask<ProductSales>(
      "SELECT product_id, currency, sum(orders), sum(items), sum(revenue_minor) FROM product_hours"
      " WHERE hour >= ?3 AND hour < ?4 GROUP BY 1, 2 ORDER BY 5 DESC, 1, 2",
      product_sales, wanted, hour_of(period.from), hour_of(period.before));
}

Result<SalesAnswer<CategorySales>> Sales::by_category(SalesPeriod period, SalesRows wanted) {
  return ask<CategorySales>(
      "SELECT category_id, currency, sum(items), sum(revenue_minor) FROM category_hours"
      " WHERE hour >= ?3 AND hour < ?4 GROUP BY 1, 2 ORDER BY 4 DESC, 1, 2",
      category_sales, wanted, hour_of(period.from), hour_of(period.before));
}

Result<SalesAnswer<Cancellations>> Sales::cancellations(SalesPeriod period, SalesRows wanted) {
  return ask<Cancellations>(
      "SELECT reason, currency, sum(orders), sum(total_minor) FROM cancellation_hours"
      " WHERE hour >= ?3 AND hour < ?4 GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2",
      cancellations_of, wanted, hour_of(period.from), hour_of(period.before));
}

Result<SalesAnswer<CustomerSales>> Sales::customers(SalesRows wanted) {
  return ask<CustomerSales>(
      "SELECT account_id, currency, placed, paid, cancelled, paid_minor, refunded_minor, first_order_at, last_order_at"
      " FROM customers ORDER BY paid_minor DESC, account_id, currency",
      customer_sales, wanted);
}

}  // namespace souk
