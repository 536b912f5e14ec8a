#include <algorithm>

#include "gateway/catalogue/catalogue.hpp"
#include "gateway/catalogue/product_filter.hpp"
#include "gateway/catalogue/rows.hpp"
#include "gateway/catalogue/storefront.hpp"
#include "gateway/merge_patch.hpp"
#include "gateway/routes/routes.hpp"
#include "gateway/views.hpp"

namespace souk {
namespace {

struct CreateBody {
  std::string sku;
  std::string name;
  std::string description;
  Money price;
  std::optional<CategoryId> category_id;
  std::optional<BrandId> brand_id;
  std::vector<std::string> pictures;
  std::vector<product::Attribute> attributes;
  std::optional<std::int64_t> purchase_limit;
  bool published = true;
  static constexpr auto fields() {
    using B = CreateBody;
    return field_list(field("sku", &B::sku), field("name", &B::name), defaulted("description", &B::description),
                      field("price", &B::price), field("category_id", &B::category_id), field("brand_id", &B::brand_id),
                      defaulted("pictures", &B::pictures), defaulted("attributes", &B::attributes),
                      field("purchase_limit", &B::purchase_limit), defaulted("published", &B::published));
  }
  static constexpr auto limits() {
    return limit_list(
        limit("sku", length(1, product::kSkuSizeMax), matching("^[A-Za-z0-9._:/-]+$")),
        limit("name", length(1, product::kNameSizeMax)), limit("description", length(0, product::kDescriptionSizeMax)),
        limit("pictures", item_count(0, product::kPicturesMax), each(length(1, product::kPictureBytesMax))),
        limit("attributes", item_count(0, product::kAttributesMax)),
        limit("purchase_limit", between(1, product::kPurchaseLimitMax), says("How many one order may have")),
        limit("published", says("false: nobody sees it or can order it yet")));
  }
  static constexpr std::string_view kExample =
      R"({"sku":"TEA-100","name":"Green tea","description":"Long Jing, 100 g","price":{"amount":4990,"currency":"CNY"},)"
      R"("pictures":["https://example.com/tea.jpg"],"attributes":[{"name":"harvest","values":["spring"]}],)"
      R"("purchase_limit":5})";
};

struct ChangeBody {
  std::optional<std::string> name;
  std::optional<std::string> description;
  std::optional<Money> price;
  std::optional<CategoryId> category_id;
  std::optional<BrandId> brand_id;
  std::optional<std::vector<std::string>> pictures;
  std::optional<std::vector<product::Attribute>> attributes;
  std::optional<std::int64_t> purchase_limit;
  std::optional<bool> published;
  static constexpr auto fields() {
    using B = ChangeBody;
    return field_list(field("name", &B::name), field("description", &B::description), field("price", &B::price),
                      field("category_id", &B::category_id), field("brand_id", &B::brand_id),
                      field("pictures", &B::pictures), field("attributes", &B::attributes),
                      field("purchase_limit", &B::purchase_limit), field("published", &B::published));
  }
  static constexpr auto limits() {
    return limit_list(
        limit("name", length(1, product::kNameSizeMax), not_null()), limit("price", not_null()),
        limit("published", not_null()), limit("description", length(0, product::kDescriptionSizeMax)),
        limit("pictures", item_count(0, product::kPicturesMax), each(length(1, product::kPictureBytesMax))),
        limit("attributes", item_count(0, product::kAttributesMax)),
        limit("purchase_limit", between(1, product::kPurchaseLimitMax), says("How many one order may have")));
  }
  static constexpr std::string_view kExample = R"({"price":{"amount":3990,"currency":"CNY"},"purchase_limit":null})";
};

/// What a product cannot do without cannot be taken away.
Result<ChangeBody> read_patch(const ApiCall& call) {
  auto body = call.body<ChangeBody>();
  if (!body) return body;
  // That none is meant is said by 0 further on.
  if (body->purchase_limit && *body->purchase_limit == 0) {
    return fail(ErrorCode::kInvalid, "product.limit_invalid", "a purchase limit is 1 to 1,000,000; null takes it away");
  }
  const auto checked = for_each_removed(call.request().body, [&](std::string_view key) {
    if (key == "description") body->description = "";
    if (key == "category_id") body->category_id.emplace();
    if (key == "brand_id") body->brand_id.emplace();
    if (key == "pictures") body->pictures.emplace();
    if (key == "attributes") body->attributes.emplace();
    if (key == "purchase_limit") body->purchase_limit = 0;
    return key != "name" && key != "price" && key != "published";
  });
  if (!checked) return tl::unexpected<Error>(checked.error());
  return body;
}

/// What is known outside of the product itself. An empty id stands for none. What was obeyed before was right then.
Result<void> check(const ApiCall& call, const std::optional<Money>& price, const std::optional<CategoryId>& category,
                   const std::optional<BrandId>& brand) {
  if (call.is_repeated()) return {};
  if (price) {
    if (auto here = check_currency(price->currency, call.api.options.currencies); !here) return here;
  }
  if (category && !category->empty() && !call.api.names.is_living(*category)) {
    return fail(ErrorCode::kConflict, "product.category_not_found", "category_id: there is no such category");
  }
  if (brand && !brand->empty() && !call.api.names.is_living(*brand)) {
    return fail(ErrorCode::kConflict, "product.brand_not_found", "brand_id: there is no such brand");
  }
  return {};
}

void answer_product(const ApiCallPtr& call, ProductId id, const Judged<Product>& judged, int status = 200) {
  if (judged.refusal != nullptr) {
    call->refuse(judged.position, *judged.refusal);
    return;
  }
  if (!judged.state.exists) {
    call->refuse(judged.position, no_such_product());
    return;
  }
  std::string body = encode(admin_view_of(id, judged.state));
  if (status == 200) {
    call->answer_entity(judged.position, judged.version, std::move(body));
    return;
  }
  auto response = http::json_response(status, std::move(body));
  response.location = "/api/v1/admin/products/" + id.str();
  response.etag = call->etag(judged.version);
  call->answer(judged.position, std::move(response));
}

/// Nobody hears of a change while a card shows what was before it.
void answer_change(const ApiCallPtr& call, ProductId id, const Judged<Product>& judged, int status = 200) {
  call->api.storefront->cards.forget(id);
  answer_product(call, id, judged, status);
}

void create_product(const ApiCallPtr& call) {
  auto body = call->body<CreateBody>();
  if (!body) {
    call->refuse(body.error());
    return;
  }
  if (const auto known = check(*call, body->price, body->category_id, body->brand_id); !known) {
    call->refuse(call->api.names.position(), known.error());
    return;
  }
  const ProductId id = product_id_for_sku(body->sku);
  product::Create command{.sku = std::move(body->sku),
                          .name = std::move(body->name),
                          .description = std::move(body->description),
                          .price = body->price,
                          .category_id = body->category_id.value_or(CategoryId{}),
                          .brand_id = body->brand_id.value_or(BrandId{}),
                          .pictures = std::move(body->pictures),
                          .attributes = std::move(body->attributes),
                          .purchase_limit = body->purchase_limit,
                          .published = body->published};
  call->api.host.ask<Product>(id, std::move(command), call->meta(), call->options<Product>(),
                              [call, id](const Judged<Product>& judged) { answer_change(call, id, judged, 201); });
}

/// A command for the product in the path, at the version that If-Match names.
void tell_product(const ApiCallPtr& call, Product::Command command) {
  const auto id = call->id<ProductTag>("id", "product.not_found");
  auto only_at = call->if_match();
  if (!id || !only_at) {
    call->refuse(id ? only_at.error() : id.error());
    return;
  }
  auto options = call->options<Product>();
  options.only_at = std::move(*only_at);
  call->api.host.ask<Product>(*id, std::move(command), call->meta(), std::move(options),
                              [call, id = *id](const Judged<Product>& judged) { answer_change(call, id, judged); });
}

void change_product(const ApiCallPtr& call) {
  auto body = read_patch(*call);
  if (!body) {
    call->refuse(body.error());
    return;
  }
  if (const auto known = check(*call, body->price, body->category_id, body->brand_id); !known) {
    call->refuse(call->api.names.position(), known.error());
    return;
  }
  tell_product(call, product::Change{.name = std::move(body->name),
                                     .description = std::move(body->description),
                                     .price = body->price,
                                     .category_id = body->category_id,
                                     .brand_id = body->brand_id,
                                     .pictures = std::move(body->pictures),
                                     .attributes = std::move(body->attributes),
                                     .purchase_limit = body->purchase_limit,
                                     .published = body->published});
}

void get_product(const ApiCallPtr& call) {
  const auto id = call->id<ProductTag>("id", "product.not_found");
  if (!id) {
    call->refuse(id.error());
    return;
  }
  call->api.host.read<Product>(*id, {},
                               [call, id = *id](const Judged<Product>& judged) { answer_product(call, id, judged); });
}

/// Errors: kInvalid "query.state_invalid", "query.duplicate".
Result<std::optional<ProductState>> read_state(const ApiCall& call) {
  const auto given = call.request().query("state");
  if (!given) return tl::unexpected<Error>(given.error());
  if (!*given) return std::optional<ProductState>{};
  const auto& names = EnumNames<ProductState>::values;
  const auto* found = std::ranges::find(names, **given);
  if (found == names.end()) {
    return fail(ErrorCode::kInvalid, "query.state_invalid", "state is published, withdrawn or deleted");
  }
  return std::optional(static_cast<ProductState>(found - names.begin()));
}

void answer_list(const ApiCallPtr& call, const WantedProducts& wanted, std::optional<ProductState> state,
                 const PageRequest& page) {
  const auto found = call->api.projections.products().list_all(page.limit, page.after, wanted.filter, state);
  if (!found) {
    call->refuse(found.error());
    return;
  }
  std::vector<std::string> items;
  for (const auto& product : found->items) items.push_back(encode(admin_view_of(product)));
  call->answer(found->position, http::json_response(200, render_page(*call, wanted.scope, items, found->next)));
}

void list_products(const ApiCallPtr& call) {
  auto wanted = read_wanted_products(*call, true);
  const auto state = read_state(*call);
  if (!wanted || !state) {
    call->refuse(wanted ? state.error() : wanted.error());
    return;
  }
  if (*state) wanted->scope.append(" ").append(name_of(**state));
  const auto page = read_page_request(*call, wanted->scope);
  if (!page) {
    call->refuse(page.error());
    return;
  }
  if (wanted->is_none) {
    call->answer(call->api.names.position(), http::json_response(200, render_page({}, std::nullopt)));
    return;
  }
  call->when_caught_up(
      call->api.projections.products_follower(), [call, wanted = std::move(*wanted), state = *state, page = *page] {
        call->api.queries.submit([call, wanted, state, page] { answer_list(call, wanted, state, page); });
      });
}

/// Those that change what a product is to everybody, and nothing else of it.
void add_state_routes(http::Router& router, Api& api) {
  http::RouteInfo info;
  info.mutating = true;
  info.role = kAdministrator;
  info.answers = {{200, http::schema<AdminProductView>()}};
  info.precondition = http::Precondition::kAccepted;
  info.problems = {{404, "product.not_found"}, {409, "product.deleted"}};
  info.name = "publish_product";
  info.summary = "Offers a product for sale";
  add_route(router, api, http::Method::kPost, "/api/v1/admin/products/{id}/publish", info,
            [](const ApiCallPtr& call) { tell_product(call, product::Change{.published = true}); });
  info.name = "withdraw_product";
  info.summary = "Takes a product off sale, and out of everybody's sight";
  add_route(router, api, http::Method::kPost, "/api/v1/admin/products/{id}/withdraw", info,
            [](const ApiCallPtr& call) { tell_product(call, product::Change{.published = false}); });
  info.problems = {{404, "product.not_found"}};
  info.name = "restore_product";
  info.summary = "Brings a deleted product back as it was";
  add_route(router, api, http::Method::kPost, "/api/v1/admin/products/{id}/restore", info,
            [](const ApiCallPtr& call) { tell_product(call, product::Restore{}); });
  info.name = "delete_product";
  info.summary = "Deletes a product: only administrators see it, and can bring it back";
  add_route(router, api, http::Method::kDelete, "/api/v1/admin/products/{id}", info,
            [](const ApiCallPtr& call) { tell_product(call, product::Delete{}); });
}

}  // namespace

void add_admin_product_routes(http::Router& router, Api& api) {
  http::RouteInfo read;
  read.role = kAdministrator;
  read.name = "list_products_as_administrator";
  read.summary = "Lists all products there ever were, withdrawn and deleted ones too";
  read.query = product_parameters({http::query<ProductState>("state", "Only products in this state")});
  read.answers = {{200, http::page_of<AdminProductView>()}};
  add_route(router, api, http::Method::kGet, "/api/v1/admin/products", read, list_products);
  read.name = "get_product_as_administrator";
  read.summary = "Shows a product in any state";
  read.query = {};
  read.answers = {{200, http::schema<AdminProductView>()}};
  read.problems = {{404, "product.not_found"}};
  add_route(router, api, http::Method::kGet, "/api/v1/admin/products/{id}", read, get_product);

  const http::ProblemDoc no_category{409, "product.category_not_found"};
  const http::ProblemDoc no_brand{409, "product.brand_not_found"};
  http::RouteInfo write;
  write.mutating = true;
  write.role = kAdministrator;
  write.name = "create_product";
  write.summary = "Creates a product";
  write.media_type = "application/json";
  write.body = http::schema<CreateBody>();
  write.answers = {{201, http::schema<AdminProductView>()}};
  write.problems = {{409, "product.exists"}, no_category, no_brand};
  add_route(router, api, http::Method::kPost, "/api/v1/admin/products", write, create_product);
  write.name = "change_product";
  write.summary = "Changes a product";
  write.media_type = "application/merge-patch+json";
  write.body = http::schema<ChangeBody>();
  write.answers = {{200, http::schema<AdminProductView>()}};
  write.problems = {
      {404, "product.not_found"}, {409, "product.currency_change"}, {409, "product.deleted"}, no_category, no_brand};
  write.precondition = http::Precondition::kRequired;
  add_route(router, api, http::Method::kPatch, "/api/v1/admin/products/{id}", write, change_product);
  add_state_routes(router, api);
}

}  // namespace souk
