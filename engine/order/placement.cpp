#include "engine/order/placement.hpp"

#include <algorithm>

namespace souk::order {
namespace {

tl::unexpected<Error> invalid(std::string_view reason, std::string detail) {
  return fail(ErrorCode::kInvalid, reason, std::move(detail));
}

/// One line for each product, with the first one's snapshot.
Result<std::vector<Line>> sum_by_product(const std::vector<Line>& lines) {
  std::vector<Line> sums;
  for (const auto& line : lines) {
    // Checked one by one, so that a negative quantity cannot hide in a sum and no sum can overflow.
    if (line.quantity < 1) return invalid("order.quantity_invalid", "a quantity is at least 1");
    const auto found =
        std::find_if(sums.begin(), sums.end(), [&](const Line& sum) { return sum.product == line.product; });
    if (found == sums.end() && sums.size() == kLinesMax) {
      return invalid("order.too_many_lines", "an order has at most 100 different products");
    }
    const std::int64_t present = found == sums.end() ? 0 : found->quantity;
    if (line.quantity > kQuantityMax - present) {
      return invalid("order.quantity_too_large", "an order has at most 9,999 of one product");
    }
    if (found == sums.end()) {
      sums.push_back(line);
    } else {
      found->quantity += line.quantity;
    }
  }
  return sums;
}

/// Summed lines, so that naming a product twice does not get around its limit.
Result<void> check_limits(const std::vector<Line>& lines, const std::map<ProductId, std::int64_t>& limits) {
  if (limits.empty()) return {};
  for (const auto& line : lines) {
    const auto limit = limits.find(line.product);
    if (limit == limits.end() || line.quantity <= limit->second) continue;
    return fail(ErrorCode::kConflict, "order.over_limit",
                "an order has at most " + std::to_string(limit->second) + " of product " + line.product.str());
  }
  return {};
}

Result<Money> total_of(const std::vector<Line>& lines) {
  Money total{0, lines.front().unit_price.currency};
  for (const auto& line : lines) {
    if (line.unit_price.amount < 0) return invalid("order.price_invalid", "a price is not below 0");
    if (line.unit_price.currency != total.currency) {
      return invalid("order.mixed_currencies", "all lines of an order have one currency");
    }
    const auto cost = multiply(line.unit_price, line.quantity);
    const auto sum = cost ? add(total, *cost) : cost;
    if (!sum) return invalid("order.total_out_of_range", "the total exceeds 2^53-1 minor units");
    total = *sum;
  }
  return total;
}

}  // namespace

Result<Placed> judge_placement(const Place& command) {
  if (command.lines.empty()) return invalid("order.empty", "an order has at least one line");
  if (command.address.sealed.empty()) return invalid("order.address_missing", "an order needs an address");
  if (command.payment_due_at <= command.placed_at) {
    return invalid("order.payment_due_invalid", "payment falls due after the order is placed");
  }
  auto lines = sum_by_product(command.lines);
  if (!lines) return tl::unexpected<Error>(std::move(lines.error()));
  if (auto within = check_limits(*lines, command.purchase_limits); !within) {
    return tl::unexpected<Error>(std::move(within.error()));
  }
  auto total = total_of(*lines);
  if (!total) return tl::unexpected<Error>(std::move(total.error()));
  if (command.expected_total && *command.expected_total != *total) {
    return fail(ErrorCode::kConflict, "order.total_changed",
                "the total is " + std::to_string(total->amount) + " " + std::string(total->currency.str()));
  }
  return Placed{command.account,   std::move(*lines),      command.address, command.from_cart,
                command.placed_at, command.payment_due_at, *total};
}

}  // namespace souk::order
