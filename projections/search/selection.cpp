#include "projections/search/selection.hpp"

#include <algorithm>

#include "projections/search/search_projection.hpp"

namespace souk::search {

namespace {

bool comes_before(const SearchPlace& a, const SearchPlace& b) {
  return a > b;
}

/// The most frequent first, then by id.
template <class Counted, class Id>
void keep_most_frequent(std::vector<Counted>& all, Id Counted::*id) {
  const auto count = std::min(all.size(), SearchFacets::kValuesMax);
  std::ranges::partial_sort(
      all, all.begin() + static_cast<std::ptrdiff_t>(count),
      [id](const Counted& a, const Counted& b) { return a.count != b.count ? a.count > b.count : a.*id < b.*id; });
  all.resize(count);
}

}  // namespace

Filter::Filter(const Columns& columns, const SearchQuery& query) : columns_(columns), query_(query) {
  if (query.category) {
    const auto number = columns.number_of(*query.category);
    is_none_ = number == 0 || !columns.is_living_category(number);
    categories_ = columns.below(number);
  }
  if (query.brand) {
    brand_ = columns.number_of(*query.brand);
    is_none_ = is_none_ || brand_ == 0 || !columns.is_living_brand(brand_);
  }
  is_all_ = !query.category && !query.brand && !query.price_min && !query.price_max && !query.in_stock;
}

bool Filter::passes_all(const Columns::Row& row) const {
  return (categories_.empty() || categories_[row.category]) && (!query_.brand || row.brand == brand_) &&
         (!query_.price_min || row.price >= *query_.price_min) &&
         (!query_.price_max || row.price <= *query_.price_max) &&
         (!query_.in_stock || row.in_stock == *query_.in_stock);
}

std::int32_t points_of(const TextMatch& match, const Columns::Brief& product) {
  const auto groups = static_cast<std::int64_t>(std::max<std::size_t>(match.groups, 1));
  std::int64_t points = match.points + groups * product.rank * kDoubledSales;
  if (product.in_stock) points += groups * kInStock;
  points += groups * static_cast<std::int64_t>(match.in_name) * share_of_name(product.name_words);
  return static_cast<std::int32_t>(points);
}

SearchPlace place_of(const Columns::Row& row, std::int32_t points, SearchSort sort) {
  SearchPlace place{points, row.created};
  switch (sort) {
    case SearchSort::kRelevance: break;
    case SearchSort::kPrice: place.key = -row.price; break;
    case SearchSort::kPriceDescending: place.key = row.price; break;
    case SearchSort::kNewest: place.key = 0; break;
    case SearchSort::kSales: place.key = row.sold; break;
  }
  return place;
}

void pick_page(const Columns& columns, const SearchQuery& query, const std::vector<Candidate>& candidates,
               SearchAnswer& answer) {
  struct Placed {
    SearchPlace place;
    std::uint32_t slot;
  };
  std::vector<Placed> placed;
  placed.reserve(candidates.size());
  for (const auto& candidate : candidates) {
    const auto place = place_of(columns.rows()[candidate.slot], candidate.points, query.sort);
    if (!query.after || comes_before(*query.after, place)) placed.push_back({place, candidate.slot});
  }
  answer.has_more = placed.size() > query.limit;
  const auto count = static_cast<std::ptrdiff_t>(std::min(placed.size(), query.limit));
  const auto earlier = [](const Placed& a, const Placed& b) { return comes_before(a.place, b.place); };
  if (answer.has_more) std::nth_element(placed.begin(), placed.begin() + count, placed.end(), earlier);
  std::sort(placed.begin(), placed.begin() + count, earlier);
  answer.hits.reserve(static_cast<std::size_t>(count));
  for (std::ptrdiff_t i = 0; i < count; ++i) {
    const auto& one = placed[static_cast<std::size_t>(i)];
    answer.hits.push_back({columns.rows()[one.slot].product, one.place});
  }
}

SearchFacets count_facets(const Columns& columns, const std::vector<Candidate>& candidates) {
  std::vector<std::int64_t> categories(columns.category_count());
  std::vector<std::int64_t> brands(columns.brand_count());
  SearchFacets facets;
  for (const auto& candidate : candidates) {
    const auto& row = columns.rows()[candidate.slot];
    ++categories[row.category];
    ++brands[row.brand];
    std::size_t band = 0;
    while (band + 1 < kPriceBands.size() && row.price >= kPriceBands[band + 1]) ++band;
    ++facets.prices[band];
  }
  for (Columns::Number number = 1; number < categories.size(); ++number) {
    if (categories[number] > 0 && columns.is_living_category(number)) {
      facets.categories.push_back({columns.category(number), categories[number]});
    }
  }
  for (Columns::Number number = 1; number < brands.size(); ++number) {
    if (brands[number] > 0 && columns.is_living_brand(number)) {
      facets.brands.push_back({columns.brand(number), brands[number]});
    }
  }
  keep_most_frequent(facets.categories, &SearchFacets::OfCategory::category);
  keep_most_frequent(facets.brands, &SearchFacets::OfBrand::brand);
  return facets;
}

}  // namespace souk::search
