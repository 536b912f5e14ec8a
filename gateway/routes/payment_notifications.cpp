#include "gateway/api_call.hpp"
#include "gateway/payments/notifications.hpp"
#include "gateway/payments/services.hpp"
#include "gateway/routes/routes.hpp"

namespace souk {
namespace {

constexpr std::size_t kBodyBytesMax = 65'536;

/// Providers read the text alone, whatever the status; everything but "success" makes them tell it again.
void answer_text(const ApiCallPtr& call, Position position, bool accepted) {
  http::Response response;
  response.content_type = "text/plain; charset=utf-8";
  response.body = accepted ? "success" : "failure";
  call->answer(position, std::move(response));
}

void notify(const ApiCallPtr& call) {
  const auto name = call->request().path_parameter("provider");
  const Provider* provider = call->api.payments.find(name);
  if (provider == nullptr) {
    call->refuse(Error{ErrorCode::kNotFound, "payment.provider_unknown", "payments are not taken through it"});
    return;
  }
  const IncomingNotification incoming{call->request().header("Content-Type").value_or(""), call->request().body};
  take_notification(call->api, name, *provider, incoming, call->meta(),
                    [call](Taken taken, Position position) { answer_text(call, position, taken == Taken::kAccepted); });
}

}  // namespace

void add_payment_notification_routes(http::Router& router, Api& api) {
  http::RouteInfo info;
  info.name = "notify_payment";
  info.key_without_effect = "what a provider tells is known by what it says; told again it changes nothing";
  info.is_public = true;
  info.summary = "Takes what a provider says became of a payment; \"success\" is answered once that is durable";
  info.body_bytes_max = kBodyBytesMax;
  info.path = {{"provider", http::schema<std::string>(length(1, payment::kProviderSizeMax), matching("^[a-z0-9_]+$"))}};
  info.answers = {{200, http::plain_text(R"("success")", matching("^(success|failure)$")),
                   "failure: it is not authentic or does not fit", "text/plain"}};
  info.problems = {{404, "payment.provider_unknown"}};
  // Any media type is taken: what Alipay sends there is not always one.
  add_route(router, api, http::Method::kPost, "/api/v1/payments/notifications/{provider}", info, notify);
}

}  // namespace souk
