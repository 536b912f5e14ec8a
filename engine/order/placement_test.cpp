#include "engine/order/placement.hpp"

#include <doctest/doctest.h>

#include "engine/entities.hpp"
#include "engine/testing/given.hpp"
#include "engine/testing/order_sample.hpp"

using namespace souk;
using namespace souk::order;
using namespace souk::testing;

namespace {

template <class Edit>
Place place_with(Edit edit) {
  Place command = place();
  edit(command);
  return command;
}

template <class Edit>
void check_refused(Edit edit, std::string_view reason, ErrorCode code = ErrorCode::kInvalid) {
  given<Order>().when(place_with(edit)).then_rejected(code, reason);
}

Line line_of(std::uint64_t product, std::int64_t quantity) {
  Line line = tea_line();
  line.product = id_of<ProductId>(product);
  line.quantity = quantity;
  return line;
}

}  // namespace

TEST_CASE("an order is placed with its lines and their total") {
  const auto after = given<Order>().when(place()).then(placed());
  CHECK(after.state == OrderState::kPlaced);
  CHECK((after.total == yuan(2'500)));
  CHECK((after.statuses == std::vector<LineStatus>{LineStatus::kAsked, LineStatus::kAsked}));
}

TEST_CASE("an order is placed once") {
  given<Order>(placed()).when(place()).then_rejected(ErrorCode::kConflict, "order.exists");
}

TEST_CASE("an order can be placed although a payment for it came and was returned before") {
  given<Order>(PaymentReturned{}).when(place()).then(placed());
}

TEST_CASE("lines of one product are summed, and the first one's snapshot counts") {
  const auto command = place_with([](Place& p) {
    p.lines.push_back(tea_line());
    p.lines.back().unit_price = yuan(1);
    p.lines.back().name = "other";
    p.lines.back().quantity = 3;
  });
  Placed expected = placed();
  expected.lines.front().quantity = 5;
  expected.total = yuan(5'500);
  given<Order>().when(command).then(expected);
}

TEST_CASE("an order has at least one line") {
  check_refused([](Place& p) { p.lines.clear(); }, "order.empty");
}

TEST_CASE("an order has at most 100 different products") {
  const auto with_lines = [](std::uint64_t count) {
    return [count](Place& p) {
      p.lines.clear();
      for (std::uint64_t i = 0; i < count; ++i) p.lines.push_back(line_of(i + 1, 1));
    };
  };
  CHECK(Order::decide({}, place_with(with_lines(100))));
  check_refused(with_lines(101), "order.too_many_lines");
  // Summed first: more lines than products are no matter.
  CHECK(Order::decide({}, place_with([&](Place& p) {
                        with_lines(100)(p);
                        p.lines.push_back(line_of(1, 1));
                      })));
}

TEST_CASE("a quantity is at least 1, even where the sum would be") {
  for (const std::int64_t bad : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{INT64_MIN}}) {
    check_refused([&](Place& p) { p.lines[0].quantity = bad; }, "order.quantity_invalid");
    check_refused([&](Place& p) { p.lines.push_back(line_of(5, bad)); }, "order.quantity_invalid");
  }
}

TEST_CASE("an order has at most 9,999 of one product, however many lines it takes") {
  CHECK(Order::decide({}, place_with([](Place& p) { p.lines = {line_of(1, 9'998), line_of(1, 1)}; })));
  check_refused([](Place& p) { p.lines[0].quantity = 10'000; }, "order.quantity_too_large");
  check_refused([](Place& p) { p.lines[0].quantity = INT64_MAX; }, "order.quantity_too_large");
  check_refused([](Place& p) { p.lines = {line_of(1, 9'999), line_of(1, 1)}; }, "order.quantity_too_large");
}

TEST_CASE("a price is not below 0, but may be 0") {
  check_refused([](Place& p) { p.lines[1].unit_price.amount = -1; }, "order.price_invalid");
  CHECK(Order::decide({}, place_with([](Place& p) { p.lines[1].unit_price.amount = 0; })));
}

TEST_CASE("all lines have one currency") {
  check_refused([](Place& p) { p.lines[1].unit_price.currency = *Currency::parse("EUR"); }, "order.mixed_currencies");
}

TEST_CASE("a total that cannot be written exactly is refused") {
  check_refused([](Place& p) { p.lines[0].unit_price.amount = kIntegerMax; }, "order.total_out_of_range");
  check_refused(
      [](Place& p) {
        p.lines = {line_of(1, 1), line_of(2, 1)};
        p.lines[0].unit_price.amount = kIntegerMax;
      },
      "order.total_out_of_range");
}

TEST_CASE("a total other than the one the client saw is a conflict") {
  given<Order>().when(place_with([](Place& p) { p.expected_total = yuan(2'500); })).then(placed());
  check_refused([](Place& p) { p.expected_total = yuan(2'499); }, "order.total_changed", ErrorCode::kConflict);
  check_refused(
      [](Place& p) {
        p.expected_total = Money{2'500, *Currency::parse("EUR")};
      },
      "order.total_changed", ErrorCode::kConflict);
}

TEST_CASE("an order has at most as many of a product as its purchase limit says, however many lines it takes") {
  given<Order>().when(place_with([](Place& p) { p.purchase_limits = {{kTea, 2}}; })).then(placed());
  check_refused([](Place& p) { p.purchase_limits = {{kTea, 1}}; }, "order.over_limit", ErrorCode::kConflict);
  check_refused(
      [](Place& p) {
        p.lines = {line_of(1, 2), line_of(1, 2)};
        p.purchase_limits = {{id_of<ProductId>(1), 3}};
      },
      "order.over_limit", ErrorCode::kConflict);
}

TEST_CASE("an order needs an address") {
  check_refused([](Place& p) { p.address.sealed.clear(); }, "order.address_missing");
}

TEST_CASE("payment falls due after the order is placed") {
  check_refused([](Place& p) { p.payment_due_at = p.placed_at; }, "order.payment_due_invalid");
}
