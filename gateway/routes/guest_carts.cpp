#include "gateway/routes/guest_carts.hpp"

#include "gateway/guest_token.hpp"
#include "gateway/routes/cart.hpp"
#include "gateway/routes/routes.hpp"

namespace souk {
namespace {

struct GuestCartView {
  std::string token;
  std::int64_t expires_in = 0;  ///< seconds from the last change
  static constexpr auto fields() {
    return field_list(field("token", &GuestCartView::token), field("expires_in", &GuestCartView::expires_in));
  }
  static constexpr std::string_view kExample =
      R"({"token":"DlF7mGZPqE1Y3cGqvV3mS0bqUQ0m5Qv1mYw2Tq1oO5c","expires_in":2592000})";
};

struct MergeBody {
  std::string cart_token;
  static constexpr auto fields() { return field_list(field("cart_token", &MergeBody::cart_token)); }
  static constexpr auto limits() { return limit_list(limit("cart_token", length(1, kCartTokenSizeMax))); }
  static constexpr std::string_view kExample = R"({"cart_token":"DlF7mGZPqE1Y3cGqvV3mS0bqUQ0m5Qv1mYw2Tq1oO5c"})";
};

/// With a key its token follows from the key, so that a repeat gives the same cart.
std::string token_for(const ApiCall& call) {
  if (!call.has_key()) return make_cart_token();
  return cart_token_of(call.created_id<Id128>("guest_cart.token.1"), call.created_id<Id128>("guest_cart.token.2"));
}

void open_guest_cart(const ApiCallPtr& call) {
  // Guests share the space of keys: one that two strangers might choose would give them one cart.
  if (call->has_key() && !is_unguessable_key(call->key())) {
    call->refuse(Error{ErrorCode::kInvalid, "idempotency.key_guessable",
                       "here a key must be one that nobody guesses: a UUID of version 4 or 7"});
    return;
  }
  const std::string token = token_for(*call);
  const CartId cart = *cart_of_token(call->api.command_ids, token);
  const std::int64_t ttl_s = call->api.options.guest_cart_ttl.get().us / 1'000'000;
  CommandMeta meta = call->meta();
  meta.principal = "guest_cart:" + cart.str();
  call->api.host.ask<GuestCart>(
      cart, guest_cart::Open{call->now(), ttl_s}, std::move(meta), call->options<GuestCart>(),
      [call, token](const Judged<GuestCart>& judged) {
        if (judged.refusal != nullptr) {
          call->refuse(judged.position, *judged.refusal);
          return;
        }
        auto response = http::json_response(201, encode(GuestCartView{token, judged.state.ttl_s}));
        response.location = "/api/v1/cart";
        call->answer(judged.position, std::move(response));
      });
}

void merge_cart(const ApiCallPtr& call) {
  const auto body = call->body<MergeBody>();
  if (!body) {
    call->refuse(body.error());
    return;
  }
  // Saying it again is harmless, so nobody has to find out how far it came.
  call->at_deadline(call->api.options.answer_deadline, [call] {
    call->refuse(Error{ErrorCode::kUnavailable, "cart.merge_pending", "it is not known yet; ask again"});
  });
  merge_guest_cart(call, call->account(), body->cart_token, call->meta(), [call](Position position, const Error* why) {
    if (why != nullptr) {
      call->refuse(position, *why);
    } else {
      answer_cart<Cart>(call, call->account());
    }
  });
}

}  // namespace

void merge_guest_cart(const ApiCallPtr& call, AccountId account, std::string_view token, CommandMeta meta,
                      std::function<void(Position, const Error*)> then) {
  const auto cart = cart_of_token(call->api.command_ids, token);
  if (!cart) {
    const Error unknown{ErrorCode::kNotFound, "cart.not_found", "cart_token: there is no such cart"};
    then({}, &unknown);
    return;
  }
  AskOptions<GuestCart> options;
  options.deadline = call->until(call->api.options.answer_deadline);
  options.until = [call](const guest_cart::State& state) {
    return state.status == guest_cart::Status::kMerged || call->exchange().answered();
  };
  call->api.host.ask<GuestCart>(
      *cart, guest_cart::Spend{account}, std::move(meta), std::move(options),
      [then = std::move(then)](const Judged<GuestCart>& judged) { then(judged.position, judged.refusal); });
}

void add_guest_cart_routes(http::Router& router, Api& api) {
  http::RouteInfo info;
  info.mutating = true;
  info.is_public = true;
  info.holds_secret = true;
  info.name = "open_guest_cart";
  info.summary =
      "Opens a cart for a guest and gives its token; a key must be one that nobody guesses: a UUID of version 4 or 7";
  info.answers = {{201, http::schema<GuestCartView>()}};
  add_route(router, api, http::Method::kPost, "/api/v1/guest-carts", info, open_guest_cart);
  info.is_public = false;
  info.holds_secret = false;
  info.name = "merge_cart";
  info.summary = "Puts a guest's cart into the caller's; the guest's is spent";
  info.media_type = "application/json";
  info.body = http::schema<MergeBody>();
  info.answers = {{200, http::schema<CartView>()}};
  info.problems = {{404, "cart.not_found"}, {409, "cart.spent"}, {409, "cart.expired"}};
  add_route(router, api, http::Method::kPost, "/api/v1/cart/merge", info, merge_cart);
}

}  // namespace souk
