#include "projections/orders.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <set>
#include <thread>

#include "engine/order/order.hpp"
#include "projections/testing/fixtures.hpp"
#include "projections/testing/scratch.hpp"
#include "projections/testing/shop_log.hpp"

namespace souk {
namespace {

using testing::catch_up;

AccountId account(std::uint64_t n) {
  return {{0xacc, n}};
}
OrderId order_id(std::uint64_t n) {
  return {{0x0bd, n}};
}
ProductId product(std::uint64_t n) {
  return {{0xdee, n}};
}

order::Line line(std::uint64_t of, std::int64_t price, std::int64_t quantity) {
  order::Line line;
  line.product = product(of);
  line.product_version = Version{3};
  line.name = "紫砂壶 \"Zisha\"";
  line.picture = "/pictures/1.jpg";
  line.description = "a long text that no list shows";
  line.unit_price = Money{price, {}};
  line.quantity = quantity;
  return line;
}

struct World : testing::ShopLog {
  testing::ScratchDirectory scratch;
  std::unique_ptr<Follower> follower = open_follower("orders.sqlite");
  std::unique_ptr<Orders> orders = std::move(Orders::open(*follower).value());

  std::unique_ptr<Follower> open_follower(const std::string& file) {
    FollowerOptions options;
    options.path = scratch.file(file);
    auto opened = Follower::open(log, clock, make_orders_projection(), std::move(options));
    REQUIRE(opened);
    return std::move(*opened);
  }

  Position place(std::uint64_t number, std::uint64_t by, std::vector<order::Line> lines = {line(1, 1999, 2)}) {
    order::Placed placed;
    placed.account = account(by);
    placed.address.sealed = "personal:v1:c2VjcmV0";
    placed.placed_at = clock.now();
    for (const auto& item : lines) placed.total.amount += item.unit_price.amount * item.quantity;
    placed.lines = std::move(lines);
    return append<Order>(order_id(number), placed);
  }
  OrderPage list(std::uint64_t of, std::size_t limit = 20, std::optional<Position> after = {},
                 std::optional<std::string_view> state = {}) {
    REQUIRE(catch_up(*follower));
    OrderFilter filter;
    filter.account = account(of);
    if (state) filter.state = *state;
    return search(filter, limit, after);
  }
  OrderPage search(const OrderFilter& filter, std::size_t limit = 20, std::optional<Position> after = {}) {
    REQUIRE(catch_up(*follower));
    auto page = orders->list(filter, limit, after);
    REQUIRE(page);
    return std::move(*page);
  }
};

TEST_CASE("an account sees its own orders, the newest first, with what a list shows of them") {
  World world;
  const auto first = world.place(1, 1, {line(1, 1999, 2), line(2, 500, 3)});
  world.place(2, 2);
  const auto third = world.place(3, 1);
  const auto page = world.list(1);
  REQUIRE(page.items.size() == 2);
  CHECK((page.items[0].id == order_id(3)));
  CHECK(page.items[0].placed == third);
  const auto& order = page.items[1];
  CHECK((order.id == order_id(1)));
  CHECK(order.placed == first);
  CHECK(order.state == "placed");
  CHECK((order.total == Money{5498, {}}));
  CHECK(order.item_count == 5);
  CHECK(
      order.lines_json ==
      R"([{"product_id":")" + product(1).str() +
          R"(","name":"紫砂壶 \"Zisha\"","picture":"/pictures/1.jpg","unit_price":{"amount":1999,"currency":"CNY"},"quantity":2},)" +
          R"({"product_id":")" + product(2).str() +
          R"(","name":"紫砂壶 \"Zisha\"","picture":"/pictures/1.jpg","unit_price":{"amount":500,"currency":"CNY"},"quantity":3}])");
  CHECK((order.updated_at - order.placed_at == Duration::seconds(1)));
  CHECK_FALSE(page.next);
  CHECK(page.position == third);
  CHECK(world.list(3).items.empty());
}

TEST_CASE("the list follows the state of an order") {
  World world;
  world.place(1, 1);
  const auto state = [&] { return world.list(1).items.at(0).state; };
  const auto id = order_id(1);

  world.append<Order>(id, order::LineReserved{product(1)});
  CHECK(state() == "placed");
  SUBCASE("refused by the stock") {
    world.append<Order>(id, order::LineRefused{product(1), 2, 1});
    CHECK(state() == "placed");
    world.append<Order>(id, order::Rejected{{{product(1), 2, 1}}, {}});
    CHECK(state() == "rejected");
  }
  SUBCASE("paid") {
    world.append<Order>(id, order::AwaitingPayment{});
    CHECK(state() == "awaiting_payment");
    world.append<Order>(id, order::Paid{PaymentId{{1, 1}}, Money{3998, {}}, {product(1)}});
    CHECK(state() == "paid");
    world.append<Order>(id, order::PaymentReturned{});
    CHECK(state() == "paid");
  }
  SUBCASE("cancelled") {
    world.append<Order>(id, order::Cancelled{order::CancelReason::kUser, {}, world.clock.now()});
    CHECK(state() == "cancelled");
    world.append<Order>(id, order::ReservationReturned{product(1)});
    CHECK(state() == "cancelled");
  }
  CHECK((world.list(1).items[0].updated_at >= world.list(1).items[0].placed_at + Duration::seconds(2)));
  CHECK(world.follower->status().parked == 0);
}

TEST_CASE("orders can be asked for by state") {
  World world;
  for (std::uint64_t i = 1; i <= 6; ++i) {
    world.place(i, 1);
    if (i % 2 == 0) world.append<Order>(order_id(i), order::AwaitingPayment{});
  }
  const auto page = world.list(1, 2, {}, "awaiting_payment");
  REQUIRE(page.items.size() == 2);
  CHECK((page.items[0].id == order_id(6)));
  CHECK((page.items[1].id == order_id(4)));
  const auto rest = world.list(1, 2, page.next, "awaiting_payment");
  REQUIRE(rest.items.size() == 1);
  CHECK((rest.items[0].id == order_id(2)));
  CHECK_FALSE(rest.next);
  CHECK(world.list(1, 2, {}, "paid").items.empty());
}

std::vector<std::uint64_t> numbers_of(const OrderPage& page) {
  std::vector<std::uint64_t> numbers;
  for (const auto& order : page.items) numbers.push_back(order.id.value.low);
  return numbers;
}

/// Orders 1 to 12, an hour apart, of accounts 1 to 3 in turn; the even ones hold product 2 too, each third waits.
struct SearchedWorld : World {
  Time first_hour = clock.now();

  SearchedWorld() {
    for (std::uint64_t i = 1; i <= 12; ++i) {
      clock.set(first_hour + Duration::minutes(static_cast<std::int64_t>(60 * i)));
      std::vector<order::Line> lines{line(1, 100, 1)};
      if (i % 2 == 0) lines.push_back(line(2, 100, 1));
      place(i, i % 3 + 1, lines);
      if (i % 3 == 0) append<Order>(order_id(i), order::AwaitingPayment{});
    }
  }
  [[nodiscard]] Time hour(std::int64_t i) const { return first_hour + Duration::minutes(60 * i); }
};

TEST_CASE("orders are searched for by account, product, state and time, alone and together") {
  SearchedWorld world;
  using Numbers = std::vector<std::uint64_t>;
  OrderFilter filter;
  CHECK(numbers_of(world.search(filter)) == Numbers{12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1});
  filter.product = product(2);
  CHECK(numbers_of(world.search(filter)) == Numbers{12, 10, 8, 6, 4, 2});
  filter.state = "awaiting_payment";
  CHECK(numbers_of(world.search(filter)) == Numbers{12, 6});
  filter.account = account(1);
  CHECK(numbers_of(world.search(filter)) == Numbers{12, 6});
  filter.account = account(2);
  CHECK(numbers_of(world.search(filter)).empty());
  filter.state.reset();
  CHECK(numbers_of(world.search(filter)) == Numbers{10, 4});
  filter = {};
  filter.state = "placed";
  CHECK(numbers_of(world.search(filter)) == Numbers{11, 10, 8, 7, 5, 4, 2, 1});
  CHECK((world.search(filter).items.at(0).account == account(3)));
}

TEST_CASE("a search by time takes the first moment and leaves out the last") {
  SearchedWorld world;
  using Numbers = std::vector<std::uint64_t>;
  OrderFilter filter;
  filter.placed_from = world.search({}).items.at(8).placed_at;
  CHECK(numbers_of(world.search(filter)) == Numbers{12, 11, 10, 9, 8, 7, 6, 5, 4});
  filter.placed_before = world.search({}).items.at(5).placed_at;
  CHECK(numbers_of(world.search(filter)) == Numbers{6, 5, 4});
  filter.product = product(2);
  CHECK(numbers_of(world.search(filter)) == Numbers{6, 4});
  filter = {};
  filter.placed_before = Time{0};
  CHECK(numbers_of(world.search(filter)).empty());
  filter.placed_before.reset();
  filter.placed_from = world.hour(100);
  CHECK(numbers_of(world.search(filter)).empty());
}

TEST_CASE("a search by time finds the orders of an hour that a clock set back made come late") {
  SearchedWorld world;
  world.clock.set(world.hour(2));
  world.place(13, 1);
  OrderFilter filter;
  filter.placed_from = world.hour(2);
  filter.placed_before = world.hour(3);
  const auto found = numbers_of(world.search(filter));
  CHECK(std::ranges::find(found, 13) != found.end());
  CHECK(std::ranges::find(found, 12) == found.end());
}

TEST_CASE("every search can be read page by page") {
  SearchedWorld world;
  for (const bool by_product : {false, true}) {
    for (const bool by_state : {false, true}) {
      OrderFilter filter;
      if (by_product) filter.product = product(1);
      if (by_state) filter.state = "placed";
      std::vector<std::uint64_t> seen;
      std::optional<Position> after;
      do {
        const auto page = world.search(filter, 3, after);
        for (const auto number : numbers_of(page)) seen.push_back(number);
        after = page.next;
      } while (after);
      CHECK(seen == numbers_of(world.search(filter, 100)));
    }
  }
}

TEST_CASE("orders are found that have been delivered for long and are not complete") {
  World world;
  for (std::uint64_t i = 1; i <= 4; ++i) {
    world.place(i, 1);
    world.append<Order>(order_id(i), order::Paid{PaymentId{{1, i}}, Money{3998, {}}, {product(1)}});
    world.append<Order>(order_id(i), order::Delivered{world.clock.now()});
  }
  world.append<Order>(order_id(1), order::Completed{false, world.clock.now()});
  const Time until = world.list(1).items.at(1).updated_at;  // of the third
  world.append<Order>(order_id(2), order::Refunded{});
  REQUIRE(catch_up(*world.follower));
  CHECK((world.orders->delivered(until, 10).value() == std::vector{order_id(2), order_id(3)}));
  CHECK((world.orders->delivered(until, 1).value() == std::vector{order_id(2)}));
}

TEST_CASE("pages neither repeat nor miss an order while others arrive") {
  World world;
  for (std::uint64_t i = 1; i <= 25; ++i) world.place(i, 1);
  std::vector<OrderId> seen;
  std::optional<Position> after;
  std::uint64_t next_id = 26;
  std::size_t pages = 0;
  do {
    const auto page = world.list(1, 5, after);
    CHECK(page.items.size() == 5);
    for (const auto& order : page.items) seen.push_back(order.id);
    after = page.next;
    world.place(next_id++, 1);
    world.place(next_id++, 2);
    ++pages;
  } while (after && pages < 10);
  CHECK(pages == 5);
  REQUIRE(seen.size() == 25);
  for (std::uint64_t i = 0; i < 25; ++i) CHECK((seen[i] == order_id(25 - i)));
}

TEST_CASE("what an order says that cannot be is parked") {
  World world;
  world.append<Order>(order_id(1), order::AwaitingPayment{});
  const auto second = world.place(2, 1);
  const auto third = world.append_raw(stream_of<Order>(order_id(3)), "order.from_the_future", 1, "{}");
  const auto fourth = world.append_raw(stream_of<Order>(order_id(4)), "order.paid", 1, R"({"amount":1})");
  const auto page = world.list(1);
  CHECK(page.items.size() == 1);
  CHECK(page.position == fourth);
  const auto parked = world.follower->parked(10).value();
  REQUIRE(parked.size() == 3);
  CHECK(parked[0].reason == "projection.row_missing");
  CHECK(parked[1].reason == "event.unknown_type");
  CHECK(parked[1].position == third);
  CHECK(parked[2].reason == "field.invalid");
  CHECK(second < third);
}

TEST_CASE("an order that was never placed may return a payment or a reservation") {
  World world;
  world.append<Order>(order_id(1), order::PaymentReturned{});
  world.append<Order>(order_id(2), order::ReservationReturned{product(1)});
  CHECK(world.list(1).items.empty());
  CHECK(world.follower->status().parked == 0);
}

TEST_CASE("the file holds no address, not even a sealed one") {
  World world;
  world.place(1, 1);
  REQUIRE(catch_up(*world.follower));
  CHECK(testing::tables_of(world.follower->path()).find("personal:") == std::string::npos);
}

TEST_CASE("a reader is told the position that its rows are at, while the follower writes") {
  World world;
  constexpr std::uint64_t kOrders = 1'500;
  std::atomic<std::uint64_t> seen{0};
  // The log alternates between orders and events that the projection does not want: after 2n events, n orders. Thrice
  // it waits for the reader, who would otherwise see nothing of the follower's way if it came late.
  std::thread shop([&] {
    for (std::uint64_t i = 1; i <= kOrders; ++i) {
      if (i % (kOrders / 3) == 0) {
        for (auto at = seen.load(); at < 2 * (i - 1); at = seen.load()) seen.wait(at);
      }
      world.place(i, 1);
      world.append_raw(testing::stream(i), "cart.item_added", 1, "{}");
    }
  });
  world.follower->start();
  std::size_t wrong = 0;
  std::set<std::uint64_t> positions;
  for (Position at; at < Position{2 * kOrders};) {
    const auto page = world.orders->list({account(1), {}, {}, {}, {}}, 1);
    REQUIRE(page);
    CHECK(page->position >= at);
    at = page->position;
    positions.insert(at.value);
    seen = at.value;
    seen.notify_one();
    // The newest order is the last one at or before the position.
    const auto newest = page->items.empty() ? 0 : page->items[0].placed.value;
    const auto expected = at.value == 0 ? 0 : at.value - (at.value % 2 == 0 ? 1 : 0);
    if (newest != expected) ++wrong;
  }
  shop.join();
  world.follower->stop();
  CHECK(wrong == 0);
  CHECK(positions.size() > 2);
}

TEST_CASE("following live and catching up make the same orders") {
  World world;
  world.follower->start();
  Position last;
  for (std::uint64_t i = 1; i <= 200; ++i) {
    last = world.place(i, i % 7);
    if (i % 2 == 0) last = world.append<Order>(order_id(i), order::AwaitingPayment{});
    if (i % 6 == 0) last = world.append<Order>(order_id(i - 1), order::Rejected{});
  }
  REQUIRE(testing::await(*world.follower, last));
  auto late = world.open_follower("late.sqlite");
  REQUIRE(catch_up(*late));
  CHECK(testing::tables_of(late->path()) == testing::tables_of(world.follower->path()));
}

}  // namespace
}  // namespace souk
