#include "gateway/catalogue/search_request.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "engine/base/utf8.hpp"
#include "gateway/catalogue/product_filter.hpp"
#include "gateway/views.hpp"
#include "projections/search/text.hpp"

namespace souk {

namespace {

constexpr std::int64_t kAmountMax = 9'007'199'254'740'991;

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  if (parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

Result<std::optional<std::int64_t>> read_amount(const ApiCall& call, std::string_view name) {
  const auto text = call.request().query(name);
  if (!text) return tl::unexpected<Error>(text.error());
  if (!*text) return std::optional<std::int64_t>{};
  const auto number = whole_number(**text);
  if (!number || *number < 0 || *number > kAmountMax) {
    return fail(ErrorCode::kInvalid, "query." + std::string(name) + "_invalid",
                std::string(name) + " must be an amount in minor units");
  }
  return number;
}

Result<std::optional<bool>> read_flag(const ApiCall& call, std::string_view name) {
  const auto text = call.request().query(name);
  if (!text) return tl::unexpected<Error>(text.error());
  if (!*text) return std::optional<bool>{};
  if (**text == "true") return std::optional(true);
  if (**text == "false") return std::optional(false);
  return fail(ErrorCode::kInvalid, "query." + std::string(name) + "_invalid",
              std::string(name) + " must be true or false");
}

Result<SearchSort> read_sort(const ApiCall& call) {
  const auto text = call.request().query("sort");
  if (!text) return tl::unexpected<Error>(text.error());
  if (!*text) return SearchSort::kRelevance;
  const auto& names = EnumNames<SearchSort>::values;
  const auto found = std::ranges::find(names, std::string_view(**text));
  if (found == names.end()) {
    return fail(ErrorCode::kInvalid, "query.sort_invalid",
                "sort must be relevance, price, price_desc, newest or sales");
  }
  return static_cast<SearchSort>(found - names.begin());
}

Result<std::optional<SearchPlace>> read_place(const ApiCall& call, std::string_view scope) {
  const auto cursor = call.request().query("cursor");
  if (!cursor) return tl::unexpected<Error>(cursor.error());
  if (!*cursor) return std::optional<SearchPlace>{};
  const auto payload = call.api.cursors.open(scope, **cursor);
  if (!payload) return tl::unexpected<Error>(payload.error());
  const std::string_view text = *payload;
  const auto comma = text.find(',');
  const auto key = whole_number(text.substr(0, comma));
  const auto created = comma == text.npos ? std::nullopt : whole_number(text.substr(comma + 1));
  if (!key || !created) return fail(ErrorCode::kInvalid, "cursor.invalid", "this is no cursor of this list");
  return SearchPlace{*key, static_cast<std::uint64_t>(*created)};
}

template <class T>
std::string text_of(const std::optional<T>& number) {
  return number ? std::to_string(*number) : "";
}

/// Everything that decides which list it is.
std::string scope_of(const SearchQuery& query, const std::string& products) {
  return encode(std::vector<std::string>{"search", query.text, products, text_of(query.price_min),
                                         text_of(query.price_max), text_of(query.in_stock),
                                         std::string(name_of(query.sort))});
}

}  // namespace

Result<std::string> read_search_text(const ApiCall& call) {
  const auto text = call.request().query("q");
  if (!text) return tl::unexpected<Error>(text.error());
  if (!*text) return std::string();
  const auto size = count_code_points(**text);
  if (!size || *size > SearchQuery::kTextMax) {
    return fail(ErrorCode::kInvalid, "query.q_invalid", "q must be UTF-8 text of at most 512 characters");
  }
  return std::string(**text);
}

Result<WantedSearch> read_wanted_search(const ApiCall& call) {
  auto text = read_search_text(call);
  const auto products = read_wanted_products(call, false);
  const auto price_min = read_amount(call, "price_min");
  const auto price_max = read_amount(call, "price_max");
  const auto in_stock = read_flag(call, "in_stock");
  const auto facets = read_flag(call, "facets");
  const auto sort = read_sort(call);
  const auto limit = read_page_limit(call);
  if (!text) return tl::unexpected<Error>(text.error());
  if (!products) return tl::unexpected<Error>(products.error());
  if (!price_min) return tl::unexpected<Error>(price_min.error());
  if (!price_max) return tl::unexpected<Error>(price_max.error());
  if (!in_stock) return tl::unexpected<Error>(in_stock.error());
  if (!facets) return tl::unexpected<Error>(facets.error());
  if (!sort) return tl::unexpected<Error>(sort.error());
  if (!limit) return tl::unexpected<Error>(limit.error());

  WantedSearch wanted;
  wanted.is_none = products->is_none;
  auto& query = wanted.query;
  query.text = search::normal_form(*text);
  // What is written is looked for, and no product has it.
  wanted.is_none = wanted.is_none || (query.text.empty() && !search::is_blank(*text));
  query.category = products->filter.category;
  query.brand = products->filter.brand;
  query.price_min = *price_min;
  query.price_max = *price_max;
  query.in_stock = *in_stock;
  query.sort = *sort;
  query.limit = *limit;
  query.facets = facets->value_or(true);
  wanted.scope = scope_of(query, products->scope);
  const auto place = read_place(call, wanted.scope);
  if (!place) return tl::unexpected<Error>(place.error());
  query.after = *place;
  return wanted;
}

std::string seal_place(const ApiCall& call, std::string_view scope, const SearchPlace& place) {
  return call.api.cursors.seal(scope, std::to_string(place.key) + ',' + std::to_string(place.created));
}

}  // namespace souk
