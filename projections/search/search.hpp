/// Product search as its users see it: what is asked, what is answered, and what a backend must do. One backend is
/// embedded (embedded_search.hpp); another may be a server elsewhere.
///
/// What every backend promises:
///  - Only products that everybody may see are found. Price, stock and sales are those at the answer's position.
///  - All strong words of the query must be in a product (in its name, its facts or its description, as text.hpp makes
///    words of them), each by itself or by a synonym. If none has them all, an unknown Latin word is taken for known
///    ones that it begins, or else for the one that it is most like, and `corrected` says so; if still none, those that
///    have half of them are found. Whether one has them does not depend on filters: those only take away.
///  - `total` and the facets are counted over everything that is found, not over the page, and are exact.
///  - The order is total: by `key`, the greater first, then by `created`, the greater first. A page begins behind
///    `after`; so pages of a list whose products do not change neither repeat nor leave out.
///  - An empty text finds everything.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/codec.hpp"
#include "engine/base/id.hpp"
#include "engine/base/position.hpp"
#include "engine/base/result.hpp"

namespace souk {

enum class SearchSort : std::uint8_t { kRelevance, kPrice, kPriceDescending, kNewest, kSales };

template <>
struct EnumNames<SearchSort> {
  static constexpr std::array<std::string_view, 5> values{"relevance", "price", "price_desc", "newest", "sales"};
};

/// The place of a product in an order.
struct SearchPlace {
  std::int64_t key = 0;       ///< of what is sorted by; whole, so that it is the same when it comes back
  std::uint64_t created = 0;  ///< position of the event that created the product
  friend auto operator<=>(const SearchPlace&, const SearchPlace&) = default;
};

struct SearchQuery {
  static constexpr std::size_t kTextMax = 512;  ///< characters

  std::string text;
  std::optional<CategoryId> category;  ///< with everything below it
  std::optional<BrandId> brand;
  std::optional<std::int64_t> price_min;  ///< minor units, both inclusive
  std::optional<std::int64_t> price_max;
  std::optional<bool> in_stock;
  SearchSort sort = SearchSort::kRelevance;
  std::size_t limit = 20;
  std::optional<SearchPlace> after;
  bool facets = true;  ///< whether they are wanted
};

struct SearchHit {
  ProductId product;
  SearchPlace place;
};

/// Prices from `from` on and below the next band's.
inline constexpr std::array<std::int64_t, 7> kPriceBands{0, 2'000, 5'000, 10'000, 20'000, 50'000, 100'000};

struct SearchFacets {
  struct OfCategory {
    CategoryId category;  ///< the products' own one
    std::int64_t count = 0;
  };
  struct OfBrand {
    BrandId brand;
    std::int64_t count = 0;
  };
  static constexpr std::size_t kValuesMax = 50;

  /// The most frequent first, then by id; at most kValuesMax, none with a count of 0.
  std::vector<OfCategory> categories;
  std::vector<OfBrand> brands;
  std::array<std::int64_t, kPriceBands.size()> prices{};
};

struct SearchAnswer {
  std::vector<SearchHit> hits;
  bool has_more = false;
  std::uint64_t total = 0;
  std::optional<SearchFacets> facets;
  std::optional<std::string> corrected;  ///< the text that was looked for instead; of several, the most frequent
  std::vector<std::string> words;        ///< that are to be highlighted
  Position position;                     ///< of the log, at which this was the answer
};

struct SearchSuggestions {
  static constexpr std::size_t kMax = 10;

  /// What the text may become: its last word made whole, or a word that goes with it; the most frequent first.
  std::vector<std::string> completions;
  std::vector<ProductId> products;
  std::vector<CategoryId> categories;
  std::vector<BrandId> brands;
  Position position;
};

/// Thread-safety: any thread. A callback is called once, on the caller's thread or on one of the backend's, and must
/// not block.
class SearchBackend {
 public:
  SearchBackend() = default;
  SearchBackend(const SearchBackend&) = delete;
  SearchBackend& operator=(const SearchBackend&) = delete;
  virtual ~SearchBackend() = default;

  /// For metrics and answers: "embedded", …
  [[nodiscard]] virtual std::string_view name() const = 0;

  /// Errors: kUnavailable "search.unavailable": ask another backend, or later.
  virtual void search(const SearchQuery& query, std::function<void(Result<SearchAnswer>)> done) = 0;
  virtual void suggest(const std::string& text, std::function<void(Result<SearchSuggestions>)> done) = 0;

  using WaitTicket = std::uint64_t;
  /// Calls back once searches see everything up to the position, with false if that will not come to be.
  virtual WaitTicket when_caught_up(Position position, std::function<void(bool)> done) = 0;
  /// True if the callback will not be called any more.
  virtual bool cancel(WaitTicket ticket) = 0;
};

}  // namespace souk
