#include "gateway/routes/place_order.hpp"

#include "gateway/catalogue/storefront.hpp"
#include "gateway/orders.hpp"
#include "gateway/views.hpp"

namespace souk {
namespace {

struct PlaceBody {
  std::optional<std::vector<cart::Item>> items;
  std::optional<Address> address;
  std::optional<AddressId> address_id;
  std::optional<Money> expected_total;
  static constexpr auto fields() {
    return field_list(field("items", &PlaceBody::items), field("address", &PlaceBody::address),
                      field("address_id", &PlaceBody::address_id), field("expected_total", &PlaceBody::expected_total));
  }
  static constexpr auto limits() {
    return limit_list(limit("items", item_count(1, order::kLinesMax), says("Left out: what is in the cart")),
                      limit("address", says("Either this or address_id")),
                      limit("address_id", says("One of the caller's addresses, as it is now")),
                      limit("expected_total", says("Another total is refused with 409")));
  }
  static constexpr std::string_view kExample =
      R"({"items":[{"product_id":"2z8rh12q7hwntdjcvz2a005xtj","quantity":2}],"address":{"name":"Ada Quill",)"
      R"("phone_number":"+86 138-0013-8000","province":"浙江省","city":"杭州市","region":"西湖区",)"
      R"("detail_address":"Longjing Lane 17"}})";
};

/// An order on its way: what is bought, and what its products said of themselves so far.
struct Placing {
  OrderId id;
  std::vector<cart::Item> items;
  order::Place command;
  std::optional<Address> address;  ///< that the request brought
  std::optional<AddressId> address_id;
  Position seen;          ///< of what the cart and the products said: a refusal is judged on that too
  bool repeated = false;  ///< the log knows of this very request
};
using PlacingPtr = std::shared_ptr<Placing>;

bool is_settled(const order::State& state) {
  return state.state != order::OrderState::kNone && state.state != order::OrderState::kPlaced;
}

void answer_view(const ApiCallPtr& call, const OrderView& view, Position position, Version version, int status) {
  auto response = http::json_response(status, encode(view));
  response.location = "/api/v1/orders/" + view.id.str();
  response.etag = call->etag(version);
  call->answer(position, std::move(response));
}

/// Like a GET of the order, but without opening an address that this very request brought.
void answer_placed(const ApiCallPtr& call, const PlacingPtr& placing, const Judged<Order>& judged, int status) {
  OrderView view = view_of(placing->id, judged.state);
  if (placing->address) {
    view.address = placing->address;
    answer_view(call, view, judged.position, judged.version, status);
    return;
  }
  call->api.queries.submit([call, view = std::move(view), account = judged.state.account, sealed = judged.state.address,
                            position = judged.position, version = judged.version, status]() mutable {
    auto address = call->api.vault.open(account, sealed);
    if (!address && address.error().code == ErrorCode::kInternal) {
      call->refuse(position, address.error());
      return;
    }
    if (address) view.address = std::move(*address);
    answer_view(call, view, position, version, status);
  });
}

void answer(const ApiCallPtr& call, const PlacingPtr& placing, const Judged<Order>& judged) {
  if (judged.refusal != nullptr) {
    call->refuse(std::max(placing->seen, judged.position), *judged.refusal);
    return;
  }
  if (judged.state.state == order::OrderState::kRejected) {
    http::Problem problem(409, "order.stock_short", "there is not enough of every product; nothing is reserved");
    call->refuse(judged.position, std::move(problem)
                                      .with("order_id", '"' + placing->id.str() + '"')
                                      .with("position", '"' + call->position_text(judged.position) + '"')
                                      .with("shortages", encode(judged.state.shortages)));
    return;
  }
  if (judged.state.state == order::OrderState::kPlaced && placing->repeated) {
    http::Problem problem(409, "idempotency.in_progress", "the order is being placed; ask again with the same key");
    problem.retry_after_s = 1;
    call->refuse(judged.position, problem);
    return;
  }
  answer_placed(call, placing, judged, judged.state.state == order::OrderState::kPlaced ? 202 : 201);
}

/// The order is there but its stock has not answered in time: say how far it is.
void answer_unsettled(const ApiCallPtr& call, const PlacingPtr& placing) {
  call->api.host.read<Order>(placing->id, {}, [call, placing](const Judged<Order>& judged) {
    if (judged.refusal == nullptr && judged.state.state == order::OrderState::kNone) {
      call->refuse(judged.position,
                   Error{ErrorCode::kUnavailable, "order.not_yet", "nothing was placed yet; ask again"});
      return;
    }
    answer(call, placing, judged);
  });
}

/// Of an order that this very request placed, when it is known to stand, also if its client was answered before.
void count_ordered(const ApiCallPtr& call, const Judged<Order>& judged) {
  if (judged.verdict != Verdict::kDone || judged.state.state == order::OrderState::kRejected) return;
  for (const auto& line : judged.state.lines) {
    call->api.storefront->hot.count(line.product, HotProducts::kOrdered, call->now());
  }
}

void place(const ApiCallPtr& call, const PlacingPtr& placing) {
  auto options = call->options<Order>();
  // Once the client was told that nothing was placed, nothing may be.
  const Duration longest = call->api.options.answer_deadline;
  options.deadline = std::min(placing->command.placed_at + longest, call->until(longest));
  options.until = [call](const order::State& state) { return is_settled(state) || call->exchange().answered(); };
  call->api.host.ask<Order>(placing->id, std::move(placing->command), call->meta(), std::move(options),
                            [call, placing](const Judged<Order>& judged) {
                              count_ordered(call, judged);
                              answer(call, placing, judged);
                            });
}

/// Asks each product itself what it is called and what it costs, one after the other.
void ask_next_product(const ApiCallPtr& call, const PlacingPtr& placing) {
  auto& lines = placing->command.lines;
  if (lines.size() == placing->items.size()) {
    place(call, placing);
    return;
  }
  const cart::Item item = placing->items[lines.size()];
  call->api.host.read<Product>(item.product, {}, [call, placing, item](const Judged<Product>& judged) {
    if (judged.refusal != nullptr) {
      call->refuse(judged.position, *judged.refusal);
      return;
    }
    placing->seen = std::max(placing->seen, judged.position);
    if (call->exchange().answered()) return;
    auto& known = placing->command.lines;
    if (auto why = product::why_not_for_sale(judged.state)) {
      why->detail = "items[" + std::to_string(known.size()) + "].product_id: " + why->detail;
      call->refuse(judged.position, *why);
      return;
    }
    const auto& product = judged.state;
    if (product.purchase_limit) placing->command.purchase_limits[item.product] = *product.purchase_limit;
    known.push_back({item.product, judged.version, product.sku, product.name,
                     product.pictures.empty() ? std::string{} : product.pictures.front(), product.description,
                     product.price, item.quantity});
    ask_next_product(call, placing);
  });
}

void place_from_cart(const ApiCallPtr& call, const PlacingPtr& placing) {
  call->api.host.read<Cart>(call->account(), {}, [call, placing](const Judged<Cart>& judged) {
    if (judged.refusal != nullptr) {
      call->refuse(judged.position, *judged.refusal);
      return;
    }
    if (judged.state.lines.empty()) {
      // A request of the same key may have emptied it just now.
      if (call->is_repeated()) {
        placing->repeated = true;
        place(call, placing);
        return;
      }
      call->refuse(judged.position, Error{ErrorCode::kConflict, "cart.empty", "an empty cart cannot be ordered"});
      return;
    }
    for (const auto& line : judged.state.lines) {
      if (line.selected) placing->items.push_back({line.product, line.quantity});
    }
    if (placing->items.empty()) {
      call->refuse(judged.position, Error{ErrorCode::kConflict, "cart.nothing_selected",
                                          "a cart is ordered by its selected lines, and there are none"});
      return;
    }
    placing->seen = std::max(placing->seen, judged.position);
    ask_next_product(call, placing);
  });
}

void choose_items(const ApiCallPtr& call, const PlacingPtr& placing) {
  if (placing->command.from_cart) {
    place_from_cart(call, placing);
  } else {
    ask_next_product(call, placing);
  }
}

/// An address of the book is sealed under the same key as an order's, and goes into it as it is.
void choose_address(const ApiCallPtr& call, const PlacingPtr& placing) {
  call->api.host.read<AddressBook>(call->account(), {}, [call, placing](const Judged<AddressBook>& judged) {
    if (judged.refusal != nullptr) {
      call->refuse(judged.position, *judged.refusal);
      return;
    }
    const auto* entry = address_book::find(judged.state, *placing->address_id);
    if (entry == nullptr) {
      call->refuse(judged.position, Error{ErrorCode::kConflict, "order.address_not_found",
                                          "address_id: none of the caller's addresses has it"});
      return;
    }
    placing->seen = judged.position;
    placing->command.address = entry->address;
    choose_items(call, placing);
  });
}

/// Everything that can be said of the request before anybody is asked.
Result<PlacingPtr> read_request(const ApiCall& call) {
  auto body = call.body<PlaceBody>();
  if (!body) return tl::unexpected<Error>(std::move(body.error()));
  if (body->address.has_value() == body->address_id.has_value()) {
    return body->address ? fail(ErrorCode::kInvalid, "field.invalid", "address_id: cannot stand beside address")
                         : fail(ErrorCode::kInvalid, "field.invalid", "address: or address_id has to be given");
  }
  if (body->address) {
    if (auto valid = validate(*body->address); !valid) return tl::unexpected<Error>(std::move(valid.error()));
  }
  if (body->items && body->items->size() > order::kLinesMax) {
    return fail(ErrorCode::kInvalid, "order.too_many_lines", "items: at most 100 lines");
  }
  if (body->items && body->items->empty()) {
    return fail(ErrorCode::kInvalid, "order.empty", "items: leave it out to order the cart");
  }
  auto placing = std::make_shared<Placing>();
  placing->id = call.created_id<OrderId>("order");
  if (body->items) placing->items = std::move(*body->items);
  placing->address = std::move(body->address);
  placing->address_id = body->address_id;
  auto& command = placing->command;
  command.account = call.account();
  command.from_cart = !body->items;
  command.placed_at = call.now();
  command.payment_due_at = command.placed_at + call.api.options.payment_timeout;
  command.expected_total = body->expected_total;
  if (!placing->address) return placing;
  auto sealed = call.api.vault.seal(call.account(), *placing->address);
  if (!sealed) return tl::unexpected<Error>(std::move(sealed.error()));
  command.address = std::move(*sealed);
  return placing;
}

}  // namespace

http::SchemaRef place_order_body() {
  return http::schema<PlaceBody>();
}

void place_order(const ApiCallPtr& call) {
  auto read = read_request(*call);
  if (!read) {
    call->refuse(read.error());
    return;
  }
  const PlacingPtr placing = std::move(*read);
  call->at_deadline(call->api.options.answer_deadline, [call, placing] { answer_unsettled(call, placing); });
  // A repeated request must not look at the cart, which the first one emptied.
  placing->repeated = call->is_repeated();
  if (placing->repeated) {
    place(call, placing);
  } else if (placing->address_id) {
    choose_address(call, placing);
  } else {
    choose_items(call, placing);
  }
}

}  // namespace souk
