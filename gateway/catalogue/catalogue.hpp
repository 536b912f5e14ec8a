/// What the routes of products, categories and brands share: how they are shown, and how the tree of categories and
/// the list of brands are asked.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "engine/entities.hpp"
#include "gateway/api_call.hpp"
#include "projections/products.hpp"

namespace souk {

/// For whom categories and brands are shown: administrators see deleted ones too, marked.
enum class Audience : std::uint8_t { kEverybody, kAdministrators };

/// Composed: the names are the tree's and the list's.
struct ProductView {
  ProductId id;
  std::string sku;
  std::string name;
  std::string description;
  Money price;
  std::optional<CategoryRef> category;
  std::optional<BrandRef> brand;
  std::vector<std::string> pictures;
  std::vector<product::Attribute> attributes;
  std::optional<std::int64_t> purchase_limit;
  static constexpr auto fields() {
    using V = ProductView;
    return field_list(field("id", &V::id), field("sku", &V::sku), field("name", &V::name),
                      field("description", &V::description), field("price", &V::price), field("category", &V::category),
                      field("brand", &V::brand), field("pictures", &V::pictures), field("attributes", &V::attributes),
                      field("purchase_limit", &V::purchase_limit));
  }
  static constexpr auto limits() {
    return limit_list(
        limit("category",
              says("Left out if the product is in none that is there; without id, an older event named it")),
        limit("brand", says("As for category")), limit("purchase_limit", says("How many one order may have")));
  }
  static constexpr std::string_view kExample =
      R"({"id":"6fbmcde5yznwq83fazzjf99ypj","sku":"TEA-001","name":"Longjing","description":"Long Jing, 100 g",)"
      R"("price":{"amount":16800,"currency":"CNY"},"category":{"id":"2z8rh12q7hwntdjcvz2a005xtj","path":"food/tea"},)"
      R"("brand":{"id":"7nz3gpwn6bew0eysnvm6nr9sqf","name":"Xihu"},"pictures":["https://shop.example/tea.jpg"],)"
      R"("attributes":[{"name":"harvest","values":["spring"]}],"purchase_limit":5})";
};

/// The product itself, as an administrator changes it.
struct AdminProductView {
  ProductId id;
  std::string sku;
  std::string name;
  std::string description;
  Money price;
  std::optional<CategoryId> category_id;
  std::optional<BrandId> brand_id;
  std::optional<std::string> category;
  std::optional<std::string> brand;
  std::vector<std::string> pictures;
  std::vector<product::Attribute> attributes;
  std::optional<std::int64_t> purchase_limit;
  bool published = true;
  bool deleted = false;
  std::optional<Time> created_at;  ///< in lists only
  std::optional<Time> updated_at;
  static constexpr auto fields() {
    using V = AdminProductView;
    return field_list(field("id", &V::id), field("sku", &V::sku), field("name", &V::name),
                      field("description", &V::description), field("price", &V::price),
                      field("category_id", &V::category_id), field("brand_id", &V::brand_id),
                      field("category", &V::category), field("brand", &V::brand), field("pictures", &V::pictures),
                      field("attributes", &V::attributes), field("purchase_limit", &V::purchase_limit),
                      field("published", &V::published), field("deleted", &V::deleted),
                      field("created_at", &V::created_at), field("updated_at", &V::updated_at));
  }
  static constexpr auto limits() {
    return limit_list(limit("category", says("A path that an older event gave instead of an id")),
                      limit("brand", says("A name that an older event gave instead of an id")),
                      limit("published", says("Whether it is for sale, unless it is deleted")),
                      limit("created_at", says("In lists only")), limit("updated_at", says("In lists only")));
  }
  static constexpr std::string_view kExample =
      R"({"id":"6fbmcde5yznwq83fazzjf99ypj","sku":"TEA-001","name":"Longjing","description":"Long Jing, 100 g",)"
      R"("price":{"amount":16800,"currency":"CNY"},"category_id":"4sv5h78k6pjw7h97x12wjbtvhv",)"
      R"("brand_id":"5q1m0r7v2c4d8e9f6g3h1j2k0n","pictures":["https://shop.example/tea.jpg"],)"
      R"("attributes":[{"name":"harvest","values":["spring"]}],"purchase_limit":5,"published":true,)"
      R"("deleted":false})";
};

/// A product as everybody sees it, with what the answer is to be held for and tagged with.
struct ShownProduct {
  ProductView view;
  Position position;
  std::string versions;  ///< of all that went in: equal text, equal view
};
ShownProduct show(const Api& api, ProductId id, const Judged<Product>& judged);
ProductView show(const Api& api, const ProductSummary& product);

AdminProductView admin_view_of(ProductId id, const product::State& state);
AdminProductView admin_view_of(const ProductSummary& product);

/// Whether everybody may see it.
inline bool is_public(const product::State& state) {
  return product::is_living(state) && state.published;
}

Error no_such_product();

/// Ask or look at the tree or the list. The names are renewed before anybody hears what came of it; so nobody has heard
/// of a name that a product does not show yet.
void ask_categories(const ApiCallPtr& call, CategoryTree::Command command, AskOptions<CategoryTree> options,
                    Then<CategoryTree> then);
void ask_brands(const ApiCallPtr& call, Brands::Command command, AskOptions<Brands> options, Then<Brands> then);
void read_categories(const ApiCallPtr& call, Then<CategoryTree> then);
void read_brands(const ApiCallPtr& call, Then<Brands> then);

/// Something made of one version of an entity's state, kept until another version is asked for.
/// Thread-safety: any thread may call.
template <class T>
class ByVersion {
 public:
  template <class Make>
  std::shared_ptr<const T> get(Version version, const Make& make) {
    const std::scoped_lock lock(mutex_);
    if (!made_ || version_ != version) {
      made_ = std::make_shared<const T>(make());
      version_ = version;
    }
    return made_;
  }

 private:
  std::mutex mutex_;
  std::shared_ptr<const T> made_;
  Version version_;
};

}  // namespace souk
