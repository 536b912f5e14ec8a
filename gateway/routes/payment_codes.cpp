#include "gateway/api_call.hpp"
#include "gateway/routes/routes.hpp"
#include "payments/qr_png.hpp"

namespace souk {
namespace {

Error no_code() {
  return {ErrorCode::kNotFound, "payment.no_code", "this payment has no code to be scanned"};
}

void answer_picture(const ApiCallPtr& call, Position position, const std::string& text) {
  auto png = qr_png(text);
  if (!png) {
    call->refuse(position, png.error().code == ErrorCode::kInvalid ? no_code() : png.error());
    return;
  }
  http::Response response;
  response.content_type = "image/png";
  response.body = std::move(*png);
  call->answer(position, std::move(response));
}

void get_code(const ApiCallPtr& call) {
  const auto id = call->id<PaymentTag>("id", "payment.not_found");
  if (!id) {
    call->refuse(id.error());
    return;
  }
  call->api.host.read<Payment>(*id, {}, [call](const Judged<Payment>& judged) {
    const auto& state = judged.state;
    if (judged.refusal != nullptr) {
      call->refuse(judged.position, *judged.refusal);
    } else if (state.status == payment::Status::kNone || state.account != call->account()) {
      call->refuse(Error{ErrorCode::kNotFound, "payment.not_found", "there is no such payment"});
    } else if (state.qr_text.empty()) {
      call->refuse(judged.position, no_code());
    } else {
      // Drawing takes a millisecond, which an actor's thread has better uses for.
      call->api.queries.submit(
          [call, position = judged.position, text = state.qr_text] { answer_picture(call, position, text); });
    }
  });
}

}  // namespace

void add_payment_code_routes(http::Router& router, Api& api) {
  http::RouteInfo info;
  info.name = "get_payment_code";
  info.summary = "Shows the code to be scanned to pay, as a picture";
  info.answers = {{200, {}, {}, "image/png"}};
  info.problems = {{404, "payment.not_found"}, {404, "payment.no_code"}};
  add_route(router, api, http::Method::kGet, "/api/v1/payments/{id}/qr.png", info, get_code);
}

}  // namespace souk
