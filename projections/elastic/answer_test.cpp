#include "projections/elastic/answer.hpp"

#include <doctest/doctest.h>

using namespace souk;
using namespace souk::elastic;

namespace {

const std::string kHit = R"({"_id":"6fbmcde5yznwq83fazzjf99ypj","sort":[12433.0,17]})";

std::string answer_with(const std::string& hits, const std::string& more = {}) {
  return R"({"timed_out":false,"_shards":{"failed":0},"hits":{"total":{"value":3},"hits":[)" + hits + "]}" + more + "}";
}

SearchQuery plain(std::size_t limit = 20) {
  SearchQuery query;
  query.limit = limit;
  query.facets = false;
  return query;
}

std::string reason_of(const std::string& text, const SearchQuery& query) {
  const auto read = read_answer(text, query);
  return read ? "" : read.error().reason;
}

}  // namespace

TEST_CASE("points are whole, and one hit more than was asked for says that there are more") {
  const auto one = read_answer(answer_with(kHit), plain());
  REQUIRE(one);
  CHECK(one->total == 3);
  CHECK_FALSE(one->has_more);
  REQUIRE(one->hits.size() == 1);
  CHECK(one->hits.front().place == SearchPlace{12'433, 17});
  const auto two = read_answer(answer_with(kHit + "," + kHit), plain(1));
  REQUIRE(two);
  CHECK(two->has_more);
  CHECK(two->hits.size() == 1);
}

TEST_CASE("by price the greater key is the lower price, and the newest have no key") {
  auto query = plain();
  query.sort = SearchSort::kPrice;
  CHECK(read_answer(answer_with(R"({"_id":"6fbmcde5yznwq83fazzjf99ypj","sort":[1999,5]})"), query)->hits[0].place ==
        SearchPlace{-1'999, 5});
  query.sort = SearchSort::kNewest;
  CHECK(read_answer(answer_with(R"({"_id":"6fbmcde5yznwq83fazzjf99ypj","sort":[5]})"), query)->hits[0].place ==
        SearchPlace{0, 5});
}

TEST_CASE("facets are read, and nothing that was found is no reason to fail") {
  SearchQuery query;
  const std::string bands = R"("price":{"buckets":[{"doc_count":1},{"doc_count":2},{"doc_count":0},{"doc_count":0},)"
                            R"({"doc_count":0},{"doc_count":0},{"doc_count":0}]})";
  const auto read = read_answer(
      answer_with("",
                  R"(,"aggregations":{"category":{"buckets":[{"key":"00000000000000000000000005","doc_count":3}]},)" +
                      bands + "}"),
      query);
  REQUIRE(read);
  REQUIRE(read->facets);
  REQUIRE(read->facets->categories.size() == 1);
  CHECK(read->facets->categories[0].count == 3);
  CHECK(read->facets->prices[1] == 2);
  const auto none = read_answer(R"({"timed_out":false,"_shards":{"failed":0},"hits":{"total":{"value":0}},)"
                                R"("aggregations":{)" +
                                    bands + "}}",
                                query);
  REQUIRE(none);
  CHECK(none->hits.empty());
}

TEST_CASE("an answer in part, of too much, or that nobody understands is none") {
  const std::string part = R"({"timed_out":false,"_shards":{"failed":1},"hits":{"total":{"value":3}}})";
  const std::string late = R"({"timed_out":true,"_shards":{"failed":0},"hits":{"total":{"value":3}}})";
  for (const std::string& text :
       {part, late, std::string("{"), std::string("[]"), std::string("{}"), answer_with(kHit + "," + kHit + "," + kHit),
        answer_with(R"({"_id":"nobody","sort":[1,2]})"),
        answer_with(R"({"_id":"6fbmcde5yznwq83fazzjf99ypj","sort":[1e300,2]})"),
        answer_with(R"({"_id":"6fbmcde5yznwq83fazzjf99ypj","sort":[1,-2]})"),
        std::string(R"({"timed_out":false,"_shards":{"failed":0},"hits":{"total":{"value":-3}}})"),
        std::string(R"({"timed_out":false,"_shards":{"failed":0},"hits":{"total":{"value":0},"hits":[)") + kHit + "]}}",
        answer_with(R"({"_id":"6fbmcde5yznwq83fazzjf99ypj","sort":[1]})"),
        answer_with(R"({"_id":"6fbmcde5yznwq83fazzjf99ypj","sort":["1",2]})")}) {
    CAPTURE(text);
    CHECK(reason_of(text, plain(1)) == "search.unavailable");
  }
  CHECK(reason_of(answer_with(kHit), SearchQuery{}) == "search.unavailable");
}

TEST_CASE("hits that come twice, out of order or before where the page begins are no answer") {
  const std::string worse = R"({"_id":"00000000000000000000000005","sort":[12432.0,99]})";
  CHECK(read_answer(answer_with(kHit + "," + worse), plain()));
  CHECK(reason_of(answer_with(worse + "," + kHit), plain()) == "search.unavailable");
  CHECK(reason_of(answer_with(kHit + "," + kHit), plain()) == "search.unavailable");
  auto behind = plain();
  behind.after = SearchPlace{12'433, 17};
  CHECK(reason_of(answer_with(kHit), behind) == "search.unavailable");
  CHECK(read_answer(answer_with(worse), behind));
}

TEST_CASE("less than nothing is not counted") {
  const auto with_bands = [](const std::string& first) {
    return answer_with("", R"(,"aggregations":{"price":{"buckets":[{"doc_count":)" + first +
                               R"(},{"doc_count":2},{"doc_count":0},{"doc_count":0},{"doc_count":0},{"doc_count":0},)"
                               R"({"doc_count":0}]}})");
  };
  CHECK(read_answer(with_bands("0"), SearchQuery{}));
  CHECK(reason_of(with_bands("-1"), SearchQuery{}) == "search.unavailable");
}
