#include "gateway/routes/routes.hpp"
#include "gateway/views.hpp"

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
  std::int64_t quantity = 0;
  static constexpr auto fields() { return field_list(field("quantity", &SetBody::quantity)); }
  static constexpr auto limits() { return limit_list(limit("quantity", between(1, cart::kQuantityMax))); }
  static constexpr std::string_view kExample = R"({"quantity":3})";
};

struct CartLineView {
  ProductId product_id;
  std::int64_t quantity = 0;
  std::string name;
  std::string picture;
  Money unit_price;
  Money total;
  static constexpr auto fields() {
    return field_list(field("product_id", &CartLineView::product_id), field("quantity", &CartLineView::quantity),
                      field("name", &CartLineView::name), field("picture", &CartLineView::picture),
                      field("unit_price", &CartLineView::unit_price), field("total", &CartLineView::total));
  }
};

/// As get_cart and clear_cart write it.
struct CartView {
  std::vector<CartLineView> lines;
  std::vector<Money> totals;
  static constexpr auto fields() {
    return field_list(field("items", &CartView::lines), field("totals", &CartView::totals));
  }
  static constexpr auto limits() {
    return limit_list(limit("items", item_count(0, cart::kLinesMax)), limit("totals", says("One for each currency")));
  }
};

/// What a change answers: the line it was about. What the whole costs is asked with GET.
struct CartChangeView {
  ProductId product_id;
  std::int64_t quantity = 0;  ///< 0: it is not in the cart
  std::int64_t line_count = 0;
  static constexpr auto fields() {
    return field_list(field("product_id", &CartChangeView::product_id), field("quantity", &CartChangeView::quantity),
                      field("line_count", &CartChangeView::line_count));
  }
};

/// A cart on its way to be shown: each of its products is asked for its name and price.
struct CartReading {
  std::vector<cart::Item> items;
  std::vector<CartLineView> lines;
  std::map<std::string, std::int64_t> totals;  ///< by currency
  Position position;
  std::string versions;  ///< of the cart and all its products: the composed tag
};

void finish(const ApiCallPtr& call, const CartReading& reading) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.key("items");
  json.raw(encode(reading.lines));
  json.key("totals");
  json.begin_array();
  for (const auto& [currency, amount] : reading.totals) json.raw(encode(Money{amount, *Currency::parse(currency)}));
  json.end_array();
  json.end_object();
  auto response = http::json_response(200, std::move(out));
  response.etag = "W/\"" + reading.versions + "\"";
  call->answer(reading.position, std::move(response));
}

void read_next_product(const ApiCallPtr& call, const std::shared_ptr<CartReading>& reading) {
  if (reading->lines.size() == reading->items.size()) {
    finish(call, *reading);
    return;
  }
  const cart::Item item = reading->items[reading->lines.size()];
  call->api.host.read<Product>(item.product, {}, [call, reading, item](const Judged<Product>& judged) {
    if (judged.refusal != nullptr) {
      call->refuse(judged.position, *judged.refusal);
      return;
    }
    const auto& product = judged.state;
    const auto total = multiply(product.price, item.quantity);
    const Money line_total = total ? *total : Money{kIntegerMax, product.price.currency};
    reading->lines.push_back({item.product, item.quantity, product.name,
                              product.pictures.empty() ? std::string{} : product.pictures.front(), product.price,
                              line_total});
    auto& sum = reading->totals[std::string(product.price.currency.str())];
    sum = std::min(kIntegerMax, sum + line_total.amount);
    reading->position = std::max(reading->position, judged.position);
    reading->versions += '.' + std::to_string(judged.version.value);
    read_next_product(call, reading);
  });
}

void get_cart(const ApiCallPtr& call) {
  call->api.host.read<Cart>(call->account(), {}, [call](const Judged<Cart>& judged) {
    if (judged.refusal != nullptr) {
      call->refuse(judged.position, *judged.refusal);
      return;
    }
    auto reading = std::make_shared<CartReading>();
    reading->items = judged.state.lines;
    reading->position = judged.position;
    reading->versions = std::to_string(call->api.log.epoch()) + "." + std::to_string(judged.version.value);
    read_next_product(call, reading);
  });
}

void answer_change(const ApiCallPtr& call, ProductId product, const Judged<Cart>& judged) {
  if (judged.refusal != nullptr) {
    call->refuse(judged.position, *judged.refusal);
    return;
  }
  CartChangeView view{product, 0, static_cast<std::int64_t>(judged.state.lines.size())};
  for (const auto& line : judged.state.lines) {
    if (line.product == product) view.quantity = line.quantity;
  }
  call->answer(judged.position, http::json_response(200, encode(view)));
}

/// Sends a command to the caller's cart once its product is known to exist.
void change_line(const ApiCallPtr& call, ProductId product, Cart::Command command) {
  call->api.host.read<Product>(product, {}, [call, product, command](const Judged<Product>& judged) {
    if (judged.refusal != nullptr) {
      call->refuse(judged.position, *judged.refusal);
      return;
    }
    if (auto why = product::why_not_for_sale(judged.state)) {
      why->detail = "product_id: " + why->detail;
      call->refuse(judged.position, *why);
      return;
    }
    call->api.host.ask<Cart>(call->account(), command, call->meta(), call->options<Cart>(),
                             [call, product](const Judged<Cart>& changed) { answer_change(call, product, changed); });
  });
}

void add_item(const ApiCallPtr& call) {
  const auto body = call->body<AddBody>();
  if (!body) {
    call->refuse(body.error());
    return;
  }
  change_line(call, body->product_id, cart::AddItem{body->product_id, body->quantity});
}

void set_item(const ApiCallPtr& call) {
  const auto product = call->id<ProductTag>("product_id", "product.not_found");
  const auto body = call->body<SetBody>();
  if (!product || !body) {
    call->refuse(product ? body.error() : product.error());
    return;
  }
  change_line(call, *product, cart::SetItem{*product, body->quantity});
}

void remove_item(const ApiCallPtr& call) {
  const auto product = call->id<ProductTag>("product_id", "cart.item_not_found");
  if (!product) {
    call->refuse(product.error());
    return;
  }
  call->api.host.ask<Cart>(
      call->account(), cart::RemoveItem{*product}, call->meta(), call->options<Cart>(),
      [call, product = *product](const Judged<Cart>& judged) { answer_change(call, product, judged); });
}

void clear_cart(const ApiCallPtr& call) {
  call->api.host.ask<Cart>(call->account(), cart::Clear{}, call->meta(), call->options<Cart>(),
                           [call](const Judged<Cart>& judged) {
                             if (judged.refusal != nullptr) {
                               call->refuse(judged.position, *judged.refusal);
                               return;
                             }
                             call->answer(judged.position, http::json_response(200, R"({"items":[],"totals":[]})"));
                           });
}

}  // namespace

void add_cart_routes(http::Router& router, Api& api) {
  http::RouteInfo read;
  read.name = "get_cart";
  read.summary = "Shows the caller's cart with current prices";
  read.answers = {{200, http::schema<CartView>()}};
  add_route(router, api, http::Method::kGet, "/api/v1/cart", read, get_cart);

  http::RouteInfo write;
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
  write.problems = {{404, "product.not_found"}, {409, "cart.too_many_lines"}, {409, "cart.quantity_too_large"}};
  write.media_type = "application/json";
  write.body = http::schema<AddBody>();
  write.name = "add_cart_item";
  write.summary = "Adds to the quantity of a product in the caller's cart";
  add_route(router, api, http::Method::kPost, "/api/v1/cart/items", write, add_item);
  write.body = http::schema<SetBody>();
  write.name = "set_cart_item";
  write.summary = "Sets the quantity of a product in the caller's cart";
  add_route(router, api, http::Method::kPut, "/api/v1/cart/items/{product_id}", write, set_item);
}

}  // namespace souk
