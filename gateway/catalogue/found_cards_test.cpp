#include "gateway/catalogue/found_cards.hpp"

#include <doctest/doctest.h>

namespace souk {
namespace {

ProductId id_of(std::uint64_t n) {
  return {{0, n}};
}

std::shared_ptr<const FoundCard> card(const std::string& text, std::uint64_t changed = 1, std::uint64_t names = 1) {
  return std::make_shared<const FoundCard>(FoundCard{changed, names, text, "tea", "", true});
}

std::string shown(FoundCards& cards, std::uint64_t number, std::uint64_t changed = 1, std::uint64_t names = 1) {
  const auto found = cards.find(id_of(number), changed, names);
  return found ? found->product : "";
}

}  // namespace

TEST_CASE("what was found is shown as it was until its row or a name changes") {
  FoundCards cards(100'000);
  CHECK(shown(cards, 1).empty());
  cards.keep(id_of(1), card("tea"));
  CHECK(shown(cards, 1) == "tea");
  CHECK(shown(cards, 2).empty());
  CHECK(shown(cards, 1, 2).empty());
  CHECK(shown(cards, 1, 1, 2).empty());
  cards.keep(id_of(1), card("new tea", 2));
  CHECK(shown(cards, 1, 2) == "new tea");
  CHECK(shown(cards, 1).empty());
  CHECK(cards.figures().hits == 2);
}

TEST_CASE("what was found and not shown for long makes room") {
  FoundCards cards(10'000);
  for (std::uint64_t number = 1; number <= 4; ++number) {
    cards.keep(id_of(number), card(std::string(2'500, 'x')));
    CHECK_FALSE(shown(cards, 1).empty());
    CHECK(cards.figures().bytes <= 10'000);
  }
  CHECK(shown(cards, 2).empty());
  CHECK_FALSE(shown(cards, 4).empty());
  cards.keep(id_of(9), card(std::string(20'000, 'x')));
  CHECK(shown(cards, 9).empty());
}

}  // namespace souk
