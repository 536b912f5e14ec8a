#include "gateway/catalogue/catalogue.hpp"

#include <algorithm>

namespace souk {
namespace {

/// What an older event named stands where there is no id.
void show_older(ProductView& view, CategoryId category_id, const std::string& category, BrandId brand_id,
                const std::string& brand) {
  if (category_id.empty() && !category.empty()) view.category = CategoryRef{std::nullopt, category};
  if (brand_id.empty() && !brand.empty()) view.brand = BrandRef{std::nullopt, brand};
}

template <class SomeId>
std::optional<SomeId> unless_empty(SomeId id) {
  return id.empty() ? std::nullopt : std::optional(id);
}
std::optional<std::string> unless_empty(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

}  // namespace

ShownProduct show(const Api& api, ProductId id, const Judged<Product>& judged) {
  const auto& state = judged.state;
  auto names = api.names.show(state.category_id, state.brand_id);
  ShownProduct shown;
  shown.position = std::max(judged.position, names.position);
  shown.versions = std::to_string(judged.version.value) + '.' + std::to_string(names.categories_version.value) + '.' +
                   std::to_string(names.brands_version.value);
  shown.view = {id,
                state.sku,
                state.name,
                state.description,
                state.price,
                std::move(names.category),
                std::move(names.brand),
                state.pictures,
                state.attributes,
                state.purchase_limit};
  show_older(shown.view, state.category_id, state.category, state.brand_id, state.brand);
  return shown;
}

ProductView show(const Api& api, const ProductSummary& product) {
  auto names = api.names.show(product.category_id, product.brand_id);
  ProductView view{product.id,
                   product.sku,
                   product.name,
                   product.description,
                   product.price,
                   std::move(names.category),
                   std::move(names.brand),
                   product.pictures(),
                   product.attributes(),
                   product.purchase_limit};
  show_older(view, product.category_id, product.category, product.brand_id, product.brand);
  return view;
}

AdminProductView admin_view_of(ProductId id, const product::State& state) {
  return {id,
          state.sku,
          state.name,
          state.description,
          state.price,
          unless_empty(state.category_id),
          unless_empty(state.brand_id),
          unless_empty(state.category),
          unless_empty(state.brand),
          state.pictures,
          state.attributes,
          state.purchase_limit,
          state.published,
          state.deleted,
          std::nullopt,
          std::nullopt};
}

AdminProductView admin_view_of(const ProductSummary& product) {
  return {product.id,
          product.sku,
          product.name,
          product.description,
          product.price,
          unless_empty(product.category_id),
          unless_empty(product.brand_id),
          unless_empty(product.category),
          unless_empty(product.brand),
          product.pictures(),
          product.attributes(),
          product.purchase_limit,
          product.published,
          product.deleted,
          product.created_at,
          product.updated_at};
}

Error no_such_product() {
  return {ErrorCode::kNotFound, "product.not_found", "there is no such product"};
}

namespace {

template <class E>
Then<E> renewing(const ApiCallPtr& call, Then<E> then) {
  return [call, then = std::move(then)](const Judged<E>& judged) {
    call->api.names.renew(judged.state, judged.version, judged.position);
    then(judged);
  };
}

}  // namespace

void ask_categories(const ApiCallPtr& call, CategoryTree::Command command, AskOptions<CategoryTree> options,
                    Then<CategoryTree> then) {
  call->api.host.ask<CategoryTree>(kCategoryTree, std::move(command), call->meta(), std::move(options),
                                   renewing<CategoryTree>(call, std::move(then)));
}

void ask_brands(const ApiCallPtr& call, Brands::Command command, AskOptions<Brands> options, Then<Brands> then) {
  call->api.host.ask<Brands>(kBrands, std::move(command), call->meta(), std::move(options),
                             renewing<Brands>(call, std::move(then)));
}

void read_categories(const ApiCallPtr& call, Then<CategoryTree> then) {
  call->api.host.read<CategoryTree>(kCategoryTree, {}, renewing<CategoryTree>(call, std::move(then)));
}

void read_brands(const ApiCallPtr& call, Then<Brands> then) {
  call->api.host.read<Brands>(kBrands, {}, renewing<Brands>(call, std::move(then)));
}

}  // namespace souk
