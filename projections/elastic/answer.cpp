#include "projections/elastic/answer.hpp"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "engine/base/codec.hpp"

namespace souk::elastic {

namespace {

/// Points and prices are whole, but points come as 12433.0.
struct SortValue {
  std::int64_t whole = 0;
};

struct Hit {
  ProductId id;
  std::vector<SortValue> sort;
  static constexpr auto fields() { return field_list(field("_id", &Hit::id), field("sort", &Hit::sort)); }
};

struct Hits {
  struct Total {
    std::int64_t value = 0;
    static constexpr auto fields() { return field_list(field("value", &Total::value)); }
  };
  Total total;
  std::vector<Hit> hits;
  static constexpr auto fields() { return field_list(field("total", &Hits::total), defaulted("hits", &Hits::hits)); }
};

template <class Id>
struct Bucket {
  Id key;
  std::int64_t doc_count = 0;
  static constexpr auto fields() {
    return field_list(field("key", &Bucket::key), field("doc_count", &Bucket::doc_count));
  }
};

struct PriceBucket {
  std::int64_t doc_count = 0;
  static constexpr auto fields() { return field_list(field("doc_count", &PriceBucket::doc_count)); }
};

template <class Bucket>
struct Buckets {
  std::vector<Bucket> buckets;
  static constexpr auto fields() { return field_list(defaulted("buckets", &Buckets::buckets)); }
};

struct Counted {
  Buckets<Bucket<CategoryId>> category;
  Buckets<Bucket<BrandId>> brand;
  Buckets<PriceBucket> price;
  static constexpr auto fields() {
    return field_list(defaulted("category", &Counted::category), defaulted("brand", &Counted::brand),
                      defaulted("price", &Counted::price));
  }
};

struct Shards {
  std::int64_t failed = 0;
  static constexpr auto fields() { return field_list(field("failed", &Shards::failed)); }
};

struct Answer {
  bool timed_out = false;
  Shards shards;
  Hits hits;
  std::optional<Counted> counted;
  static constexpr auto fields() {
    return field_list(field("timed_out", &Answer::timed_out), field("_shards", &Answer::shards),
                      field("hits", &Answer::hits), field("aggregations", &Answer::counted));
  }
};

tl::unexpected<Error> unusable(std::string why) {
  return fail(ErrorCode::kUnavailable, "search.unavailable", std::move(why));
}

Result<SearchPlace> place_of(const Hit& hit, SearchSort sort) {
  const std::size_t size = sort == SearchSort::kNewest ? 1 : 2;
  if (hit.sort.size() != size) return unusable("a hit without its place");
  SearchPlace place;
  if (size == 2) place.key = sort == SearchSort::kPrice ? -hit.sort[0].whole : hit.sort[0].whole;
  if (hit.sort.back().whole <= 0) return unusable("a hit that was never created");
  place.created = static_cast<std::uint64_t>(hit.sort.back().whole);
  return place;
}

Result<SearchFacets> facets_of(const Counted& counted) {
  SearchFacets facets;
  for (const auto& one : counted.category.buckets) facets.categories.push_back({one.key, one.doc_count});
  for (const auto& one : counted.brand.buckets) facets.brands.push_back({one.key, one.doc_count});
  if (counted.price.buckets.size() != facets.prices.size()) return unusable("not all bands of prices were counted");
  for (std::size_t i = 0; i < facets.prices.size(); ++i) facets.prices[i] = counted.price.buckets[i].doc_count;
  const auto is_counted = [](const auto& one) { return one.count > 0; };
  const bool all_are = std::ranges::all_of(facets.categories, is_counted) &&
                       std::ranges::all_of(facets.brands, is_counted) &&
                       std::ranges::all_of(facets.prices, [](std::int64_t count) { return count >= 0; });
  if (!all_are) return unusable("less than nothing was counted");
  if (facets.categories.size() > SearchFacets::kValuesMax || facets.brands.size() > SearchFacets::kValuesMax) {
    return unusable("more was counted than was asked for");
  }
  return facets;
}

}  // namespace

}  // namespace souk::elastic

namespace souk::codec {

inline bool read(Reader& reader, JsonValue json, const Path& path, elastic::SortValue& out) {
  if (const auto whole = json.integer()) {
    out.whole = *whole;
    return true;
  }
  const auto number = json.number();
  // As far as a double holds whole numbers.
  if (!number || !(std::abs(*number) <= 9'007'199'254'740'992.0)) return reader.reject(path, "must be a number");
  out.whole = std::llround(*number);
  return true;
}

}  // namespace souk::codec

namespace souk::elastic {

Result<SearchAnswer> read_answer(const std::string& text, const SearchQuery& query) {
  auto read = decode<Answer>(text, UnknownFields::kIgnored);
  if (!read) return unusable("an answer that cannot be read: " + read.error().detail);
  if (read->timed_out || read->shards.failed > 0) return unusable("only a part of the index has answered");
  if (read->hits.hits.size() > query.limit + 1) return unusable("more was found than was asked for");
  if (read->hits.total.value < static_cast<std::int64_t>(read->hits.hits.size())) return unusable("a wrong total");
  SearchAnswer answer;
  answer.total = static_cast<std::uint64_t>(read->hits.total.value);
  answer.has_more = read->hits.hits.size() > query.limit;
  if (answer.has_more) read->hits.hits.pop_back();
  for (const auto& hit : read->hits.hits) {
    const auto place = place_of(hit, query.sort);
    if (!place) return tl::unexpected<Error>(place.error());
    // The order is total, so nothing comes twice where each comes behind the one before it.
    const auto* before = answer.hits.empty() ? nullptr : &answer.hits.back().place;
    if (before == nullptr && query.after) before = &*query.after;
    if (before != nullptr && !(*place < *before)) return unusable("hits out of order");
    answer.hits.push_back({hit.id, *place});
  }
  if (query.facets) {
    if (!read->counted) return unusable("nothing was counted");
    auto facets = facets_of(*read->counted);
    if (!facets) return tl::unexpected<Error>(std::move(facets.error()));
    answer.facets = std::move(*facets);
  }
  return answer;
}

}  // namespace souk::elastic
