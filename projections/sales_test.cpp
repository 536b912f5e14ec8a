#include "projections/sales.hpp"

#include <doctest/doctest.h>

#include "engine/cart/cart.hpp"
#include "engine/guest_cart/guest_cart.hpp"
#include "engine/order/order.hpp"
#include "engine/product/product.hpp"
#include "projections/testing/fixtures.hpp"
#include "projections/testing/scratch.hpp"
#include "projections/testing/shop_log.hpp"

namespace souk {
namespace {

AccountId account(std::uint64_t n) {
  return {{0xacc, n}};
}
OrderId order_id(std::uint64_t n) {
  return {{0x0bd, n}};
}
ProductId product(std::uint64_t n) {
  return {{0xdee, n}};
}
CategoryId category(std::uint64_t n) {
  return {{0xca7, n}};
}

constexpr SalesPeriod kAlways{Time{0}, Time{4'000'000'000'000'000}};
constexpr Duration kHour = Duration::minutes(60);

struct World : testing::ShopLog {
  testing::ScratchDirectory scratch;
  std::unique_ptr<Follower> follower = open_follower();
  std::unique_ptr<Sales> sales = std::move(Sales::open(*follower).value());

  std::unique_ptr<Follower> open_follower() {
    FollowerOptions options;
    options.path = scratch.file("sales.sqlite");
    auto opened = Follower::open(log, clock, make_sales_projection(), std::move(options));
    REQUIRE(opened);
    return std::move(*opened);
  }
  /// Two of the first product at 1,000 and one of the second at 500.
  void place(std::uint64_t number, std::uint64_t by = 1, bool from_cart = false) {
    order::Placed placed;
    placed.account = account(by);
    placed.address.sealed = "personal:v1:c2VjcmV0";
    placed.from_cart = from_cart;
    placed.placed_at = clock.now();
    for (std::uint64_t n = 1; n <= 2; ++n) {
      order::Line line;
      line.product = product(n);
      line.unit_price = Money{n == 1 ? 1'000 : 500, {}};
      line.quantity = n == 1 ? 2 : 1;
      placed.lines.push_back(line);
    }
    placed.total = Money{2'500, {}};
    append<Order>(order_id(number), placed);
  }
  void pay(std::uint64_t number) {
    append<Order>(order_id(number), order::Paid{PaymentId{{1, number}}, Money{2'500, {}}, {}});
  }
  void cancel(std::uint64_t number, order::CancelReason reason) {
    order::Cancelled cancelled;
    cancelled.reason = reason;
    append<Order>(order_id(number), cancelled);
  }
  void create(std::uint64_t number, CategoryId in) {
    product::Created created;
    created.category_id = in;
    append<Product>(product(number), created);
  }
  void caught_up() {
    REQUIRE(testing::catch_up(*follower));
    CHECK(follower->status().parked == 0);
  }
  std::vector<FunnelBucket> funnel() {
    caught_up();
    return sales->funnel(kAlways, kHour, {}).value().rows;
  }
  std::int64_t carts_begun() {
    std::int64_t begun = 0;
    for (const auto& row : funnel()) begun += row.carts;
    return begun;
  }
  std::vector<SalesBucket> by_time(Duration bucket = kHour) {
    caught_up();
    return sales->by_time(kAlways, bucket, {}).value().rows;
  }
};

TEST_CASE("each thing that happens to an order counts in its own hour") {
  World world;
  world.place(1);
  world.place(2, 2, true);
  world.clock.advance(kHour);
  world.pay(1);
  world.cancel(2, order::CancelReason::kPaymentTimeout);
  world.append<Order>(order_id(3), order::Refunded{RefundId{{9, 9}}, Money{100, {}}, {}});
  world.append<Order>(order_id(1), order::Refunded{RefundId{{9, 1}}, Money{700, {}}, {}});
  const auto hours = world.by_time();
  REQUIRE(hours.size() == 2);
  CHECK(hours[0].placed == 2);
  CHECK(hours[0].placed_from_cart == 1);
  CHECK(hours[0].placed_items == 6);
  CHECK(hours[0].placed_minor == 5'000);
  CHECK(hours[0].paid == 0);
  CHECK((hours[1].from - hours[0].from == kHour));
  CHECK(hours[1].currency == "CNY");
  CHECK(hours[1].paid == 1);
  CHECK(hours[1].paid_items == 3);
  CHECK(hours[1].paid_minor == 2'500);
  CHECK(hours[1].cancelled == 1);
  CHECK(hours[1].cancelled_minor == 2'500);
  // What came back for an order that nobody paid was never revenue.
  CHECK(hours[1].refunded_minor == 700);
  const auto days = world.by_time(Duration::seconds(86'400));
  std::int64_t placed = 0;
  for (const auto& day : days) placed += day.placed;
  CHECK(placed == 2);
  const SalesPeriod second{hours[1].from, hours[1].from + kHour};
  CHECK(world.sales->by_time(second, kHour, {}).value().rows.size() == 1);
}

TEST_CASE("products and categories count what was paid, in the category that the product had then") {
  World world;
  world.create(1, category(1));
  world.create(2, {});
  world.place(1);
  world.pay(1);
  world.append<Product>(product(1), product::Changed{.category_id = category(2)});
  world.place(2);
  world.pay(2);
  world.place(3);
  world.caught_up();
  const auto products = world.sales->by_product(kAlways, {}).value().rows;
  REQUIRE(products.size() == 2);
  CHECK((products[0].product_id == product(1)));
  CHECK(products[0].orders == 2);
  CHECK(products[0].items == 4);
  CHECK(products[0].revenue_minor == 4'000);
  CHECK(products[1].revenue_minor == 1'000);
  const auto categories = world.sales->by_category(kAlways, {}).value().rows;
  REQUIRE(categories.size() == 3);
  CHECK((categories[0].category_id == category(1)));
  CHECK((categories[1].category_id == category(2)));
  CHECK(categories[0].revenue_minor == 2'000);
  CHECK_FALSE(categories[2].category_id);
  CHECK(categories[2].items == 2);

  const auto first = world.sales->by_product(kAlways, {0, 1}).value();
  REQUIRE(first.rows.size() == 1);
  CHECK((first.rows[0].product_id == products[0].product_id));
  CHECK(first.has_more);
  const auto second = world.sales->by_product(kAlways, {1, 1}).value();
  REQUIRE(second.rows.size() == 1);
  CHECK((second.rows[0].product_id == products[1].product_id));
  CHECK_FALSE(second.has_more);
}

TEST_CASE("the funnel counts a cart once until it is ordered or emptied") {
  World world;
  const auto add = [&] { world.append<Cart>(account(1), cart::ItemAdded{product(1), 1, 1}); };
  add();
  add();
  world.append<Cart>(account(1), cart::Ordered{order_id(1), {}});
  world.place(1, 1, true);
  world.pay(1);
  add();
  world.append<Cart>(account(1), cart::Cleared{});
  add();
  world.append<Cart>(account(2), cart::ItemSet{product(1), 3});
  world.append<Cart>(account(2), cart::ItemRemoved{product(1)});
  CHECK(world.carts_begun() == 4);
  std::int64_t paid = 0;
  for (const auto& row : world.funnel()) paid += row.paid;
  CHECK(paid == 1);
}

TEST_CASE("a guest's cart that comes into an account's counts once") {
  World world;
  const CartId guest{{0x9e57, 1}};
  const cart::Lines lines{cart::Line{product(1), 2}};
  world.append<GuestCart>(guest, guest_cart::Opened{world.clock.now(), 60});
  CHECK(world.carts_begun() == 0);
  world.append<GuestCart>(guest, guest_cart::LinePut{lines.front()});
  world.append<GuestCart>(guest, guest_cart::LinePut{lines.front()});
  world.append<GuestCart>(guest, guest_cart::Spent{account(1), lines});
  world.append<Cart>(account(1), cart::Merged{guest, lines, {}});
  world.append<GuestCart>(guest, guest_cart::Merged{account(1)});
  world.append<Cart>(account(1), cart::ItemAdded{product(2), 1, 1});
  CHECK(world.carts_begun() == 1);
  // An empty one does not begin anybody's cart.
  world.append<Cart>(account(2), cart::Merged{CartId{{0x9e57, 2}}, {}, {}});
  world.append<Cart>(account(2), cart::ItemAdded{product(2), 1, 1});
  CHECK(world.carts_begun() == 2);
}

TEST_CASE("an event of a type that is not known is not passed over") {
  World world;
  for (const auto kind : {Order::kKind, Cart::kKind, GuestCart::kKind, Product::kKind}) {
    world.append_raw({kind, Id128{0, 1}}, std::string(kind) + ".of_tomorrow", 1, "{}");
  }
  REQUIRE(testing::catch_up(*world.follower));
  CHECK(world.follower->status().parked == 4);
}

TEST_CASE("cancellations count by reason, and customers by what became of their orders") {
  World world;
  for (std::uint64_t number = 1; number <= 4; ++number) world.place(number, number == 4 ? 2 : 1);
  world.cancel(1, order::CancelReason::kUser);
  world.cancel(2, order::CancelReason::kUser);
  world.cancel(3, order::CancelReason::kAdministrator);
  world.pay(4);
  world.place(5, 1);
  world.append<Order>(order_id(5), order::Rejected{});
  world.caught_up();
  const auto reasons = world.sales->cancellations(kAlways, {}).value().rows;
  REQUIRE(reasons.size() == 2);
  CHECK(reasons[0].reason == "user");
  CHECK(reasons[0].orders == 2);
  CHECK(reasons[0].total_minor == 5'000);
  CHECK(reasons[1].reason == "administrator");
  const auto customers = world.sales->customers({}).value().rows;
  REQUIRE(customers.size() == 2);
  CHECK((customers[0].account_id == account(2)));
  CHECK(customers[0].paid_minor == 2'500);
  CHECK(customers[1].placed == 4);
  CHECK(customers[1].cancelled == 3);
  CHECK(customers[1].first_order_at < customers[1].last_order_at);
  CHECK(world.by_time().at(0).rejected == 1);
}

}  // namespace
}  // namespace souk
