#include <algorithm>

#include "gateway/payments/sandbox_page.hpp"
#include "gateway/payments/services.hpp"
#include "gateway/routes/routes.hpp"
#include "gateway/views.hpp"
#include "payments/form.hpp"

namespace souk {
namespace {

using sandbox::Fault;
using sandbox::Faults;
using sandbox::Trade;

enum class Outcome : std::uint8_t { kSuccess, kFailure };

}  // namespace
}  // namespace souk

template <>
struct souk::EnumNames<souk::Outcome> {
  static constexpr std::array<std::string_view, 2> values{"success", "failure"};
};

namespace souk {
namespace {

struct DecisionBody {
  Outcome outcome = Outcome::kSuccess;
  Faults faults;
  static constexpr auto fields() {
    return field_list(field("outcome", &DecisionBody::outcome), defaulted("faults", &DecisionBody::faults));
  }
  static constexpr auto limits() {
    return limit_list(
        limit("faults", item_count(0, EnumNames<Fault>::values.size()), says("What shall go wrong with this payment")));
  }
  static constexpr std::string_view kExample = R"({"outcome":"success","faults":["doubled"]})";
};

Error no_payment() {
  return {ErrorCode::kNotFound, "payment.not_found", "there is no such payment"};
}

/// What the sandbox does not know was never started, or not told to it yet.
void refuse_unknown(const ApiCallPtr& call, PaymentId id) {
  call->api.host.read<Payment>(id, {}, [call](const Judged<Payment>& judged) {
    if (judged.refusal != nullptr) {
      call->refuse(judged.position, *judged.refusal);
    } else if (judged.state.status == payment::Status::kNone || judged.state.provider != "sandbox") {
      call->refuse(judged.position, no_payment());
    } else {
      call->refuse(judged.position,
                   Error{ErrorCode::kUnavailable, "payment.not_yet", "the sandbox was not told of it yet; ask again"});
    }
  });
}

void answer_page(const ApiCallPtr& call, std::string html) {
  http::Response response;
  response.content_type = "text/html; charset=utf-8";
  response.body = std::move(html);
  response.headers.emplace_back("Content-Security-Policy",
                                "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; "
                                "frame-ancestors 'none'");
  // For browsers that do not know frame-ancestors, and so that the payment's id is told to nobody.
  response.headers.emplace_back("X-Frame-Options", "DENY");
  response.headers.emplace_back("Referrer-Policy", "no-referrer");
  call->answer(Position{}, std::move(response));
}

// --- for people

void show_page(const ApiCallPtr& call) {
  const auto id = call->id<PaymentTag>("id", "payment.not_found");
  const auto asked = call->request().query("faults");
  if (!id || !asked) {
    call->refuse(id ? asked.error() : id.error());
    return;
  }
  const std::string faults(asked->value_or(""));
  if (!sandbox::parse_faults(faults)) {
    call->refuse(Error{ErrorCode::kInvalid, "query.faults_invalid", "faults: names of faults, separated by commas"});
    return;
  }
  call->api.payments.sandbox->show(*id, [call, id = *id, faults](const Result<Trade>& trade) {
    if (!trade) {
      refuse_unknown(call, id);
    } else {
      answer_page(call, sandbox_page(id, *trade, faults));
    }
  });
}

void take_decision(const ApiCallPtr& call) {
  const auto id = call->id<PaymentTag>("id", "payment.not_found");
  const auto form = decode_form(call->request().body);
  if (!id || !form) {
    call->refuse(id ? form.error() : id.error());
    return;
  }
  const std::string names(field_of(*form, "faults"));
  const auto faults = sandbox::parse_faults(names);
  const auto outcome = field_of(*form, "outcome");
  const bool pays = outcome == name_of(Outcome::kSuccess);
  if (!faults || (!pays && outcome != name_of(Outcome::kFailure))) {
    call->refuse(Error{ErrorCode::kInvalid, "field.invalid", "outcome is success or failure, faults are names"});
    return;
  }
  call->api.payments.sandbox->settle(*id, pays, *faults, [call, id = *id, names](const Result<Trade>& trade) {
    if (!trade) {
      refuse_unknown(call, id);
    } else {
      answer_page(call, sandbox_page(id, *trade, names));
    }
  });
}

// --- for programs

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

void answer_as_it_is(const ApiCallPtr& call, PaymentId id) {
  call->api.host.read<Payment>(id, {}, [call, id](const Judged<Payment>& judged) {
    if (judged.refusal != nullptr || judged.state.status == payment::Status::kNone) {
      call->refuse(judged.position, judged.refusal != nullptr ? *judged.refusal : no_payment());
      return;
    }
    call->answer(judged.position, http::json_response(202, encode(view_of(id, judged.state))));
  });
}

/// The callback is on its way: waits until the payment has taken or refused it.
void await_callback(const ApiCallPtr& call, PaymentId id, bool pays) {
  auto options = call->options<Payment>();
  options.until = [call, pays](const payment::State& state) {
    const bool is_settled = pays ? state.status == payment::Status::kSucceeded || !state.refused_reports.empty()
                                 : state.status != payment::Status::kStarted;
    return is_settled || call->exchange().answered();
  };
  call->api.host.read<Payment>(id, std::move(options), [call, id](const Judged<Payment>& judged) {
    if (judged.refusal != nullptr) {
      call->refuse(judged.position, *judged.refusal);
      return;
    }
    const auto view = view_of(id, judged.state);
    if (judged.state.status == payment::Status::kSucceeded) {
      answer_when_heard(call, id, view, judged.state.order, judged.position);
    } else {
      call->answer(judged.position, http::json_response(200, encode(view)));
    }
  });
}

void settle(const ApiCallPtr& call) {
  const auto id = call->id<PaymentTag>("id", "payment.not_found");
  auto body = call->body<DecisionBody>();
  if (body && body->faults.size() > EnumNames<Fault>::values.size()) {
    body = fail(ErrorCode::kInvalid, "field.invalid", "faults: has more items than there are faults");
  }
  if (!id || !body) {
    call->refuse(id ? body.error() : id.error());
    return;
  }
  call->at_deadline(call->api.options.answer_deadline, [call, id = *id] { answer_as_it_is(call, id); });
  auto& sandbox = *call->api.payments.sandbox;
  const bool pays = body->outcome == Outcome::kSuccess;
  const bool is_lost = has(body->faults, Fault::kLost) || has(sandbox.faults(), Fault::kLost);
  sandbox.settle(*id, pays, body->faults, [call, id = *id, pays, is_lost](const Result<Trade>& trade) {
    if (!trade) {
      refuse_unknown(call, id);
    } else if (is_lost) {
      answer_as_it_is(call, id);
    } else {
      await_callback(call, id, pays);
    }
  });
}

}  // namespace

void add_sandbox_routes(http::Router& router, Api& api) {
  if (api.payments.sandbox == nullptr) return;
  http::RouteInfo page;
  page.query = {http::query<std::string>("faults", "Names of faults, separated by commas, for the form to carry")};
  page.name = "show_sandbox_page";
  page.summary = "The sandbox's pay page";
  page.is_public = true;
  page.is_hidden = true;
  page.answers = {{200, {}, {}, "text/html"}};
  add_route(router, api, http::Method::kGet, "/sandbox/payments/{id}", page, show_page);
  page.query = {};
  page.name = "decide_sandbox_payment";
  page.summary = "What the sandbox's pay page sends";
  page.mutating = true;
  page.media_type = "application/x-www-form-urlencoded";
  add_route(router, api, http::Method::kPost, "/sandbox/payments/{id}/decision", page, take_decision);

  http::RouteInfo info;
  info.name = "settle_sandbox_payment";
  info.key_without_effect = "it stands in for the page of a provider, which takes none; what is paid stays paid";
  info.summary = "Does what the sandbox's pay page does: says what became of a payment";
  info.is_public = true;
  info.mutating = true;
  info.media_type = "application/json";
  info.body = http::schema<DecisionBody>();
  info.answers = {{200, http::schema<PaymentView>()},
                  {202, http::schema<PaymentView>(), "The shop has not heard of it"}};
  info.problems = {{404, "payment.not_found"}, {503, "payment.not_yet"}};
  add_route(router, api, http::Method::kPost, "/sandbox/payments/{id}", info, settle);
}

}  // namespace souk
