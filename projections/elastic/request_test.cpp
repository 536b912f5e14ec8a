#include "projections/elastic/request.hpp"

#include <doctest/doctest.h>

#include "projections/search/text.hpp"

using namespace souk;
using namespace souk::elastic;

namespace {

PlannedSearch::Words words_for(const std::string& text, search::Need need = search::Need::kAll) {
  return {search::groups_of(text, {}), need, std::nullopt};
}

std::string body(const SearchQuery& query, const PlannedSearch::Words* words = nullptr, bool has_analyzer = false) {
  const auto written = body_of(Asked{query, words, has_analyzer}, Duration::milliseconds(250));
  REQUIRE(written);
  REQUIRE(read_json(*written, [](JsonValue) -> Result<void> { return {}; }));
  return *written;
}

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("each word is asked for in each field, and counts by the best of them") {
  SearchQuery query;
  const auto words = words_for("longjing");
  const auto text = body(query, &words);
  CHECK(holds(text,
              R"({"function_score":{"query":{"constant_score":{"filter":{"term":{"name":"longjing"}},"boost":1}},)"
              R"("functions":[{"weight":10000},{"field_value_factor":{"field":"share","factor":1,"missing":0}}],)"
              R"("score_mode":"sum","boost_mode":"replace"}})"));
  CHECK(holds(text, R"({"constant_score":{"filter":{"term":{"facts":"longjing"}},"boost":6000}})"));
  CHECK(holds(text, R"({"constant_score":{"filter":{"term":{"description":"longjing"}},"boost":2000}})"));
  CHECK(holds(text, R"("minimum_should_match":1)"));
  CHECK(holds(text, R"("timeout":"250ms")"));
}

TEST_CASE("what is sold and had counts once for each group of words, and half of them may be enough") {
  SearchQuery query;
  const auto words = words_for("green tea cup", search::Need::kHalf);
  const auto text = body(query, &words);
  CHECK(holds(text, R"({"field_value_factor":{"field":"rank","factor":450,"missing":0}})"));
  CHECK(holds(text, R"({"constant_score":{"filter":{"term":{"in_stock":true}},"boost":2400}})"));
  CHECK(holds(text, R"("minimum_should_match":2)"));
}

TEST_CASE("nothing that is typed is anything but the value of a term") {
  SearchQuery query;
  query.text = R"(tea" OR "*:* AND name:(x) {"match_all":{}} \ ~ ^2)";
  const auto words = words_for(query.text);
  const auto text = body(query, &words);
  for (const char* part : {"match_all", "query_string", "*:*", "\\"}) CHECK_FALSE(holds(text, part));
  const auto analyzed = body(query, &words, true);
  CHECK(holds(analyzed, R"({"match":{"text":{"query":"tea\" OR )"));
  CHECK_FALSE(holds(analyzed, R"({"match_all")"));
}

TEST_CASE("filters are exact, and a place is behind what it is behind") {
  SearchQuery query;
  query.category = CategoryId{{0, 5}};
  query.brand = BrandId{{0, 6}};
  query.price_min = 100;
  query.price_max = 200;
  query.in_stock = false;
  query.sort = SearchSort::kPrice;
  query.after = SearchPlace{-150, 17};
  query.limit = 7;
  const auto text = body(query);
  CHECK(holds(text, R"("filter":[{"term":{"seen":true}},{"term":{"within":"00000000000000000000000005"}},)"
                    R"({"term":{"brand":"00000000000000000000000006"}},{"term":{"in_stock":false}},)"
                    R"({"range":{"price":{"gte":100,"lte":200}}}])"));
  CHECK(holds(text, R"("sort":[{"price":"asc"},{"created":"desc"}],"search_after":[150,17])"));
  CHECK(holds(text, R"("size":8,)"));
  CHECK(holds(text, R"("aggs":{"category":)"));
  query.facets = false;
  query.sort = SearchSort::kNewest;
  const auto newest = body(query);
  CHECK(holds(newest, R"("sort":[{"created":"desc"}],"search_after":[17])"));
  CHECK_FALSE(holds(newest, "aggs"));
}

TEST_CASE("a query of more parts than a server takes is not sent") {
  auto words = words_for("tea");
  words.groups.front().alternatives.assign(400, {"tea"});
  const SearchQuery query;
  const auto refused = body_of(Asked{query, &words, false}, Duration::seconds(1));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().reason == "search.unavailable");
}
