#include <algorithm>

#include "gateway/orders.hpp"
#include "gateway/routes/routes.hpp"
#include "gateway/views.hpp"

namespace souk {
namespace {

struct PaymentItem {
  PaymentId id;
  OrderId order_id;
  AccountId account_id;
  std::string provider;
  Money amount;
  payment::Status state = payment::Status::kNone;
  Money captured;
  Money refunded;
  std::string reference;
  Time started_at;
  Time updated_at;
  static constexpr auto fields() {
    using V = PaymentItem;
    return field_list(field("id", &V::id), field("order_id", &V::order_id), field("account_id", &V::account_id),
                      field("provider", &V::provider), field("amount", &V::amount), field("state", &V::state),
                      field("captured", &V::captured), field("refunded", &V::refunded),
                      field("reference", &V::reference), field("started_at", &V::started_at),
                      field("updated_at", &V::updated_at));
  }
  static constexpr std::string_view kExample =
      R"({"id":"7nz3gpwn6bew0eysnvm6nr9sqf","order_id":"2z8rh12q7hwntdjcvz2a005xtj",)"
      R"("account_id":"1p3tkyzrkwd336dt3z39bqqp4d","provider":"sandbox","amount":{"amount":33600,)"
      R"("currency":"CNY"},"state":"succeeded","captured":{"amount":33600,"currency":"CNY"},)"
      R"("refunded":{"amount":0,"currency":"CNY"},"reference":"sandbox-7nz3gpwn6bew0eysnvm6nr9sqf",)"
      R"("started_at":"2026-11-23T08:55:36.551548Z","updated_at":"2026-11-23T08:55:36.551548Z"})";
};

/// Everything that the shop knows of one payment: the attempt, what was captured, each refund, what was refused.
struct PaymentDetails {
  PaymentView payment;
  AccountId account_id;
  std::string reference;
  Money captured;
  std::vector<payment::RefundState> refunds;
  std::vector<std::string> refused_reports;
  std::optional<Money> wrong_amount;
  std::int64_t asked_count = 0;
  Time started_at;
  static constexpr auto fields() {
    using V = PaymentDetails;
    return field_list(field("payment", &V::payment), field("account_id", &V::account_id),
                      field("reference", &V::reference), field("captured", &V::captured), field("refunds", &V::refunds),
                      field("refused_reports", &V::refused_reports), field("wrong_amount", &V::wrong_amount),
                      field("asked_count", &V::asked_count), field("started_at", &V::started_at));
  }
  static constexpr std::string_view kExample =
      R"({"payment":{"id":"7nz3gpwn6bew0eysnvm6nr9sqf","order_id":"2z8rh12q7hwntdjcvz2a005xtj",)"
      R"("provider":"sandbox","amount":{"amount":33600,"currency":"CNY"},"state":"partially_refunded",)"
      R"("way":"page","expires_at":"2026-11-23T09:25:00.000000Z","refunded":{"amount":16800,"currency":"CNY"}},)"
      R"("account_id":"1p3tkyzrkwd336dt3z39bqqp4d","reference":"sandbox-7nz3gpwn6bew0eysnvm6nr9sqf",)"
      R"("captured":{"amount":33600,"currency":"CNY"},"refunds":[{"refund_id":"3rdxj6pfdwqhqx5jvkd3b7jxe3",)"
      R"("amount":{"amount":16800,"currency":"CNY"},"reason":"broken in transit","status":"refunded",)"
      R"("requested_at":"2026-11-23T08:55:36.551548Z","problem":""}],"refused_reports":[],"asked_count":1,)"
      R"("started_at":"2026-11-23T08:55:36.551548Z"})";
};

struct AlertItem {
  PaymentId payment_id;
  OrderId order_id;
  std::string provider;
  std::string reason;
  Time at;
  static constexpr auto fields() {
    using V = AlertItem;
    return field_list(field("payment_id", &V::payment_id), field("order_id", &V::order_id),
                      field("provider", &V::provider), field("reason", &V::reason), field("at", &V::at));
  }
  static constexpr std::string_view kExample =
      R"({"payment_id":"7nz3gpwn6bew0eysnvm6nr9sqf","order_id":"2z8rh12q7hwntdjcvz2a005xtj","provider":"sandbox",)"
      R"("reason":"payment.amount_mismatch","at":"2026-11-23T08:55:36.551548Z"})";
};

Error no_payment() {
  return {ErrorCode::kNotFound, "payment.not_found", "there is no such payment"};
}

struct Filters {
  std::optional<std::string> provider;
  std::optional<std::string> state;
};

Result<Filters> read_filters(const ApiCall& call) {
  const auto provider = call.request().query("provider");
  const auto state = call.request().query("state");
  if (!provider || !state) return tl::unexpected<Error>(provider ? state.error() : provider.error());
  Filters filters;
  if (*provider) filters.provider = std::string(**provider);
  if (*state) {
    const auto& names = EnumNames<payment::Status>::values;
    if (std::ranges::find(names, **state) == names.end()) {
      return fail(ErrorCode::kInvalid, "query.state_invalid", "state: no payment has one of this name");
    }
    filters.state = std::string(**state);
  }
  return filters;
}

std::optional<std::string_view> view_of(const std::optional<std::string>& text) {
  return text ? std::optional<std::string_view>(*text) : std::nullopt;
}

payment::Status status_of(std::string_view name) {
  const auto& names = EnumNames<payment::Status>::values;
  return static_cast<payment::Status>(std::ranges::find(names, name) - names.begin());
}

void list_payments(const ApiCallPtr& call) {
  const auto filters = read_filters(*call);
  if (!filters) {
    call->refuse(filters.error());
    return;
  }
  const std::string scope =
      encode(std::vector<std::string>{"payments", filters->provider.value_or(""), filters->state.value_or("")});
  const auto page = read_page_request(*call, scope);
  if (!page) {
    call->refuse(page.error());
    return;
  }
  call->when_caught_up(call->api.projections.payments_follower(), [call, filters = *filters, scope, page = *page] {
    call->api.queries.submit([call, filters, scope, page] {
      const auto found = call->api.projections.payments().list(page.limit, page.after, view_of(filters.provider),
                                                               view_of(filters.state));
      if (!found) {
        call->refuse(found.error());
        return;
      }
      std::vector<std::string> items;
      for (const auto& one : found->items) {
        items.push_back(
            encode(PaymentItem{one.id, one.order, one.account, one.provider, one.amount, status_of(one.state),
                               Money{one.captured, one.amount.currency}, Money{one.refunded, one.amount.currency},
                               one.reference, one.started_at, one.updated_at}));
      }
      call->answer(found->position, http::json_response(200, render_page(*call, scope, items, found->next)));
    });
  });
}

void list_alerts(const ApiCallPtr& call) {
  const std::string scope = "payment alerts";
  const auto page = read_page_request(*call, scope);
  if (!page) {
    call->refuse(page.error());
    return;
  }
  call->when_caught_up(call->api.projections.payments_follower(), [call, scope, page = *page] {
    call->api.queries.submit([call, scope, page] {
      const auto found = call->api.projections.payments().alerts(page.limit, page.after);
      if (!found) {
        call->refuse(found.error());
        return;
      }
      std::vector<std::string> items;
      for (const auto& one : found->items) {
        items.push_back(encode(AlertItem{one.payment, one.order, one.provider, one.reason, one.at}));
      }
      call->answer(found->position, http::json_response(200, render_page(*call, scope, items, found->next)));
    });
  });
}

void answer_details(const ApiCallPtr& call, PaymentId id, const Judged<Payment>& judged) {
  const auto& state = judged.state;
  if (judged.refusal != nullptr) {
    call->refuse(judged.position, *judged.refusal);
  } else if (state.status == payment::Status::kNone) {
    call->refuse(judged.position, no_payment());
  } else {
    call->answer_entity(
        judged.position, judged.version,
        encode(PaymentDetails{souk::view_of(id, state), state.account, state.provider_reference,
                              Money{state.captured, state.amount.currency}, state.refunds, state.refused_reports,
                              state.wrong_amount, state.ticks, state.started_at}));
  }
}

void get_details(const ApiCallPtr& call) {
  const auto id = call->id<PaymentTag>("id", "payment.not_found");
  if (!id) {
    call->refuse(id.error());
    return;
  }
  call->api.host.read<Payment>(*id, {},
                               [call, id = *id](const Judged<Payment>& judged) { answer_details(call, id, judged); });
}

void retry_refund(const ApiCallPtr& call) {
  const auto id = call->id<PaymentTag>("id", "payment.not_found");
  const auto refund = call->id<RefundTag>("refund_id", "payment.refund_not_found");
  if (!id || !refund) {
    call->refuse(id ? refund.error() : id.error());
    return;
  }
  if (!says_nothing(call)) return;
  call->api.host.ask<Payment>(*id, payment::RetryRefund{*refund, call->now()}, call->meta(), call->options<Payment>(),
                              [call, id = *id](const Judged<Payment>& judged) { answer_details(call, id, judged); });
}

void return_wrong_amount(const ApiCallPtr& call) {
  const auto id = call->id<PaymentTag>("id", "payment.not_found");
  if (!id) {
    call->refuse(id.error());
    return;
  }
  if (!says_nothing(call)) return;
  call->api.host.ask<Payment>(*id, payment::TakeWrongAmount{call->now()}, call->meta(), call->options<Payment>(),
                              [call, id = *id](const Judged<Payment>& judged) { answer_details(call, id, judged); });
}

}  // namespace

void add_admin_payment_routes(http::Router& router, Api& api) {
  http::RouteInfo info;
  info.role = kSupport;
  info.name = "list_payments";
  info.summary = "Lists payments, the newest first";
  info.query = http::page_parameters(
      {http::query<std::string>("provider", "Only this provider's", length(1, payment::kProviderSizeMax)),
       http::query<payment::Status>("state", "Only payments in this state")});
  info.answers = {{200, http::page_of<PaymentItem>()}};
  add_route(router, api, http::Method::kGet, "/api/v1/admin/payments", info, list_payments);
  info.name = "list_payment_alerts";
  info.summary =
      "Lists what needs a person: what providers said that did not fit, and refunds that they refused, the newest "
      "first";
  info.query = http::page_parameters();
  info.answers = {{200, http::page_of<AlertItem>()}};
  add_route(router, api, http::Method::kGet, "/api/v1/admin/payment-alerts", info, list_alerts);
  info.name = "get_payment_details";
  info.summary = "Shows a payment with what was captured, its refunds and what was refused";
  info.query = {};
  info.answers = {{200, http::schema<PaymentDetails>()}};
  info.problems = {{404, "payment.not_found"}};
  add_route(router, api, http::Method::kGet, "/api/v1/admin/payments/{id}", info, get_details);

  info.role = kAdministrator;
  info.mutating = true;
  info.body = http::schema<Nothing>();
  info.name = "return_wrong_amount";
  info.summary = "Takes money that arrived with a wrong amount as captured, so that it is given back";
  info.problems = {{404, "payment.not_found"}, {409, "payment.no_wrong_amount"}};
  add_route(router, api, http::Method::kPost, "/api/v1/admin/payments/{id}/return", info, return_wrong_amount);
  info.name = "retry_refund";
  info.summary = "Asks the provider again for a refund that it refused";
  info.problems = {{404, "payment.not_found"}, {404, "payment.refund_not_found"}, {409, "payment.refund_not_refused"}};
  add_route(router, api, http::Method::kPost, "/api/v1/admin/payments/{id}/refunds/{refund_id}/retry", info,
            retry_refund);
}

}  // namespace souk
