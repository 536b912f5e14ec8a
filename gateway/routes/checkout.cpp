#include <algorithm>

#include "gateway/routes/cart.hpp"
#include "gateway/routes/routes.hpp"

namespace souk {
namespace {

struct PreviewBody {
  std::optional<std::vector<cart::Item>> items;
  std::optional<AddressId> address_id;
  static constexpr auto fields() {
    return field_list(field("items", &PreviewBody::items), field("address_id", &PreviewBody::address_id));
  }
  static constexpr auto limits() {
    return limit_list(
        limit("items", item_count(0, order::kLinesMax), says("Left out: the selected lines of the cart")));
  }
  static constexpr std::string_view kExample =
      R"({"items":[{"product_id":"2z8rh12q7hwntdjcvz2a005xtj","quantity":2}]})";
};

/// Why placing this order now would be refused, or would surprise.
enum class Trouble : std::uint8_t {
  kEmpty,
  kTooManyLines,
  kQuantityTooLarge,
  kDeleted,
  kWithdrawn,
  kOverLimit,
  kShort,
  kPriceChanged,
  kMixedCurrencies,
  kTotalOutOfRange,
  kAddressNotFound,
};

}  // namespace

template <>
struct EnumNames<Trouble> {
  static constexpr std::array<std::string_view, 11> values{
      "empty",         "too_many_lines",   "quantity_too_large", "deleted",          "withdrawn", "over_limit", "short",
      "price_changed", "mixed_currencies", "total_out_of_range", "address_not_found"};
};

namespace {

struct ProblemView {
  Trouble reason = Trouble::kEmpty;
  bool blocking = true;  ///< false: the order would be taken all the same
  std::optional<ProductId> product_id;
  std::optional<std::int64_t> asked;
  std::optional<std::int64_t> available;
  std::optional<std::int64_t> limit;
  std::optional<Money> price_then;
  std::optional<Money> price_now;
  static constexpr auto fields() {
    using P = ProblemView;
    return field_list(field("reason", &P::reason), field("blocking", &P::blocking), field("product_id", &P::product_id),
                      field("asked", &P::asked), field("available", &P::available), field("limit", &P::limit),
                      field("price_then", &P::price_then), field("price_now", &P::price_now));
  }
};

struct PreviewView {
  std::vector<BasketLine> lines;
  std::vector<Money> totals;
  std::vector<ProblemView> problems;
  bool can_be_placed = false;
  static constexpr auto fields() {
    return field_list(field("lines", &PreviewView::lines), field("totals", &PreviewView::totals),
                      field("problems", &PreviewView::problems), field("can_be_placed", &PreviewView::can_be_placed));
  }
  static constexpr std::string_view kExample =
      R"({"lines":[{"product_id":"6fbmcde5yznwq83fazzjf99ypj","quantity":2,"selected":true,"name":"Longjing",)"
      R"("picture":"https://shop.example/tea.jpg","unit_price":{"amount":16800,"currency":"CNY"},)"
      R"("total":{"amount":33600,"currency":"CNY"},"availability":"in_stock",)"
      R"("changed":{"price_then":{"amount":15800,"currency":"CNY"},"price_now":{"amount":16800,"currency":"CNY"},)"
      R"("name_then":"Longjing","name_now":"Longjing"}}],"totals":[{"amount":33600,"currency":"CNY"}],)"
      R"("problems":[{"reason":"price_changed","blocking":false,"product_id":"6fbmcde5yznwq83fazzjf99ypj",)"
      R"("asked":2,"price_then":{"amount":15800,"currency":"CNY"},"price_now":{"amount":16800,"currency":"CNY"}}],)"
      R"("can_be_placed":true})";
};

std::vector<ProblemView> problems_of(const BasketLine& line) {
  std::vector<ProblemView> problems;
  const auto add = [&](Trouble reason, bool blocking) -> ProblemView& {
    auto& problem = problems.emplace_back(ProblemView{reason, blocking, line.product_id, {}, {}, {}, {}, {}});
    problem.asked = line.quantity;
    return problem;
  };
  switch (line.availability) {
    case Availability::kInStock: break;
    case Availability::kDeleted: add(Trouble::kDeleted, true); break;
    case Availability::kWithdrawn: add(Trouble::kWithdrawn, true); break;
    case Availability::kOverLimit: add(Trouble::kOverLimit, true).limit = line.limit; break;
    case Availability::kShort: add(Trouble::kShort, true).available = line.available; break;
  }
  if (line.quantity > cart::kQuantityMax) add(Trouble::kQuantityTooLarge, true).limit = cart::kQuantityMax;
  if (line.changed && line.changed->price_then != line.changed->price_now) {
    auto& problem = add(Trouble::kPriceChanged, false);
    problem.price_then = line.changed->price_then;
    problem.price_now = line.changed->price_now;
  }
  return problems;
}

PreviewView view_of(Basket& basket, bool address_missing) {
  PreviewView view;
  if (address_missing) view.problems.push_back({Trouble::kAddressNotFound, true, {}, {}, {}, {}, {}, {}});
  if (basket.lines.empty()) view.problems.push_back({Trouble::kEmpty, true, {}, {}, {}, {}, {}, {}});
  if (basket.lines.size() > cart::kLinesMax) {
    view.problems.push_back(
        {Trouble::kTooManyLines, true, {}, {}, {}, static_cast<std::int64_t>(cart::kLinesMax), {}, {}});
  }
  for (const auto& line : basket.lines) {
    for (auto& problem : problems_of(line)) view.problems.push_back(std::move(problem));
  }
  if (basket.totals.size() > 1) view.problems.push_back({Trouble::kMixedCurrencies, true, {}, {}, {}, {}, {}, {}});
  if (!basket.in_range) view.problems.push_back({Trouble::kTotalOutOfRange, true, {}, {}, {}, {}, {}, {}});
  view.can_be_placed = true;
  for (const auto& problem : view.problems) view.can_be_placed = view.can_be_placed && !problem.blocking;
  view.lines = std::move(basket.lines);
  view.totals = std::move(basket.totals);
  return view;
}

void answer_preview(const ApiCallPtr& call, Basket& basket, Position position, bool address_missing) {
  call->answer(std::max(basket.position, position), http::json_response(200, encode(view_of(basket, address_missing))));
}

/// Prices the lines, and looks for the address if the caller named one of theirs.
void preview(const ApiCallPtr& call, cart::Lines lines, Position position, std::optional<AddressId> address) {
  read_basket(call, std::move(lines), position, [call, address](Basket& basket) {
    if (!address) {
      answer_preview(call, basket, {}, false);
      return;
    }
    call->api.host.read<AddressBook>(
        call->account(), {}, [call, basket, address = *address](const Judged<AddressBook>& judged) mutable {
          if (judged.refusal != nullptr) {
            call->refuse(judged.position, *judged.refusal);
            return;
          }
          const bool missing = !call->caller || address_book::find(judged.state, address) == nullptr;
          answer_preview(call, basket, judged.position, missing);
        });
  });
}

template <class E>
void preview_cart(const ApiCallPtr& call, typename E::Id id, std::optional<AddressId> address) {
  call->api.host.read<E>(id, {}, [call, address](const Judged<E>& judged) {
    if (judged.refusal != nullptr) {
      call->refuse(judged.position, *judged.refusal);
      return;
    }
    if (const auto usable = check_usable(judged.state); !usable) {
      call->refuse(judged.position, usable.error());
      return;
    }
    cart::Lines selected;
    for (const auto& line : judged.state.lines) {
      if (line.selected) selected.push_back(line);
    }
    preview(call, std::move(selected), judged.position, address);
  });
}

/// One line for each product, as an order would have. Errors as placing it would give, for what can never be right.
Result<cart::Lines> lines_of(const std::vector<cart::Item>& items) {
  if (items.size() > order::kLinesMax) {
    return fail(ErrorCode::kInvalid, "order.too_many_lines", "items: at most 100 lines");
  }
  cart::Lines lines;
  for (const auto& item : items) {
    // Checked one by one, so that a negative quantity cannot hide in a sum.
    if (item.quantity < 1) return fail(ErrorCode::kInvalid, "order.quantity_invalid", "a quantity is at least 1");
    if (item.quantity > cart::kQuantityMax) {
      return fail(ErrorCode::kInvalid, "order.quantity_too_large", "an order has at most 9,999 of one product");
    }
    const cart::Line* before = cart::find(lines, item.product);
    const std::int64_t present = before == nullptr ? 0 : before->quantity;
    cart::put(lines, {item.product, present + item.quantity});
  }
  return lines;
}

void preview_checkout(const ApiCallPtr& call) {
  const auto body = call->body<PreviewBody>();
  if (!body) {
    call->refuse(body.error());
    return;
  }
  answer_in_time(call);
  if (!body->items) {
    with_cart(call, [&]<class E>(typename E::Id id) { preview_cart<E>(call, id, body->address_id); });
    return;
  }
  auto lines = lines_of(*body->items);
  if (!lines) {
    call->refuse(lines.error());
    return;
  }
  preview(call, std::move(*lines), {}, body->address_id);
}

}  // namespace

void add_checkout_routes(http::Router& router, Api& api) {
  http::RouteInfo info;
  info.is_public = true;
  info.takes_cart_token = true;
  info.name = "preview_checkout";
  info.body = http::schema<PreviewBody>();
  info.answers = {{200, http::schema<PreviewView>()}};
  info.problems = {{401, "token.missing"}};
  info.summary =
      "Shows what ordering these items, or the cart, would cost now and what is in its way; reserves nothing";
  info.media_type = "application/json";
  add_route(router, api, http::Method::kPost, "/api/v1/checkout/preview", info, preview_checkout);
}

}  // namespace souk
