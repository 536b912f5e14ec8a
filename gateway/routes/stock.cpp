#include "gateway/routes/stock.hpp"

#include "gateway/merge_patch.hpp"
#include "gateway/routes/routes.hpp"

namespace souk {

StockView view_of(ProductId id, const stock::State& state) {
  return {id,
          state.mode,
          state.on_hand,
          state.reserved,
          state.available(),
          state.received,
          state.adjusted,
          state.restocked,
          state.sold,
          state.low_threshold,
          state.low,
          std::nullopt};
}

void with_product(const ApiCallPtr& call, std::function<void(ProductId)> then) {
  const auto id = call->id<ProductTag>("product_id", "product.not_found");
  if (!id) {
    call->refuse(id.error());
    return;
  }
  call->api.host.read<Product>(*id, {}, [call, id = *id, then = std::move(then)](const Judged<Product>& judged) {
    if (judged.refusal != nullptr) {
      call->refuse(judged.position, *judged.refusal);
    } else if (!judged.state.exists) {
      call->refuse(judged.position, Error{ErrorCode::kNotFound, "product.not_found", "there is no such product"});
    } else {
      then(id);
    }
  });
}

namespace {

struct ReceiptBody {
  std::int64_t quantity = 0;
  std::string reason;
  static constexpr auto fields() {
    return field_list(field("quantity", &ReceiptBody::quantity), field("reason", &ReceiptBody::reason));
  }
  static constexpr auto limits() {
    return limit_list(limit("quantity", between(1, kIntegerMax)), limit("reason", length(0, stock::kReasonSizeMax)));
  }
  static constexpr std::string_view kExample = R"({"quantity":100,"reason":"delivery 4711"})";
};

struct AdjustmentBody {
  std::int64_t from = 0;
  std::int64_t to = 0;
  std::string reason;
  static constexpr auto fields() {
    return field_list(field("from", &AdjustmentBody::from), field("to", &AdjustmentBody::to),
                      field("reason", &AdjustmentBody::reason));
  }
  static constexpr auto limits() {
    return limit_list(limit("from", between(-kIntegerMax, kIntegerMax), says("What was on hand when it was counted")),
                      limit("to", between(0, kIntegerMax)), limit("reason", length(0, stock::kReasonSizeMax)));
  }
  static constexpr std::string_view kExample = R"({"from":100,"to":97,"reason":"3 broken"})";
};

struct ConfigurationBody {
  std::optional<stock::Mode> mode;
  std::optional<std::int64_t> low_threshold;
  static constexpr auto fields() {
    return field_list(field("mode", &ConfigurationBody::mode),
                      field("low_threshold", &ConfigurationBody::low_threshold));
  }
  static constexpr auto limits() {
    return limit_list(limit("mode", not_null()),
                      limit("low_threshold", between(0, kIntegerMax), says("null: it is never called low")));
  }
  static constexpr std::string_view kExample = R"({"mode":"tracked","low_threshold":10})";
};

/// A conflict says how things are now, so that whoever asked can judge anew without asking again.
void refuse(const ApiCallPtr& call, const Judged<Stock>& judged) {
  if (judged.refusal->code != ErrorCode::kConflict) {
    call->refuse(judged.position, *judged.refusal);
    return;
  }
  call->refuse(judged.position, http::Problem(*judged.refusal)
                                    .with("mode", encode(judged.state.mode))
                                    .with("on_hand", std::to_string(judged.state.on_hand))
                                    .with("reserved", std::to_string(judged.state.reserved))
                                    .with("available", std::to_string(judged.state.available())));
}

void change_stock(const ApiCallPtr& call, ProductId id, Stock::Command command, AskOptions<Stock> options,
                  int status = 200) {
  call->api.host.ask<Stock>(id, std::move(command), call->meta(), std::move(options),
                            [call, id, status](const Judged<Stock>& judged) {
                              if (judged.refusal != nullptr) {
                                refuse(call, judged);
                                return;
                              }
                              auto response = http::json_response(status, encode(view_of(id, judged.state)));
                              if (status == 201) response.location = "/api/v1/admin/stock/" + id.str();
                              response.etag = call->etag(judged.version);
                              call->answer(judged.position, std::move(response));
                            });
}

void get_stock(const ApiCallPtr& call) {
  with_product(call, [call](ProductId id) {
    call->api.host.read<Stock>(id, {}, [call, id](const Judged<Stock>& judged) {
      if (judged.refusal != nullptr) {
        call->refuse(judged.position, *judged.refusal);
        return;
      }
      call->answer_entity(judged.position, judged.version, encode(view_of(id, judged.state)));
    });
  });
}

void receive_stock(const ApiCallPtr& call) {
  auto body = call->body<ReceiptBody>();
  if (!body) {
    call->refuse(body.error());
    return;
  }
  with_product(call, [call, body = std::move(*body)](ProductId id) {
    change_stock(call, id, stock::Receive{body.quantity, body.reason}, call->options<Stock>(), 201);
  });
}

void adjust_stock(const ApiCallPtr& call) {
  auto body = call->body<AdjustmentBody>();
  if (!body) {
    call->refuse(body.error());
    return;
  }
  with_product(call, [call, body = std::move(*body)](ProductId id) {
    change_stock(call, id, stock::Adjust{body.from, body.to, body.reason}, call->options<Stock>());
  });
}

/// A threshold can be taken away, but not the mode.
Result<stock::Configure> read_patch(const ApiCall& call) {
  auto body = call.body<ConfigurationBody>();
  if (!body) return tl::unexpected<Error>(std::move(body.error()));
  stock::Configure command{body->mode, std::nullopt};
  if (body->low_threshold) command.low_threshold.emplace(body->low_threshold);
  const auto checked = for_each_removed(call.request().body, [&](std::string_view key) {
    if (key == "low_threshold") command.low_threshold.emplace(std::nullopt);
    return key != "mode";
  });
  if (!checked) return tl::unexpected<Error>(checked.error());
  return command;
}

void configure_stock(const ApiCallPtr& call) {
  const auto command = read_patch(*call);
  const auto only_at = call->if_match();
  if (!command || !only_at) {
    call->refuse(command ? only_at.error() : command.error());
    return;
  }
  with_product(call, [call, command = *command, only_at = *only_at](ProductId id) {
    auto options = call->options<Stock>();
    options.only_at = only_at;
    change_stock(call, id, command, std::move(options));
  });
}

}  // namespace

void add_stock_routes(http::Router& router, Api& api) {
  http::RouteInfo info;
  info.role = kAdministrator;
  info.name = "get_stock";
  info.summary = "Shows how many of a product there are";
  info.answers = {{200, http::schema<StockView>()}};
  info.problems = {{404, "product.not_found"}};
  add_route(router, api, http::Method::kGet, "/api/v1/admin/stock/{product_id}", info, get_stock);
  info.mutating = true;
  info.name = "configure_stock";
  info.summary = "Says whether a stock is tracked, and from how many on it is low";
  info.media_type = "application/merge-patch+json";
  info.body = http::schema<ConfigurationBody>();
  info.problems = {{404, "product.not_found"}, {409, "stock.below_reserved"}};
  info.precondition = http::Precondition::kRequired;
  add_route(router, api, http::Method::kPatch, "/api/v1/admin/stock/{product_id}", info, configure_stock);
  info.precondition = http::Precondition::kNone;
  info.media_type = "application/json";
  info.name = "adjust_stock";
  info.summary = "Corrects what is on hand after counting, unless it changed since";
  info.body = http::schema<AdjustmentBody>();
  info.problems = {
      {404, "product.not_found"}, {409, "stock.stale"}, {409, "stock.below_reserved"}, {409, "stock.too_large"}};
  add_route(router, api, http::Method::kPost, "/api/v1/admin/stock/{product_id}/adjustments", info, adjust_stock);
  info.name = "receive_stock";
  info.summary = "Adds delivered goods to a product's stock";
  info.body = http::schema<ReceiptBody>();
  info.answers = {{201, http::schema<StockView>()}};
  info.problems = {{404, "product.not_found"}, {409, "stock.too_large"}};
  add_route(router, api, http::Method::kPost, "/api/v1/admin/stock/{product_id}/receipts", info, receive_stock);
}

}  // namespace souk
