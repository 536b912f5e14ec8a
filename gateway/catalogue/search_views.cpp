#include "gateway/catalogue/search_views.hpp"

namespace souk {

SearchSummaryView summary_of(const Api& api, const SearchAnswer& answer, std::string_view backend) {
  SearchSummaryView summary{static_cast<std::int64_t>(answer.total), std::string(backend), answer.corrected,
                            std::nullopt};
  if (!answer.facets) return summary;
  auto& facets = summary.facets.emplace();
  for (const auto& one : answer.facets->categories) {
    facets.categories.push_back({one.category, api.names.path_of(one.category), one.count});
  }
  for (const auto& one : answer.facets->brands) {
    facets.brands.push_back({one.brand, api.names.name_of(one.brand), one.count});
  }
  for (std::size_t band = 0; band < kPriceBands.size(); ++band) {
    std::optional<std::int64_t> below;
    if (band + 1 < kPriceBands.size()) below = kPriceBands[band + 1];
    facets.prices.push_back({kPriceBands[band], below, answer.facets->prices[band]});
  }
  return summary;
}

SuggestionsView show(const Api& api, const SearchSuggestions& suggestions, const std::vector<FoundProduct>& products) {
  SuggestionsView view{suggestions.completions, {}, {}, {}};
  for (const auto& one : products) view.products.push_back({one.product.id, one.product.name});
  for (const auto category : suggestions.categories) view.categories.push_back({category, api.names.path_of(category)});
  for (const auto brand : suggestions.brands) view.brands.push_back({brand, api.names.name_of(brand)});
  return view;
}

}  // namespace souk
