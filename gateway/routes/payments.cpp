#include <algorithm>

#include "gateway/payments/services.hpp"
#include "gateway/routes/routes.hpp"
#include "gateway/views.hpp"

namespace souk {
namespace {

struct StartBody {
  std::string provider;
  provider::Presentation way = provider::Presentation::kPage;
  static constexpr auto fields() {
    return field_list(field("provider", &StartBody::provider), defaulted("way", &StartBody::way));
  }
  static constexpr auto limits() { return limit_list(limit("provider", length(1, payment::kProviderSizeMax))); }
  static constexpr std::string_view kExample = R"({"provider":"sandbox","way":"page"})";
};

Error no_order() {
  return {ErrorCode::kNotFound, "order.not_found", "there is no such order"};
}
Error no_payment() {
  return {ErrorCode::kNotFound, "payment.not_found", "there is no such payment"};
}

void answer_started(const ApiCallPtr& call, OrderId order, PaymentId id, const Judged<Payment>& judged, int status) {
  auto response = http::json_response(status, encode(view_of(id, judged.state)));
  response.location = "/api/v1/orders/" + order.str() + "/payments/" + id.str();
  response.etag = call->etag(judged.version);
  call->answer(judged.position, std::move(response));
}

/// Answers once the provider has said where to pay, or that it cannot tell yet.
void start(const ApiCallPtr& call, OrderId order, const StartBody& body, const order::State& state, PaymentId id) {
  payment::Start command{order,       call->account(), body.provider,       state.total,
                         call->now(), body.way,        state.payment_due_at};
  auto options = call->options<Payment>();
  options.until = [call](const payment::State& payment) {
    return payment.created || !payment.creation_problem.empty() || payment.status != payment::Status::kStarted ||
           call->exchange().answered();
  };
  // A provider that is slow is none of our overload.
  call->leave_queue();
  call->at_deadline(call->api.options.answer_deadline, [call, order, id] {
    call->api.host.read<Payment>(id, {}, [call, order, id](const Judged<Payment>& judged) {
      if (judged.refusal != nullptr || judged.state.status == payment::Status::kNone) {
        call->refuse(judged.position,
                     Error{ErrorCode::kUnavailable, "payment.not_yet", "nothing was started yet; ask again"});
        return;
      }
      answer_started(call, order, id, judged, 202);
    });
  });
  call->api.host.ask<Payment>(id, command, call->meta(), std::move(options),
                              [call, order, id](const Judged<Payment>& judged) {
                                if (judged.refusal != nullptr) {
                                  call->refuse(judged.position, *judged.refusal);
                                  return;
                                }
                                answer_started(call, order, id, judged, 201);
                              });
}

/// Only an order that waits for its payment can be paid; a repeated request finds its payment whatever came since.
void start_if_payable(const ApiCallPtr& call, OrderId id, const StartBody& body, bool repeated, PaymentId payment_id) {
  call->api.host.read<Order>(id, {}, [=](const Judged<Order>& judged) {
    if (judged.refusal != nullptr) {
      call->refuse(judged.position, *judged.refusal);
      return;
    }
    const auto& order = judged.state;
    if (order.state == order::OrderState::kNone || order.account != call->account()) {
      call->refuse(no_order());
      return;
    }
    if (order.state != order::OrderState::kAwaitingPayment && !repeated) {
      http::Problem problem(409, "order.not_payable", "an order in this state cannot be paid");
      call->refuse(judged.position, with_next_steps(std::move(problem), order));
      return;
    }
    if (order.has_all_payments() && !repeated) {
      call->refuse(judged.position, Error{ErrorCode::kConflict, "order.too_many_payments",
                                          "so many payments were begun that no other can be; the last can be paid"});
      return;
    }
    start(call, id, body, order, payment_id);
  });
}

void start_payment(const ApiCallPtr& call) {
  const auto order = call->id<OrderTag>("id", "order.not_found");
  const auto body = call->body<StartBody>();
  if (!order || !body) {
    call->refuse(order ? body.error() : order.error());
    return;
  }
  if (call->api.payments.find(body->provider) == nullptr) {
    call->refuse(Error{ErrorCode::kInvalid, "payment.provider_unknown", "provider: payments are not taken through it"});
    return;
  }
  const auto id = call->created_id<PaymentId>("payment");
  call->api.host.read<Payment>(id, {}, [call, order = *order, body = *body, id](const Judged<Payment>& judged) {
    if (judged.refusal != nullptr) {
      call->refuse(judged.position, *judged.refusal);
      return;
    }
    start_if_payable(call, order, body, judged.state.status != payment::Status::kNone, id);
  });
}

void get_payment(const ApiCallPtr& call) {
  const auto order = call->id<OrderTag>("id", "payment.not_found");
  const auto id = call->id<PaymentTag>("payment_id", "payment.not_found");
  if (!order || !id) {
    call->refuse(no_payment());
    return;
  }
  call->api.host.read<Payment>(*id, {}, [call, id = *id, order = *order](const Judged<Payment>& judged) {
    if (judged.refusal != nullptr) {
      call->refuse(judged.position, *judged.refusal);
      return;
    }
    const auto& state = judged.state;
    if (state.status == payment::Status::kNone || state.account != call->account() || state.order != order) {
      call->refuse(no_payment());
      return;
    }
    call->answer_entity(judged.position, judged.version, encode(view_of(id, state)));
  });
}

}  // namespace

void add_payment_routes(http::Router& router, Api& api) {
  http::RouteInfo info;
  info.name = "get_payment";
  info.summary = "Shows one payment of one of the caller's orders";
  info.answers = {{200, http::schema<PaymentView>()}};
  info.problems = {{404, "payment.not_found"}};
  add_route(router, api, http::Method::kGet, "/api/v1/orders/{id}/payments/{payment_id}", info, get_payment);
  info.mutating = true;
  info.name = "start_payment";
  info.summary = "Begins to pay an order with a provider, by a page to open or a code to scan";
  info.body = http::schema<StartBody>();
  info.answers = {{201, http::schema<PaymentView>()},
                  {202, http::schema<PaymentView>(), "The provider has not answered yet; it is asked again"}};
  info.problems = {{404, "order.not_found"},
                   {409, "order.not_payable"},
                   {409, "order.too_many_payments"},
                   {409, "payment.exists"},
                   {503, "payment.not_yet"}};
  info.media_type = "application/json";
  add_route(router, api, http::Method::kPost, "/api/v1/orders/{id}/payments", info, start_payment);
}

}  // namespace souk
