#include <algorithm>

#include "gateway/routes/routes.hpp"
#include "gateway/views.hpp"

namespace souk {
namespace {

constexpr std::string_view kSandbox = "sandbox";

struct StartBody {
  std::string provider;
  static constexpr auto fields() { return field_list(field("provider", &StartBody::provider)); }
  static constexpr std::string_view kExample = R"({"provider":"sandbox"})";
};

enum class Outcome : std::uint8_t { kSuccess, kFailure };

}  // namespace
}  // namespace souk

template <>
struct souk::EnumNames<souk::Outcome> {
  static constexpr std::array<std::string_view, 2> values{"success", "failure"};
};

namespace souk {
namespace {

struct OutcomeBody {
  Outcome outcome = Outcome::kSuccess;
  static constexpr auto fields() { return field_list(field("outcome", &OutcomeBody::outcome)); }
  static constexpr std::string_view kExample = R"({"outcome":"success"})";
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
void start(const ApiCallPtr& call, OrderId order, const std::string& provider, const order::State& state,
           PaymentId id) {
  payment::Start command{
      order, call->account(), provider, state.total, call->now(), provider::Presentation::kPage, state.payment_due_at};
  auto options = call->options<Payment>();
  options.until = [call](const payment::State& payment) {
    return payment.created || !payment.creation_problem.empty() || payment.status != payment::Status::kStarted ||
           call->exchange().answered();
  };
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
void start_if_payable(const ApiCallPtr& call, OrderId id, const std::string& provider, bool repeated,
                      PaymentId payment_id) {
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
    start(call, id, provider, order, payment_id);
  });
}

void start_payment(const ApiCallPtr& call) {
  const auto order = call->id<OrderTag>("id", "order.not_found");
  const auto body = call->body<StartBody>();
  if (!order || !body) {
    call->refuse(order ? body.error() : order.error());
    return;
  }
  if (body->provider != kSandbox || !call->api.options.sandbox_enabled) {
    call->refuse(Error{ErrorCode::kInvalid, "payment.provider_unknown", "provider: payments are not taken through it"});
    return;
  }
  const auto id = call->created_id<PaymentId>("payment");
  call->api.host.read<Payment>(
      id, {}, [call, order = *order, provider = body->provider, id](const Judged<Payment>& judged) {
        if (judged.refusal != nullptr) {
          call->refuse(judged.position, *judged.refusal);
          return;
        }
        start_if_payable(call, order, provider, judged.state.status != payment::Status::kNone, id);
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

/// Answers when the order has heard of the money, so that whoever pays sees the order paid, or the refund begun.
void answer_when_heard(const ApiCallPtr& call, PaymentId id, const PaymentView& view, OrderId order, Position paid_at) {
  auto options = call->options<Order>();
  options.until = [call, id](const order::State& state) {
    return state.payment == id || std::ranges::find(state.returned, id) != state.returned.end() ||
           call->exchange().answered();
  };
  call->api.host.read<Order>(order, std::move(options), [call, view, paid_at](const Judged<Order>& judged) {
    // The money is recorded whatever the order says.
    const int status = judged.refusal == nullptr ? 200 : 202;
    call->answer(std::max(paid_at, judged.position), http::json_response(status, encode(view)));
  });
}

void report_from_sandbox(const ApiCallPtr& call, PaymentId id, Money amount, bool succeeded) {
  provider::Report report;
  report.source = provider::Source::kCallback;
  report.outcome = succeeded ? provider::Outcome::kPaid : provider::Outcome::kClosed;
  report.reference = "sandbox-" + id.str();
  report.amount = amount;
  payment::RecordReport command{std::move(report), call->now()};
  call->api.host.ask<Payment>(id, command, call->meta(), call->options<Payment>(),
                              [call, id, succeeded](const Judged<Payment>& judged) {
                                if (judged.refusal != nullptr) {
                                  call->refuse(judged.position, *judged.refusal);
                                  return;
                                }
                                const auto view = view_of(id, judged.state);
                                if (!succeeded) {
                                  call->answer(judged.position, http::json_response(200, encode(view)));
                                  return;
                                }
                                answer_when_heard(call, id, view, judged.state.order, judged.position);
                              });
}

void settle_in_sandbox(const ApiCallPtr& call) {
  const auto id = call->id<PaymentTag>("id", "payment.not_found");
  const auto body = call->body<OutcomeBody>();
  if (!id || !body) {
    call->refuse(id ? body.error() : id.error());
    return;
  }
  const bool succeeded = body->outcome == Outcome::kSuccess;
  call->at_deadline(call->api.options.answer_deadline, [call, id = *id] {
    call->api.host.read<Payment>(id, {}, [call, id](const Judged<Payment>& judged) {
      if (judged.refusal != nullptr || judged.state.status == payment::Status::kNone) {
        call->refuse(judged.position, judged.refusal != nullptr ? *judged.refusal : no_payment());
        return;
      }
      call->answer(judged.position, http::json_response(202, encode(view_of(id, judged.state))));
    });
  });
  call->api.host.read<Payment>(*id, {}, [call, id = *id, succeeded](const Judged<Payment>& judged) {
    if (judged.refusal != nullptr || judged.state.status == payment::Status::kNone) {
      call->refuse(judged.position, judged.refusal != nullptr ? *judged.refusal : no_payment());
      return;
    }
    report_from_sandbox(call, id, judged.state.amount, succeeded);
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
  info.summary = "Begins to pay an order with a provider";
  info.body = http::schema<StartBody>();
  info.answers = {{201, http::schema<PaymentView>()}};
  info.problems = {{404, "order.not_found"}, {409, "order.not_payable"}, {409, "payment.exists"}};
  info.media_type = "application/json";
  add_route(router, api, http::Method::kPost, "/api/v1/orders/{id}/payments", info, start_payment);
  if (!api.options.sandbox_enabled) return;
  info.name = "settle_sandbox_payment";
  info.summary = "Stands in for the provider's pay page: says what became of a sandbox payment";
  info.is_public = true;
  info.body = http::schema<OutcomeBody>();
  info.answers = {{200, http::schema<PaymentView>()},
                  {202, http::schema<PaymentView>(), "The order has not heard of it"}};
  info.problems = {{404, "payment.not_found"}};
  add_route(router, api, http::Method::kPost, "/sandbox/payments/{id}", info, settle_in_sandbox);
}

}  // namespace souk
