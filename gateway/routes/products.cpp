#include <algorithm>

#include "gateway/routes/routes.hpp"
#include "gateway/views.hpp"

namespace souk {
namespace {

struct CreateBody {
  std::string sku;
  std::string name;
  std::string description;
  Money price;
  std::string category;
  std::string brand;
  std::vector<std::string> pictures;
  bool published = true;
  static constexpr auto fields() {
    return field_list(field("sku", &CreateBody::sku), field("name", &CreateBody::name),
                      defaulted("description", &CreateBody::description), field("price", &CreateBody::price),
                      defaulted("category", &CreateBody::category), defaulted("brand", &CreateBody::brand),
                      defaulted("pictures", &CreateBody::pictures), defaulted("published", &CreateBody::published));
  }
  static constexpr auto limits() {
    return limit_list(
        limit("sku", length(1, product::kSkuSizeMax), matching("^[A-Za-z0-9._:/-]+$")),
        limit("name", length(1, product::kNameSizeMax)), limit("description", length(0, product::kDescriptionSizeMax)),
        limit("brand", length(0, product::kBrandSizeMax)),
        limit("category", says("A path of at most 8 names with slashes between them")),
        limit("pictures", item_count(0, product::kPicturesMax), each(length(1, product::kPictureBytesMax))));
  }
  static constexpr std::string_view kExample =
      R"({"sku":"TEA-100","name":"Green tea","description":"Long Jing, 100 g","price":{"amount":4990,"currency":"CNY"},)"
      R"("category":"food/tea","brand":"Xihu","pictures":["https://example.com/tea.jpg"]})";
};

struct ChangeBody {
  std::optional<std::string> name;
  std::optional<std::string> description;
  std::optional<Money> price;
  std::optional<std::string> category;
  std::optional<std::string> brand;
  std::optional<std::vector<std::string>> pictures;
  std::optional<bool> published;
  static constexpr auto fields() {
    return field_list(field("name", &ChangeBody::name), field("description", &ChangeBody::description),
                      field("price", &ChangeBody::price), field("category", &ChangeBody::category),
                      field("brand", &ChangeBody::brand), field("pictures", &ChangeBody::pictures),
                      field("published", &ChangeBody::published));
  }
  static constexpr auto limits() {
    return limit_list(
        limit("name", length(1, product::kNameSizeMax), not_null()), limit("price", not_null()),
        limit("description", length(0, product::kDescriptionSizeMax)),
        limit("brand", length(0, product::kBrandSizeMax)),
        limit("category", says("A path of at most 8 names with slashes between them")),
        limit("pictures", item_count(0, product::kPicturesMax), each(length(1, product::kPictureBytesMax))));
  }
  static constexpr std::string_view kExample = R"({"price":{"amount":3990,"currency":"CNY"}})";
};

/// In a merge patch null takes a member away, and what a product cannot do without cannot be taken away.
/// Source: RFC 7396.
Result<ChangeBody> read_patch(const ApiCall& call) {
  auto body = call.body<ChangeBody>();
  if (!body) return body;
  auto checked = read_json(call.request().body, [&](JsonValue json) -> Result<void> {
    Result<void> result;
    json.for_each_field([&](std::string_view key, JsonValue value) {
      if (!value.is_null()) return true;
      if (key == "description") body->description = "";
      if (key == "category") body->category = "";
      if (key == "brand") body->brand = "";
      if (key == "pictures") body->pictures.emplace();
      if (key == "name" || key == "price" || key == "published") {
        result = fail(ErrorCode::kInvalid, "field.invalid", std::string(key) + ": cannot be taken away");
      }
      return result.has_value();
    });
    return result;
  });
  if (!checked) return tl::unexpected<Error>(std::move(checked.error()));
  return body;
}

Result<void> check_currency(const Api& api, const Money& price) {
  if (std::ranges::find(api.options.currencies, price.currency) != api.options.currencies.end()) return {};
  return fail(ErrorCode::kInvalid, "product.currency_unknown", "prices are not in this currency here");
}

void answer_product(const ApiCallPtr& call, ProductId id, const Judged<Product>& judged, bool created) {
  if (judged.refusal != nullptr) {
    call->refuse(judged.position, *judged.refusal);
    return;
  }
  if (!product::is_living(judged.state)) {
    call->refuse(judged.position, Error{ErrorCode::kNotFound, "product.not_found", "there is no such product"});
    return;
  }
  std::string body = encode(view_of(id, judged.state));
  if (!created) {
    call->answer_entity(judged.position, judged.version, std::move(body));
    return;
  }
  auto response = http::json_response(201, std::move(body));
  response.location = "/api/v1/products/" + id.str();
  response.etag = call->etag(judged.version);
  call->answer(judged.position, std::move(response));
}

void get_product(const ApiCallPtr& call) {
  const auto id = call->id<ProductTag>("id", "product.not_found");
  if (!id) {
    call->refuse(id.error());
    return;
  }
  call->api.host.read<Product>(
      *id, {}, [call, id = *id](const Judged<Product>& judged) { answer_product(call, id, judged, false); });
}

void create_product(const ApiCallPtr& call) {
  auto body = call->body<CreateBody>();
  if (body) {
    if (auto known = check_currency(call->api, body->price); !known) body = tl::unexpected<Error>(known.error());
  }
  if (!body) {
    call->refuse(body.error());
    return;
  }
  const ProductId id = product_id_for_sku(body->sku);
  product::Create command{.sku = std::move(body->sku),
                          .name = std::move(body->name),
                          .description = std::move(body->description),
                          .price = body->price,
                          .pictures = std::move(body->pictures),
                          .published = body->published,
                          .category = std::move(body->category),
                          .brand = std::move(body->brand)};
  call->api.host.ask<Product>(id, std::move(command), call->meta(), call->options<Product>(),
                              [call, id](const Judged<Product>& judged) { answer_product(call, id, judged, true); });
}

void change_product(const ApiCallPtr& call) {
  const auto id = call->id<ProductTag>("id", "product.not_found");
  if (!id) {
    call->refuse(id.error());
    return;
  }
  auto body = read_patch(*call);
  const auto only_at = call->if_match();
  if (!body || !only_at) {
    call->refuse(body ? only_at.error() : body.error());
    return;
  }
  product::Change command{.name = std::move(body->name),
                          .description = std::move(body->description),
                          .price = body->price,
                          .pictures = std::move(body->pictures),
                          .published = body->published,
                          .category = std::move(body->category),
                          .brand = std::move(body->brand)};
  auto options = call->options<Product>();
  options.only_at = *only_at;
  call->api.host.ask<Product>(
      *id, std::move(command), call->meta(), std::move(options),
      [call, id = *id](const Judged<Product>& judged) { answer_product(call, id, judged, false); });
}

std::string render(const ProductSummary& product) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.key("id");
  json.string(product.id.str());
  json.key("sku");
  json.string(product.sku);
  json.key("name");
  json.string(product.name);
  json.key("description");
  json.string(product.description);
  json.key("price");
  json.raw(encode(product.price));
  json.key("category");
  json.string(product.category);
  json.key("brand");
  json.string(product.brand);
  json.key("pictures");
  json.raw(product.pictures_json);
  json.end_object();
  return out;
}

void list_products(const ApiCallPtr& call) {
  const auto category = call->request().query("category");
  const auto brand = call->request().query("brand");
  if (!category || !brand) {
    call->refuse(category ? brand.error() : category.error());
    return;
  }
  ProductFilter filter;
  if (*category) filter.category = std::string(**category);
  if (*brand) filter.brand = std::string(**brand);
  const std::string scope =
      encode(std::vector<std::string>{"products", filter.category.value_or(""), filter.brand.value_or("")});
  const auto page = read_page_request(*call, scope);
  if (!page) {
    call->refuse(page.error());
    return;
  }
  call->when_caught_up(call->api.projections.products_follower(), [call, filter, scope, page = *page] {
    call->api.queries.submit([call, filter, scope, page] {
      const auto found = call->api.projections.products().list(page.limit, page.after, filter);
      if (!found) {
        call->refuse(found.error());
        return;
      }
      std::vector<std::string> items;
      for (const auto& product : found->items) items.push_back(render(product));
      call->answer(found->position, http::json_response(200, render_page(*call, scope, items, found->next)));
    });
  });
}

}  // namespace

void add_product_routes(http::Router& router, Api& api) {
  http::RouteInfo read;
  read.is_public = true;
  read.name = "list_products";
  read.summary = "Lists the catalogue";
  read.query = http::page_parameters({http::query<std::string>("category", "Only products of this category"),
                                      http::query<std::string>("brand", "Only products of this brand")});
  read.answers = {{200, http::page_of<ProductView>()}};
  add_route(router, api, http::Method::kGet, "/api/v1/products", read, list_products);
  read.name = "get_product";
  read.summary = "Shows a product";
  read.query = {};
  read.answers = {{200, http::schema<ProductView>()}};
  read.problems = {{404, "product.not_found"}};
  add_route(router, api, http::Method::kGet, "/api/v1/products/{id}", read, get_product);

  http::RouteInfo write;
  write.mutating = true;
  write.role = kAdministrator;
  write.name = "create_product";
  write.summary = "Creates a product";
  write.media_type = "application/json";
  write.body = http::schema<CreateBody>();
  write.answers = {{201, http::schema<ProductView>()}};
  write.problems = {{409, "product.exists"}};
  add_route(router, api, http::Method::kPost, "/api/v1/admin/products", write, create_product);
  write.name = "change_product";
  write.summary = "Changes a product";
  write.media_type = "application/merge-patch+json";
  write.body = http::schema<ChangeBody>();
  write.answers = {{200, http::schema<ProductView>()}};
  write.problems = {{404, "product.not_found"}, {409, "product.currency_change"}};
  write.precondition = http::Precondition::kAccepted;
  add_route(router, api, http::Method::kPatch, "/api/v1/admin/products/{id}", write, change_product);
}

}  // namespace souk
