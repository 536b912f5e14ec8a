/// Whose cart a call is about, and how a cart is shown: shared by the routes of carts, of guests and of checkout.
#pragma once

#include "gateway/basket.hpp"

namespace souk {

struct CartView {
  std::vector<BasketLine> items;
  std::vector<Money> totals;
  static constexpr auto fields() {
    return field_list(field("items", &CartView::items), field("totals", &CartView::totals));
  }
  static constexpr auto limits() {
    return limit_list(limit("items", item_count(0, cart::kLinesMax)),
                      limit("totals", says("Of the lines that are selected and in stock, one for each currency")));
  }
  static constexpr std::string_view kExample =
      R"({"items":[{"product_id":"6fbmcde5yznwq83fazzjf99ypj","quantity":2,"selected":true,"name":"Longjing",)"
      R"("picture":"https://shop.example/tea.jpg","unit_price":{"amount":16800,"currency":"CNY"},)"
      R"("total":{"amount":33600,"currency":"CNY"},"availability":"in_stock",)"
      R"("changed":{"price_then":{"amount":15800,"currency":"CNY"},"price_now":{"amount":16800,"currency":"CNY"},)"
      R"("name_then":"Longjing","name_now":"Longjing"}}],"totals":[{"amount":33600,"currency":"CNY"}]})";
};

/// Whether the cart can be used at all; an account's always can.
inline Result<void> check_usable(const cart::State& /*state*/) {
  return {};
}
inline Result<void> check_usable(const guest_cart::State& state) {
  return guest_cart::check_open(state);
}

/// Calls `then.operator()<Cart>(account)` or `<GuestCart>(cart)`, by the token that the call has shown; for routes with
/// `takes_cart_token`.
template <class Then>
void with_cart(const ApiCallPtr& call, Then then) {
  if (call->guest_cart) {
    then.template operator()<GuestCart>(*call->guest_cart);
  } else if (call->caller) {
    then.template operator()<Cart>(call->account());
  } else {
    call->refuse(Error{ErrorCode::kUnauthenticated, "token.missing",
                       "a cart is found by a bearer token, or by a guest's Souk-Cart-Token"});
  }
}

/// Answers with the lines as a cart; `version`: of the cart.
void answer_basket(const ApiCallPtr& call, Version version, Basket& basket);

/// Answers with the cart as it is.
template <class E>
void answer_cart(const ApiCallPtr& call, typename E::Id id) {
  call->api.host.read<E>(id, {}, [call](const Judged<E>& judged) {
    if (judged.refusal != nullptr) {
      call->refuse(judged.position, *judged.refusal);
    } else if (const auto usable = check_usable(judged.state); !usable) {
      call->refuse(judged.position, usable.error());
    } else {
      read_basket(call, judged.state.lines, judged.position,
                  [call, version = judged.version](Basket& basket) { answer_basket(call, version, basket); });
    }
  });
}

}  // namespace souk
