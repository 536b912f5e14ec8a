/// From what matches to a page: filters, order, totals and facets, over the columns in memory.
///
/// Thread-safety: values; the columns must not change meanwhile.
#pragma once

#include <cstdint>
#include <vector>

#include "projections/search/columns.hpp"
#include "projections/search/query.hpp"
#include "projections/search/search.hpp"

namespace souk::search {

/// Whether a product is what a query asks for besides its words.
class Filter {
 public:
  Filter(const Columns& columns, const SearchQuery& query);

  /// Nothing can pass: the category or the brand is not there.
  [[nodiscard]] bool is_none() const { return is_none_; }
  /// Everything that is seen passes.
  [[nodiscard]] bool is_all() const { return is_all_; }
  [[nodiscard]] bool passes(std::uint32_t slot) const {
    const auto& briefs = columns_.briefs();
    // The index may know a slot of a parked event that was taken in a moment ago, before the columns do.
    return slot < briefs.size() && briefs[slot].is_seen && (is_all_ || passes_all(columns_.rows()[slot]));
  }

 private:
  [[nodiscard]] bool passes_all(const Columns::Row& row) const;

  const Columns& columns_;
  const SearchQuery& query_;
  std::vector<bool> categories_;  ///< empty: any
  Columns::Number brand_ = 0;
  bool is_none_ = false;
  bool is_all_ = false;
};

// A name that says all that was asked for is worth 10,000 points, and up to 4,000 more the less else it says. So what a
// product sold (150 for each doubling) and whether it can be had (800) decide among those that match about as well.
// All of it counts once for each group of words that is asked for, so that only the words of one alternative divide what
// they are worth, each by itself: another backend comes to the same number, and a page may be continued by either.
inline constexpr Expression::Weights kWeights{10'000, 6'000, 2'000};
inline constexpr std::int64_t kWholeName = 4'000;
inline constexpr std::int64_t kDoubledSales = 150;
inline constexpr std::int64_t kInStock = 800;

/// What each word of a name of so many is worth.
constexpr std::int64_t share_of_name(std::int64_t words) {
  return kWholeName / (words > 1 ? words : 1);
}

/// A product that has the words, and how well.
struct Candidate {
  std::uint32_t slot = 0;
  std::int32_t points = 0;  ///< see points_of
};

/// How well a product says what was asked for.
struct TextMatch {
  std::int64_t points = 0;  ///< of all groups
  std::size_t groups = 0;   ///< that were asked for
  std::size_t in_name = 0;
};
std::int32_t points_of(const TextMatch& match, const Columns::Brief& product);

/// Where a product stands in the order that is asked for.
SearchPlace place_of(const Columns::Row& row, std::int32_t points, SearchSort sort);

/// The page of the candidates, which must have passed the filter; sets `hits` and `has_more`.
void pick_page(const Columns& columns, const SearchQuery& query, const std::vector<Candidate>& candidates,
               SearchAnswer& answer);
SearchFacets count_facets(const Columns& columns, const std::vector<Candidate>& candidates);

}  // namespace souk::search
