/// Read model: what was sold, by hour, category, product and customer, and on the way to it what was not.
///
/// An order counts in the hour in which each thing happened to it was recorded: placed in one, paid in another. Items
/// and revenue of products and categories are those of paid orders; a product counts in the category that it had when
/// the order was paid. A cart has begun when something was put into it, until it is ordered or emptied as a whole; a
/// guest's cart that goes into an account's is one with it. Amounts are minor units, apart by currency. It holds no
/// personal data: a customer is an account's id.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/codec.hpp"
#include "projections/projection.hpp"
#include "projections/read_model.hpp"

namespace souk {

std::unique_ptr<Projection> make_sales_projection();

/// At or after `from`, earlier than `before`; both are taken down to whole hours.
struct SalesPeriod {
  Time from;
  Time before;
};

/// One stretch of time in one currency.
struct SalesBucket {
  Time from;
  std::string currency;
  std::int64_t placed = 0;
  std::int64_t placed_from_cart = 0;
  std::int64_t placed_items = 0;
  std::int64_t placed_minor = 0;
  std::int64_t rejected = 0;
  std::int64_t paid = 0;
  std::int64_t paid_items = 0;
  std::int64_t paid_minor = 0;
  std::int64_t cancelled = 0;
  std::int64_t cancelled_minor = 0;
  std::int64_t refunded_minor = 0;
  static constexpr auto fields() {
    using B = SalesBucket;
    return field_list(field("from", &B::from), field("currency", &B::currency), field("placed", &B::placed),
                      field("placed_from_cart", &B::placed_from_cart), field("placed_items", &B::placed_items),
                      field("placed_minor", &B::placed_minor), field("rejected", &B::rejected), field("paid", &B::paid),
                      field("paid_items", &B::paid_items), field("paid_minor", &B::paid_minor),
                      field("cancelled", &B::cancelled), field("cancelled_minor", &B::cancelled_minor),
                      field("refunded_minor", &B::refunded_minor));
  }
  static constexpr std::string_view kExample =
      R"({"from":"2026-11-23T00:00:00.000000Z","currency":"CNY","placed":12,"placed_from_cart":9,"placed)"
      R"(_items":31,"placed_minor":402300,"rejected":1,"paid":10,"paid_items":26,"paid_minor":350100,"ca)"
      R"(ncelled":1,"cancelled_minor":19900,"refunded_minor":5800})";
};

/// How many came how far; `placed` and `paid` are orders, whether from a cart or not.
struct FunnelBucket {
  Time from;
  std::int64_t carts = 0;
  std::int64_t placed = 0;
  std::int64_t placed_from_cart = 0;
  std::int64_t paid = 0;
  static constexpr auto fields() {
    using B = FunnelBucket;
    return field_list(field("from", &B::from), field("carts", &B::carts), field("placed", &B::placed),
                      field("placed_from_cart", &B::placed_from_cart), field("paid", &B::paid));
  }
  static constexpr std::string_view kExample =
      R"({"from":"2026-11-23T00:00:00.000000Z","carts":40,"placed":12,"placed_from_cart":9,"paid":10})";
};

struct ProductSales {
  ProductId product_id;
  std::string currency;
  std::int64_t orders = 0;
  std::int64_t items = 0;
  std::int64_t revenue_minor = 0;
  static constexpr auto fields() {
    using B = ProductSales;
    return field_list(field("product_id", &B::product_id), field("currency", &B::currency), field("orders", &B::orders),
                      field("items", &B::items), field("revenue_minor", &B::revenue_minor));
  }
  static constexpr std::string_view kExample =
      R"({"product_id":"7nz3gpwn6bew0eysnvm6nr9sqf","currency":"CNY","orders":5,"items":8,"revenue_minor)"
      R"(":134400})";
};

/// None: what stood in no category.
struct CategorySales {
  std::optional<CategoryId> category_id;
  std::string currency;
  std::int64_t items = 0;
  std::int64_t revenue_minor = 0;
  static constexpr auto fields() {
    using B = CategorySales;
    return field_list(field("category_id", &B::category_id), field("currency", &B::currency), field("items", &B::items),
                      field("revenue_minor", &B::revenue_minor));
  }
  static constexpr std::string_view kExample =
      R"({"category_id":"6fbmcde5yznwq83fazzjf99ypj","currency":"CNY","items":8,"revenue_minor":134400})";
};

struct Cancellations {
  std::string reason;
  std::string currency;
  std::int64_t orders = 0;
  std::int64_t total_minor = 0;
  static constexpr auto fields() {
    using B = Cancellations;
    return field_list(field("reason", &B::reason), field("currency", &B::currency), field("orders", &B::orders),
                      field("total_minor", &B::total_minor));
  }
  static constexpr std::string_view kExample =
      R"({"reason":"payment_timeout","currency":"CNY","orders":3,"total_minor":42700})";
};

/// All that one customer ever ordered in one currency.
struct CustomerSales {
  AccountId account_id;
  std::string currency;
  std::int64_t placed = 0;
  std::int64_t paid = 0;
  std::int64_t cancelled = 0;
  std::int64_t paid_minor = 0;
  std::int64_t refunded_minor = 0;
  Time first_order_at;
  Time last_order_at;
  static constexpr auto fields() {
    using B = CustomerSales;
    return field_list(field("account_id", &B::account_id), field("currency", &B::currency), field("placed", &B::placed),
                      field("paid", &B::paid), field("cancelled", &B::cancelled), field("paid_minor", &B::paid_minor),
                      field("refunded_minor", &B::refunded_minor), field("first_order_at", &B::first_order_at),
                      field("last_order_at", &B::last_order_at));
  }
  static constexpr std::string_view kExample =
      R"({"account_id":"1p3tkyzrkwd336dt3z39bqqp4d","currency":"CNY","placed":4,"paid":3,"cancelled":1,")"
      R"(paid_minor":96300,"refunded_minor":0,"first_order_at":"2026-11-02T10:00:00.000000Z","last_order)"
      R"(_at":"2026-11-23T08:55:36.551548Z"})";
};

/// Which rows of an answer are wanted.
struct SalesRows {
  std::size_t skip = 0;
  std::optional<std::size_t> limit = {};  ///< none: all
};

/// Rows, and the position of the log at which they were so.
template <class Row>
struct SalesAnswer {
  std::vector<Row> rows;
  bool has_more = false;  ///< behind the last of them
  Position position;
};

/// Thread-safety: any thread.
class Sales {
 public:
  static Result<std::unique_ptr<Sales>> open(const Follower& follower);

  /// The earliest first; `bucket`: whole hours. Stretches in which nothing happened are left out.
  Result<SalesAnswer<SalesBucket>> by_time(SalesPeriod period, Duration bucket, SalesRows wanted);
  Result<SalesAnswer<FunnelBucket>> funnel(SalesPeriod period, Duration bucket, SalesRows wanted);
  /// The largest revenue first.
  Result<SalesAnswer<ProductSales>> by_product(SalesPeriod period, SalesRows wanted);
  Result<SalesAnswer<CategorySales>> by_category(SalesPeriod period, SalesRows wanted);
  /// The most frequent reason first.
  Result<SalesAnswer<Cancellations>> cancellations(SalesPeriod period, SalesRows wanted);
  /// Who paid most first.
  Result<SalesAnswer<CustomerSales>> customers(SalesRows wanted);

 private:
  explicit Sales(std::unique_ptr<ReadModel> model) : model_(std::move(model)) {}

  /// `read_row` makes a row of what the query stands at.
  template <class Row, class ReadRow, class... Values>
  Result<SalesAnswer<Row>> ask(const std::string& sql, const ReadRow& read_row, SalesRows wanted,
                               const Values&... values);

  std::unique_ptr<ReadModel> model_;
};

}  // namespace souk
