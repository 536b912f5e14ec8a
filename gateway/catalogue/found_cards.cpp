#include "gateway/catalogue/found_cards.hpp"

#include <utility>

#include "gateway/catalogue/search_views.hpp"
#include "gateway/catalogue/storefront.hpp"
#include "projections/search/highlight.hpp"

namespace souk {

namespace {

/// What the tables need for a card, besides its texts.
constexpr std::size_t kOverhead = 384;

std::shared_ptr<const FoundCard> card_of(const Api& api, FoundProduct found, std::uint64_t changed,
                                         std::uint64_t names) {
  auto card = std::make_shared<FoundCard>();
  card->changed = changed;
  card->names = names;
  card->product = encode(show(api, found.product));
  card->name = std::move(found.product.name);
  card->description = std::move(found.product.description);
  card->in_stock = found.in_stock;
  return card;
}

/// As encode makes a FoundView.
std::string item_of(const FoundCard& card, const search::FoundWords& words) {
  std::string item = R"({"product":)";
  item.append(card.product).append(R"(,"in_stock":)").append(card.in_stock ? "true" : "false");
  item.append(R"(,"highlight":)");
  item += encode(HighlightView{search::highlight(card.name, words), search::snippet(card.description, words)});
  item.push_back('}');
  return item;
}

}  // namespace

std::shared_ptr<const FoundCard> FoundCards::find(ProductId product, std::uint64_t changed, std::uint64_t names) {
  const std::scoped_lock lock(mutex_);
  const auto* card =
      cards_.use(product, [&](const auto& kept) { return kept->changed == changed && kept->names == names; });
  ++(card != nullptr ? figures_.hits : figures_.misses);
  return card != nullptr ? *card : nullptr;
}

void FoundCards::keep(ProductId product, std::shared_ptr<const FoundCard> card) {
  const std::size_t bytes = card->product.size() + card->name.size() + card->description.size() + kOverhead;
  const std::scoped_lock lock(mutex_);
  cards_.put(product, std::move(card), bytes);
  figures_.bytes = cards_.bytes();
}

FoundCards::Figures FoundCards::figures() const {
  const std::scoped_lock lock(mutex_);
  return figures_;
}

Result<std::optional<Position>> show_found(const Api& api, const std::vector<ProductId>& products,
                                           const search::FoundWords& words, std::uint64_t names,
                                           std::vector<std::string>& items, AnswerBasis& basis) {
  auto& cards = api.storefront->found_cards;
  std::vector<std::shared_ptr<const FoundCard>> known;
  std::vector<FoundProduct> read;
  const auto is_wanted = [&](ProductId product, std::uint64_t changed) {
    known.push_back(cards.find(product, changed, names));
    return known.back() == nullptr;
  };
  auto position = api.projections.search().read_list(products, basis, read, is_wanted);
  if (!position || !*position) return position;
  auto next = read.begin();
  for (std::size_t i = 0; i < products.size(); ++i) {
    auto card = std::move(known[i]);
    if (!card) {
      if (next == read.end() || next->product.id != products[i]) continue;
      card = card_of(api, std::move(*next++), basis.shown[i].changed, names);
      cards.keep(products[i], card);
    }
    items.push_back(item_of(*card, words));
  }
  return position;
}

}  // namespace souk
