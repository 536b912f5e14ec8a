#include "gateway/catalogue/product_cards.hpp"

#include <doctest/doctest.h>

namespace souk {
namespace {

ProductId product(std::uint64_t n) {
  return {{0, n}};
}

std::shared_ptr<const ProductCard> card(const std::string& text, std::uint64_t position = 1, std::uint64_t names = 1) {
  return std::make_shared<const ProductCard>(
      ProductCard{std::make_shared<const std::string>(text), "W/\"1\"", Position{position}, names});
}

std::string shown(ProductCards& cards, ProductId id, std::uint64_t names = 1) {
  const auto found = cards.find(id, names);
  return found ? *found->body : "";
}

}  // namespace

TEST_CASE("a card is found until its product changes") {
  ProductCards cards(100'000);
  CHECK(shown(cards, product(1)).empty());
  cards.keep(product(1), cards.ticket(product(1)), card("tea"));
  CHECK(shown(cards, product(1)) == "tea");
  cards.forget(product(1));
  CHECK(shown(cards, product(1)).empty());
}

TEST_CASE("a card of a state that has changed meanwhile is not kept") {
  ProductCards cards(100'000);
  const auto ticket = cards.ticket(product(1));
  cards.forget(product(1));
  cards.keep(product(1), ticket, card("old"));
  CHECK(shown(cards, product(1)).empty());
  cards.keep(product(1), cards.ticket(product(1)), card("new"));
  CHECK(shown(cards, product(1)) == "new");
}

TEST_CASE("an older card does not take the place of a newer one") {
  ProductCards cards(100'000);
  const auto ticket = cards.ticket(product(1));
  cards.keep(product(1), ticket, card("new", 5));
  cards.keep(product(1), ticket, card("old", 4));
  CHECK(shown(cards, product(1)) == "new");
}

TEST_CASE("a card counts only with the names that it shows") {
  ProductCards cards(100'000);
  cards.keep(product(1), cards.ticket(product(1)), card("tea", 1, 7));
  CHECK(shown(cards, product(1), 8).empty());
  CHECK(shown(cards, product(1), 7) == "tea");
}

TEST_CASE("cards need no more bytes than they may, and the one that was not asked for the longest goes first") {
  ProductCards cards(10'000);
  const auto put = [&](std::uint64_t n) {
    cards.keep(product(n), cards.ticket(product(n)), card(std::string(2'000, 'x')));
  };
  for (std::uint64_t n = 1; n <= 4; ++n) put(n);
  CHECK(!shown(cards, product(1)).empty());
  put(5);
  CHECK(shown(cards, product(2)).empty());
  CHECK(!shown(cards, product(1)).empty());
  CHECK(cards.figures().bytes <= 10'000);
  cards.keep(product(9), cards.ticket(product(9)), card(std::string(20'000, 'x')));
  CHECK(shown(cards, product(9)).empty());
}

TEST_CASE("a hot card stays") {
  ProductCards cards(10'000, [](ProductId id) { return id == product(1); });
  for (std::uint64_t n = 1; n <= 30; ++n) {
    cards.keep(product(n), cards.ticket(product(n)), card(std::string(2'000, 'x')));
  }
  CHECK(!shown(cards, product(1)).empty());
  CHECK(shown(cards, product(2)).empty());
}

}  // namespace souk
