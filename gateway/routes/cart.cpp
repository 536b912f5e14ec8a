#include "gateway/routes/cart.hpp"

#include <array>

#include "gateway/catalogue/storefront.hpp"
#include "gateway/routes/routes.hpp"

namespace souk {
namespace {

struct AddBody {
  ProductId product_id;
  std::int64_t quantity = 0;
  static constexpr auto fields() {
    return field_list(field("product_id", &AddBody::product_id), field("quantity", &AddBody::quantity));
  }
  static constexpr auto limits() { return limit_list(limit("quantity", between(1, cart::kQuantityMax))); }
  static constexpr std::string_view kExample = R"({"product_id":"2z8rh12q7hwntdjcvz2a005xtj","quantity":2})";
};

struct SetBody {
  std::optional<std::int64_t> quantity;
  std::optional<bool> selected;
  static constexpr auto fields() {
    return field_list(field("quantity", &SetBody::quantity), field("selected", &SetBody::selected));
  }
  static constexpr auto limits() {
    return limit_list(limit("quantity", between(1, cart::kQuantityMax)),
                      limit("selected", says("Whether it is ordered with the cart; at least one of both is needed")));
  }
  static constexpr std::string_view kExample = R"({"quantity":3,"selected":true})";
};

/// What a change answers: the line it was about. What the whole costs is asked with GET.
struct CartChangeView {
  ProductId product_id;
  std::int64_t quantity = 0;  ///< 0: it is not in the cart
  bool selected = false;
  std::int64_t line_count = 0;
  static constexpr auto fields() {
    return field_list(field("product_id", &CartChangeView::product_id), field("quantity", &CartChangeView::quantity),
                      field("selected", &CartChangeView::selected), field("line_count", &CartChangeView::line_count));
  }
  static constexpr std::string_view kExample =
      R"({"product_id":"6fbmcde5yznwq83fazzjf99ypj","quantity":2,"selected":true,"line_count":1})";
};

void get_cart(const ApiCallPtr& call) {
  answer_in_time(call);
  with_cart(call, [call]<class E>(typename E::Id id) { answer_cart<E>(call, id); });
}

template <class E>
void answer_change(const ApiCallPtr& call, ProductId product, const Judged<E>& judged) {
  if (judged.refusal != nullptr) {
    call->refuse(judged.position, *judged.refusal);
    return;
  }
  const cart::Line* line = cart::find(judged.state.lines, product);
  CartChangeView view{product, 0, false, static_cast<std::int64_t>(judged.state.lines.size())};
  if (line != nullptr) {
    view.quantity = line->quantity;
    view.selected = line->selected;
  }
  call->answer(judged.position, http::json_response(200, encode(view)));
}

template <class E>
void tell_cart(const ApiCallPtr& call, typename E::Id id, ProductId product, typename E::Command command) {
  const bool is_added = std::holds_alternative<cart::AddItem>(command);
  call->api.host.ask<E>(id, std::move(command), call->meta(), call->options<E>(),
                        [call, product, is_added](const Judged<E>& changed) {
                          if (is_added && changed.verdict == Verdict::kDone) {
                            call->api.storefront->hot.count(product, HotProducts::kPutIntoCart, call->now());
                          }
                          answer_change<E>(call, product, changed);
                        });
}

/// Sends a command to the cart once its product is known; the product's answer says what the line shall remember.
template <class E, class Command>
void change_line(const ApiCallPtr& call, typename E::Id id, Command command) {
  const ProductId product = command.product;
  call->api.host.read<Product>(product, {}, [call, id, command](const Judged<Product>& judged) mutable {
    if (judged.refusal != nullptr) {
      call->refuse(judged.position, *judged.refusal);
      return;
    }
    if (auto why = product::why_not_for_sale(judged.state)) {
      why->detail = "product_id: " + why->detail;
      call->refuse(judged.position, *why);
      return;
    }
    command.seen = cart::Seen{judged.state.price, judged.state.name, judged.version};
    tell_cart<E>(call, id, command.product, std::move(command));
  });
}

void add_item(const ApiCallPtr& call) {
  const auto body = call->body<AddBody>();
  if (!body) {
    ApiCall::refuse_within_limits(call, http::Problem(body.error()));
    return;
  }
  const std::string product = body->product_id.str();
  const std::array<std::string_view, 1> counted{product};
  ApiCall::within_limits(call, {std::nullopt, counted}, [body = *body](const ApiCallPtr& admitted) {
    with_cart(admitted, [&]<class E>(typename E::Id id) {
      change_line<E>(admitted, id, cart::AddItem{body.product_id, body.quantity});
    });
  });
}

void set_item(const ApiCallPtr& call) {
  with_cart(call, [call]<class E>(typename E::Id id) {
    const auto product = call->id<ProductTag>("product_id", "product.not_found");
    const auto body = call->body<SetBody>();
    if (!product || !body) {
      call->refuse(product ? body.error() : product.error());
      return;
    }
    cart::SetItem command{*product, body->quantity, body->selected};
    if (body->quantity) {
      change_line<E>(call, id, std::move(command));
    } else {
      // Selecting changes nothing that the product would have a say in.
      tell_cart<E>(call, id, *product, std::move(command));
    }
  });
}

void remove_item(const ApiCallPtr& call) {
  with_cart(call, [call]<class E>(typename E::Id id) {
    const auto product = call->id<ProductTag>("product_id", "cart.item_not_found");
    if (!product) {
      call->refuse(product.error());
      return;
    }
    tell_cart<E>(call, id, *product, cart::RemoveItem{*product});
  });
}

void clear_cart(const ApiCallPtr& call) {
  with_cart(call, [&]<class E>(typename E::Id id) {
    call->api.host.ask<E>(id, cart::Clear{}, call->meta(), call->options<E>(), [call](const Judged<E>& judged) {
      if (judged.refusal != nullptr) {
        call->refuse(judged.position, *judged.refusal);
        return;
      }
      call->answer(judged.position, http::json_response(200, encode(CartView{})));
    });
  });
}

}  // namespace

void answer_basket(const ApiCallPtr& call, Version version, Basket& basket) {
  const auto hash = call->api.fingerprints.fingerprint({"basket", basket.versions});
  std::string tag = "W/\"" + std::to_string(call->api.log.epoch()) + "." + std::to_string(version.value) + ".";
  for (const auto byte : hash) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    tag += {kDigits[byte >> 4U], kDigits[byte & 15U]};
  }
  tag += '"';
  auto response = http::json_response(200, encode(CartView{std::move(basket.lines), std::move(basket.totals)}));
  response.etag = std::move(tag);
  call->answer(basket.position, std::move(response));
}

void add_cart_routes(http::Router& router, Api& api) {
  http::RouteInfo read;
  read.takes_cart_token = true;
  read.name = "get_cart";
  read.summary = "Shows the caller's cart: prices and availability now, and what changed since";
  read.answers = {{200, http::schema<CartView>()}};
  add_route(router, api, http::Method::kGet, "/api/v1/cart", read, get_cart);

  http::RouteInfo write;
  write.takes_cart_token = true;
  write.mutating = true;
  write.name = "clear_cart";
  write.summary = "Empties the caller's cart";
  write.answers = {{200, http::schema<CartView>()}};
  add_route(router, api, http::Method::kDelete, "/api/v1/cart", write, clear_cart);
  write.answers = {{200, http::schema<CartChangeView>()}};
  write.problems = {{404, "cart.item_not_found"}};
  write.name = "remove_cart_item";
  write.summary = "Takes a product out of the caller's cart";
  add_route(router, api, http::Method::kDelete, "/api/v1/cart/items/{product_id}", write, remove_item);
  write.problems = {{404, "product.not_found"},
                    {409, "product.withdrawn"},
                    {409, "cart.too_many_lines"},
                    {409, "cart.quantity_too_large"}};
  write.media_type = "application/json";
  write.body = http::schema<AddBody>();
  write.name = "add_cart_item";
  write.summary = "Adds to the quantity of a product in the caller's cart";
  write.limits_itself = true;
  write.counted = {"product_id"};
  add_route(router, api, http::Method::kPost, "/api/v1/cart/items", write, add_item);
  write.problems = {{404, "product.not_found"},
                    {404, "cart.item_not_found"},
                    {409, "product.withdrawn"},
                    {409, "cart.too_many_lines"}};
  write.limits_itself = false;
  write.counted = {};
  write.body = http::schema<SetBody>();
  write.name = "set_cart_item";
  write.summary = "Sets the quantity of a product in the caller's cart, and whether it is ordered with the cart";
  add_route(router, api, http::Method::kPut, "/api/v1/cart/items/{product_id}", write, set_item);
}

}  // namespace souk
