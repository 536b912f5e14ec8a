#include "gateway/catalogue/storefront.hpp"
#include "gateway/routes/routes.hpp"
#include "gateway/views.hpp"
#include "projections/search/embedded_search.hpp"

namespace souk {
namespace {

struct HotProductView {
  ProductId product_id;
  std::optional<std::string> name;
  std::int64_t points = 0;
  static constexpr auto fields() {
    return field_list(field("product_id", &HotProductView::product_id), field("name", &HotProductView::name),
                      field("points", &HotProductView::points));
  }
  static constexpr auto limits() {
    return limit_list(limit("name", says("Left out if not everybody may see the product")),
                      limit("points", at_least(1), says("1 for a look, 4 for a cart, 10 for an order")));
  }
  static constexpr std::string_view kExample =
      R"({"product_id":"6fbmcde5yznwq83fazzjf99ypj","name":"Longjing","points":24})";
};

void answer_top(const ApiCallPtr& call, const std::vector<HotProduct>& top) {
  std::vector<ProductId> ids;
  for (const auto& one : top) ids.push_back(one.product);
  std::vector<FoundProduct> found;
  const auto read = call->api.projections.search().read_products(ids, found);
  if (!read) {
    call->refuse(read.error());
    return;
  }
  std::vector<std::string> items;
  auto named = found.begin();
  for (const auto& one : top) {
    HotProductView view{one.product, std::nullopt, static_cast<std::int64_t>(one.points)};
    if (named != found.end() && named->product.id == one.product) view.name = (named++)->product.name;
    items.push_back(encode(view));
  }
  call->answer(*read, http::json_response(200, render_page(items, std::nullopt)));
}

void list_hot_products(const ApiCallPtr& call) {
  const auto limit = read_page_limit(*call);
  if (!limit) {
    call->refuse(limit.error());
    return;
  }
  call->when_caught_up(call->api.projections.search_follower(), [call, limit = *limit] {
    auto& storefront = *call->api.storefront;
    const auto submitted =
        storefront.submit_search([call, top = storefront.hot.top(limit, call->now())] { answer_top(call, top); });
    if (!submitted) call->refuse(submitted.error());
  });
}

}  // namespace

void add_hot_product_routes(http::Router& router, Api& api) {
  http::RouteInfo read;
  read.role = kAdministrator;
  read.name = "list_hot_products";
  read.summary = "Lists the products that were looked at, put into carts and ordered most in the last hour";
  read.query = {http::query<std::int64_t>("limit", "How many at most; 20 unless given", between(1, 100))};
  read.answers = {{200, http::page_of<HotProductView>()}};
  read.problems = {{503, "search.busy"}};
  add_route(router, api, http::Method::kGet, "/api/v1/admin/hot-products", read, list_hot_products);
}

}  // namespace souk
