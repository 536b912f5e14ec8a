#include "gateway/routes/routes.hpp"
#include "gateway/views.hpp"

namespace souk {
namespace {

struct ReceiptBody {
  std::int64_t quantity = 0;
  std::string reason;
  static constexpr auto fields() {
    return field_list(field("quantity", &ReceiptBody::quantity), field("reason", &ReceiptBody::reason));
  }
};

struct StockView {
  ProductId product_id;
  std::int64_t on_hand = 0;
  std::int64_t reserved = 0;
  std::int64_t available = 0;
  std::int64_t received = 0;
  std::int64_t adjusted = 0;
  std::int64_t sold = 0;
  static constexpr auto fields() {
    return field_list(field("product_id", &StockView::product_id), field("on_hand", &StockView::on_hand),
                      field("reserved", &StockView::reserved), field("available", &StockView::available),
                      field("received", &StockView::received), field("adjusted", &StockView::adjusted),
                      field("sold", &StockView::sold));
  }
};

std::string render(ProductId id, const stock::State& state) {
  return encode(
      StockView{id, state.on_hand, state.reserved, state.available(), state.received, state.adjusted, state.sold});
}

/// Calls `then` for a product that exists; refuses otherwise.
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

void get_stock(const ApiCallPtr& call) {
  with_product(call, [call](ProductId id) {
    call->api.host.read<Stock>(id, {}, [call, id](const Judged<Stock>& judged) {
      if (judged.refusal != nullptr) {
        call->refuse(judged.position, *judged.refusal);
        return;
      }
      call->answer_entity(judged.position, judged.version, render(id, judged.state));
    });
  });
}

void receive_stock(const ApiCallPtr& call) {
  auto body = call->body<ReceiptBody>();
  if (!body) {
    call->refuse(body.error());
    return;
  }
  with_product(call, [call, body = *body](ProductId id) {
    call->api.host.ask<Stock>(id, stock::Receive{body.quantity, body.reason}, call->meta(), call->options<Stock>(),
                              [call, id](const Judged<Stock>& judged) {
                                if (judged.refusal != nullptr) {
                                  call->refuse(judged.position, *judged.refusal);
                                  return;
                                }
                                auto response = http::json_response(201, render(id, judged.state));
                                response.location = "/api/v1/admin/stock/" + id.str();
                                response.etag = call->etag(judged.version);
                                call->answer(judged.position, std::move(response));
                              });
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
  info.name = "receive_stock";
  info.summary = "Adds delivered goods to a product's stock";
  info.body = http::schema<ReceiptBody>();
  info.answers = {{201, http::schema<StockView>()}};
  info.problems = {{404, "product.not_found"}, {409, "stock.too_large"}, {409, "stock.untracked"}};
  info.mutating = true;
  info.media_type = "application/json";
  add_route(router, api, http::Method::kPost, "/api/v1/admin/stock/{product_id}/receipts", info, receive_stock);
}

}  // namespace souk
