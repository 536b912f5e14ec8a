#include "gateway/catalogue/product_filter.hpp"

#include "gateway/http/route_docs.hpp"

namespace souk {
namespace {

/// One of two parameters: an id, or a text that `find` knows by name. `lives`: whether that is there for everybody.
template <class SomeId, class Find, class Lives>
Result<std::optional<SomeId>> read_one(const ApiCall& call, std::string_view id_name, std::string_view text_name,
                                       std::string_view reason, const Find& find, const Lives& lives) {
  const auto by_id = call.request().query(id_name);
  const auto by_text = call.request().query(text_name);
  if (!by_id || !by_text) return tl::unexpected<Error>(by_id ? by_text.error() : by_id.error());
  if (*by_id && *by_text) {
    return fail(ErrorCode::kInvalid, "query.ambiguous",
                std::string(id_name) + " and " + std::string(text_name) + " cannot both be given");
  }
  if (*by_id) {
    const auto id = SomeId::parse(**by_id);
    if (!id) return fail(ErrorCode::kInvalid, reason, std::string(id_name) + " must be an id");
    return lives(*id) ? id : std::optional(SomeId{});
  }
  if (!*by_text) return std::optional<SomeId>{};
  const auto found = find(**by_text);
  return found && lives(found->id) ? std::optional(found->id) : std::optional(SomeId{});
}

}  // namespace

Result<WantedProducts> read_wanted_products(const ApiCall& call, bool deleted_too) {
  const auto& names = call.api.names;
  const auto lives = [&](auto id) { return deleted_too || names.is_living(id); };
  const auto category = read_one<CategoryId>(
      call, "category_id", "category", "query.category_id_invalid",
      [&](std::string_view path) { return names.find_category(path); }, lives);
  if (!category) return tl::unexpected<Error>(category.error());
  const auto brand = read_one<BrandId>(
      call, "brand_id", "brand", "query.brand_id_invalid",
      [&](std::string_view name) { return names.find_brand(name); }, lives);
  if (!brand) return tl::unexpected<Error>(brand.error());
  WantedProducts wanted;
  wanted.filter = {*category, *brand};
  wanted.is_none = (*category && (*category)->empty()) || (*brand && (*brand)->empty());
  wanted.scope = encode(std::vector<std::string>{deleted_too ? "all products" : "products",
                                                 *category ? (*category)->str() : "", *brand ? (*brand)->str() : ""});
  return wanted;
}

std::vector<http::ParameterDoc> product_parameters(std::initializer_list<http::ParameterDoc> more) {
  constexpr std::size_t kPathSizeMax = category_tree::kDepthMax * (category_tree::kNameSizeMax + 1) - 1;
  auto all = http::page_parameters(more);
  all.push_back(http::query<CategoryId>("category_id", "Only products of this category and of those below it"));
  all.push_back(
      http::query<std::string>("category", "The same by its path, such as food/tea", length(0, kPathSizeMax)));
  all.push_back(http::query<BrandId>("brand_id", "Only products of this brand"));
  all.push_back(http::query<std::string>("brand", "The same by its name", length(0, brands::kNameSizeMax)));
  return all;
}

}  // namespace souk
