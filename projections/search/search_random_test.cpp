// Random shops and queries: what is found is what a naive scan finds, and a kept answer that is said to hold is the one
// that would be made now.

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <set>
#include <thread>

#include "engine/testing/random.hpp"
#include "projections/projection_target.hpp"
#include "projections/testing/search_world.hpp"

namespace souk {
namespace {

using namespace testing;

const std::vector<std::string> kWords{"alpha", "bravo", "carbon", "delta", "echo"};

struct Article {
  std::set<std::string> words;
  std::int64_t price = 0;
  std::int64_t available = 0;
  std::int64_t sold = 0;
  std::uint64_t created = 0;
  std::uint64_t category = 0;
  bool published = true;
};

/// A shop, and the same as plain values.
struct RandomShop : SearchWorld {
  explicit RandomShop(Random& chance) : random(chance) {
    for (std::uint64_t number = 1; number <= 3; ++number)
      add_category(number, "c" + std::to_string(number), number / 2);
  }

  std::string some_words() {
    std::string text;
    for (const auto& word : kWords) {
      if (random.one_in(2)) text += word + " ";
    }
    return text + "x";
  }

  void create_article() {
    Article article;
    const auto number = articles.size() + 1;
    const auto name = some_words();
    for (auto& word : search::query_words(name)) article.words.insert(word.text);
    article.price = static_cast<std::int64_t>(random.below(8)) * 1'000 + 1'000;
    article.category = random.below(4);
    article.created =
        create(number, name, "", article.price, article.category == 0 ? CategoryId{} : category(article.category))
            .value;
    articles[number] = article;
  }

  /// One event, often one that makes no difference to most queries.
  void change_something() {
    if (articles.size() < 5 || random.one_in(12)) return create_article();
    const auto number = random.below(articles.size()) + 1;
    auto& article = articles[number];
    switch (random.below(6)) {
      case 0:
        article.price = static_cast<std::int64_t>(random.below(8)) * 1'000 + 1'000;
        change(number, product::Changed{.price = Money{article.price, {}}});
        break;
      case 1: {
        const auto name = some_words();
        article.words.clear();
        for (auto& word : search::query_words(name)) article.words.insert(word.text);
        change(number, product::Changed{.name = name});
        break;
      }
      case 2:
        if (article.published) {
          change(number, product::Withdrawn{});
        } else {
          change(number, product::Published{});
        }
        article.published = !article.published;
        break;
      case 3:
        article.available += 2;
        receive(number, 2);
        break;
      case 4:
        if (article.available == 0) break;
        --article.available;
        ++article.sold;
        sell(number, 1);
        break;
      default: change(number, product::Changed{.pictures = std::vector<std::string>{"/p.jpg"}});
    }
  }

  SearchQuery some_query() {
    SearchQuery query;
    if (!random.one_in(4)) query.text = kWords[random.below(kWords.size())];
    while (random.one_in(2)) query.text += " " + kWords[random.below(kWords.size())];
    if (random.one_in(3)) query.category = category(random.below(3) + 1);
    if (random.one_in(3)) query.price_min = static_cast<std::int64_t>(random.below(8)) * 1'000;
    if (random.one_in(3)) query.price_max = static_cast<std::int64_t>(random.below(9)) * 1'000;
    if (random.one_in(3)) query.in_stock = random.one_in(2);
    query.sort = static_cast<SearchSort>(random.below(5));
    query.limit = 100;
    query.facets = random.one_in(2);
    return query;
  }

  [[nodiscard]] static bool lies_below(std::uint64_t category, std::uint64_t above) {
    return category == above || (category > 1 && lies_below(category / 2, above));
  }

  /// The numbers of what a query finds, those that have all words or else those that have half of them.
  [[nodiscard]] std::vector<std::uint64_t> scan(const SearchQuery& query) const {
    const auto words = search::query_words(query.text);
    for (const auto needed : {words.size(), (words.size() + 1) / 2}) {
      std::vector<std::uint64_t> found;
      bool is_there = false;
      for (const auto& [number, article] : articles) {
        const auto had =
            std::ranges::count_if(words, [&](const auto& word) { return article.words.contains(word.text); });
        if (!article.published || static_cast<std::size_t>(had) < needed) continue;
        is_there = true;
        if (query.category && !lies_below(article.category, query.category->value.low)) continue;
        if (query.price_min && article.price < *query.price_min) continue;
        if (query.price_max && article.price > *query.price_max) continue;
        if (query.in_stock && (article.available > 0) != *query.in_stock) continue;
        found.push_back(number);
      }
      if (is_there) return in_order(std::move(found), query.sort);
    }
    return {};
  }

  [[nodiscard]] std::vector<std::uint64_t> in_order(std::vector<std::uint64_t> found, SearchSort sort) const {
    const auto key = [&](std::uint64_t number) {
      const auto& article = articles.at(number);
      std::int64_t by = 0;
      if (sort == SearchSort::kPrice) by = -article.price;
      if (sort == SearchSort::kPriceDescending) by = article.price;
      if (sort == SearchSort::kSales) by = article.sold;
      return std::pair(by, article.created);
    };
    std::ranges::sort(found, [&](auto a, auto b) { return key(a) > key(b); });
    return found;
  }

  Random& random;
  std::map<std::uint64_t, Article> articles;
};

constexpr auto kAll = [](ProductId /*product*/, std::uint64_t /*changed*/) { return true; };

struct Kept {
  SearchQuery query;
  SearchAnswer answer;
  AnswerBasis basis;
};

std::string text_of(const SearchAnswer& answer) {
  std::string text = std::to_string(answer.total);
  for (const auto& hit : answer.hits) text += " " + std::to_string(hit.product.value.low);
  if (!answer.facets) return text;
  for (const auto& one : answer.facets->categories) {
    text += " c" + std::to_string(one.category.value.low) + ":" + std::to_string(one.count);
  }
  for (const auto count : answer.facets->prices) text += " " + std::to_string(count);
  return text;
}

}  // namespace

TEST_CASE("what is found is what a naive scan finds") {
  Random random(seed_of_tests());
  INFO("SOUK_SEED=" << seed_of_tests());
  RandomShop shop(random);
  for (int round = 0; round < 150; ++round) {
    for (int i = 0; i < 4; ++i) shop.change_something();
    for (int i = 0; i < 6; ++i) {
      const auto query = shop.some_query();
      CAPTURE(query.text);
      auto found = shop.found(query);
      const auto wanted = shop.scan(query);
      // How relevant something is, other tests say.
      if (query.sort == SearchSort::kRelevance) found = shop.in_order(std::move(found), SearchSort::kNewest);
      CHECK(found == (query.sort == SearchSort::kRelevance ? shop.in_order(wanted, SearchSort::kNewest) : wanted));
    }
  }
}

TEST_CASE("an answer that is said to hold is the one that would be made now") {
  Random random(seed_of_tests());
  INFO("SOUK_SEED=" << seed_of_tests());
  RandomShop shop(random);
  std::vector<Kept> kept;
  std::size_t held = 0;
  std::size_t void_now = 0;
  for (int round = 0; round < 300; ++round) {
    shop.change_something();
    REQUIRE(catch_up(*shop.follower));
    REQUIRE(shop.search->refresh());
    for (auto& one : kept) {
      Position position;
      const auto holds = shop.search->still_holds(one.basis, position);
      AnswerBasis basis;
      const auto now = shop.search->search(one.query, &basis).value();
      if (holds == StillHolds::kNothing) {
        ++void_now;
        one = {one.query, now, basis};
        continue;
      }
      ++held;
      CHECK(text_of(now) == text_of(one.answer));
    }
    if (kept.size() < 30) {
      Kept one{shop.some_query(), {}, {}};
      one.answer = shop.search->search(one.query, &one.basis).value();
      kept.push_back(std::move(one));
    }
  }
  CHECK(held > 1'000);
  CHECK(void_now > 1'000);
}

TEST_CASE("what is shown of a product that changed is not what was shown") {
  SearchWorld world;
  world.create(1, "tea", "", 100);
  world.create(2, "pot", "", 100);
  REQUIRE(catch_up(*world.follower));
  SearchQuery query;
  query.text = "tea";
  query.facets = false;
  AnswerBasis basis;
  REQUIRE(world.search->search(query, &basis));
  std::vector<FoundProduct> found;
  REQUIRE(world.search->read_list({product_id(1)}, basis, found, kAll));
  Position position;
  const auto holds = [&] {
    REQUIRE(catch_up(*world.follower));
    REQUIRE(world.search->refresh());
    return world.search->still_holds(basis, position);
  };
  CHECK((holds() == StillHolds::kWhole));
  const auto at = world.change(2, product::Changed{.price = Money{50, {}}});
  CHECK((holds() == StillHolds::kWhole));
  CHECK(position == at);
  world.change(1, product::Changed{.price = Money{50, {}}});
  CHECK((holds() == StillHolds::kAnswer));
  world.change(2, product::Changed{.name = "cup"});
  CHECK((holds() == StillHolds::kNothing));
}

TEST_CASE("an answer of another file does not hold before that file was read") {
  SearchWorld world;
  world.create(1, "tea");
  REQUIRE(catch_up(*world.follower));
  SearchQuery query;
  query.text = "tea";
  AnswerBasis basis;
  REQUIRE(world.search->search(query, &basis));
  ProjectionStore::OpenOptions options;
  options.path = world.scratch.file("other.sqlite");
  std::unique_ptr<FollowerTarget> other =
      std::move(ProjectionTarget::open(world.log, make_search_projection(), options).value());
  REQUIRE(world.follower->exchange(other));
  Position position;
  CHECK((world.search->still_holds(basis, position) == StillHolds::kNothing));
  REQUIRE(world.search->refresh());
  REQUIRE(world.search->search(query, &basis));
  CHECK((world.search->still_holds(basis, position) == StillHolds::kWhole));
}

TEST_CASE("a list is not shown with rows of another one") {
  SearchWorld world;
  world.create(1, "tea", "", 100);
  REQUIRE(catch_up(*world.follower));
  SearchQuery query;
  query.text = "tea";
  query.price_max = 100;
  AnswerBasis basis;
  REQUIRE(world.search->search(query, &basis).value().total == 1);
  std::vector<FoundProduct> found;
  world.change(1, product::Changed{.pictures = std::vector<std::string>{"/p.jpg"}});
  REQUIRE(catch_up(*world.follower));
  CHECK(world.search->read_list({product_id(1)}, basis, found, kAll).value());
  CHECK(found.size() == 1);
  world.change(1, product::Changed{.price = Money{101, {}}});
  REQUIRE(catch_up(*world.follower));
  found.clear();
  CHECK(!world.search->read_list({product_id(1)}, basis, found, kAll).value());
  CHECK(found.empty());
}

TEST_CASE("an answer does not hold before what changed was read") {
  SearchWorld world;
  world.create(1, "tea");
  REQUIRE(catch_up(*world.follower));
  SearchQuery query;
  query.text = "tea";
  AnswerBasis basis;
  REQUIRE(world.search->search(query, &basis));
  Position position;
  CHECK((world.search->still_holds(basis, position) == StillHolds::kWhole));
  world.create(2, "pot");
  REQUIRE(catch_up(*world.follower));
  CHECK((world.search->still_holds(basis, position) == StillHolds::kNothing));
}

TEST_CASE("searches side by side are each of one position") {
  SearchWorld shop;
  const auto first = shop.create(1, "tea");
  REQUIRE(catch_up(*shop.follower));
  std::atomic<bool> is_over = false;
  std::atomic<int> wrong = 0;
  std::atomic<int> answered = 0;
  const auto ask = [&] {
    SearchQuery query;
    query.text = "tea";
    query.limit = 1'000;
    while (!is_over) {
      const auto answer = shop.search->search(query);
      const auto there = answer ? answer->position.value - first.value + 1 : 0;
      if (!answer || answer->total != there || answer->hits.size() != there) ++wrong;
      ++answered;
    }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) threads.emplace_back(ask);
  for (std::uint64_t number = 2; number <= 200 || answered < 200; ++number) {
    shop.create(number, "tea");
    REQUIRE(catch_up(*shop.follower));
  }
  is_over = true;
  for (auto& thread : threads) thread.join();
  CHECK(wrong == 0);
}

}  // namespace souk
