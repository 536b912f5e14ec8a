/// How what was found is shown.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gateway/catalogue/catalogue.hpp"
#include "projections/search/embedded_search.hpp"

namespace souk {

/// For a page of HTML: escaped, what was found between <em> and </em>.
struct HighlightView {
  std::string name;
  std::string description;
  static constexpr auto fields() {
    return field_list(field("name", &HighlightView::name), field("description", &HighlightView::description));
  }
  static constexpr auto limits() {
    return limit_list(limit("name", says("HTML; what was found stands in <em>")),
                      limit("description", says("The same of the part around it")));
  }
};

struct FoundView {
  ProductView product;
  bool in_stock = false;
  HighlightView highlight;
  static constexpr auto fields() {
    return field_list(field("product", &FoundView::product), field("in_stock", &FoundView::in_stock),
                      field("highlight", &FoundView::highlight));
  }
  static constexpr std::string_view kExample =
      R"({"product":{"id":"6fbmcde5yznwq83fazzjf99ypj","sku":"TEA-001","name":"Longjing","description":"100 g",)"
      R"("price":{"amount":16800,"currency":"CNY"},"pictures":[],"attributes":[]},"in_stock":true,)"
      R"("highlight":{"name":"<em>Longjing</em>","description":"100 g"}})";
};

struct FacetsView {
  struct OfCategory {
    CategoryId id;
    std::string path;
    std::int64_t count = 0;
    static constexpr auto fields() {
      return field_list(field("id", &OfCategory::id), field("path", &OfCategory::path),
                        field("count", &OfCategory::count));
    }
  };
  struct OfBrand {
    BrandId id;
    std::string name;
    std::int64_t count = 0;
    static constexpr auto fields() {
      return field_list(field("id", &OfBrand::id), field("name", &OfBrand::name), field("count", &OfBrand::count));
    }
  };
  struct OfPrice {
    std::int64_t from = 0;
    std::optional<std::int64_t> below;
    std::int64_t count = 0;
    static constexpr auto fields() {
      return field_list(field("from", &OfPrice::from), field("below", &OfPrice::below),
                        field("count", &OfPrice::count));
    }
  };
  std::vector<OfCategory> categories;
  std::vector<OfBrand> brands;
  std::vector<OfPrice> prices;
  static constexpr auto fields() {
    return field_list(field("categories", &FacetsView::categories), field("brands", &FacetsView::brands),
                      field("prices", &FacetsView::prices));
  }
  static constexpr auto limits() {
    return limit_list(limit("categories", item_count(0, SearchFacets::kValuesMax),
                            says("The products' own ones, the most frequent first")),
                      limit("brands", item_count(0, SearchFacets::kValuesMax), says("The most frequent first")),
                      limit("prices", item_count(kPriceBands.size(), kPriceBands.size()),
                            says("Bands of minor units; the last has no end")));
  }
};

/// What an answer says besides its page.
struct SearchSummaryView {
  std::int64_t total = 0;
  std::string backend;
  std::optional<std::string> corrected;
  std::optional<FacetsView> facets;
  static constexpr auto fields() {
    return field_list(field("total", &SearchSummaryView::total), field("backend", &SearchSummaryView::backend),
                      field("corrected", &SearchSummaryView::corrected), field("facets", &SearchSummaryView::facets));
  }
  static constexpr auto limits() {
    return limit_list(limit("total", says("How many are found on all pages")),
                      limit("backend", says("Which search found it: embedded or elasticsearch")),
                      limit("corrected", says("What was looked for instead, because nothing had a word of q")),
                      limit("facets", says("How many of what is found each holds; left out if they are not wanted")));
  }
  static constexpr std::string_view kExample = R"({"total":1,"backend":"embedded"})";
};

struct SuggestedProductView {
  ProductId id;
  std::string name;
  static constexpr auto fields() {
    return field_list(field("id", &SuggestedProductView::id), field("name", &SuggestedProductView::name));
  }
};

struct SuggestionsView {
  std::vector<std::string> completions;
  std::vector<SuggestedProductView> products;
  std::vector<CategoryRef> categories;
  std::vector<BrandRef> brands;
  static constexpr auto fields() {
    using V = SuggestionsView;
    return field_list(field("completions", &V::completions), field("products", &V::products),
                      field("categories", &V::categories), field("brands", &V::brands));
  }
  static constexpr auto limits() {
    constexpr auto few = item_count(0, SearchSuggestions::kMax);
    return limit_list(limit("completions", few, says("What q may become; the most frequent first")),
                      limit("products", few), limit("categories", few), limit("brands", few));
  }
  static constexpr std::string_view kExample =
      R"({"completions":["longjing"],"products":[{"id":"6fbmcde5yznwq83fazzjf99ypj","name":"Longjing"}],)"
      R"("categories":[],"brands":[{"id":"7nz3gpwn6bew0eysnvm6nr9sqf","name":"Xihu"}]})";
};

SearchSummaryView summary_of(const Api& api, const SearchAnswer& answer, std::string_view backend);
SuggestionsView show(const Api& api, const SearchSuggestions& suggestions, const std::vector<FoundProduct>& products);

}  // namespace souk
