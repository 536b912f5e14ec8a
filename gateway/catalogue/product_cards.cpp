#include "gateway/catalogue/product_cards.hpp"

#include <utility>

namespace souk {

namespace {

/// What the tables need for a card, besides its bytes.
constexpr std::size_t kOverhead = 256;
/// So many hot cards are passed over, at most, to find one that may go.
constexpr int kPassedOverMax = 8;

}  // namespace

ProductCards::ProductCards(std::size_t bytes_max, IsHot is_hot) : is_hot_(std::move(is_hot)), cards_(bytes_max) {}

std::shared_ptr<const ProductCard> ProductCards::find(ProductId product, std::uint64_t names) {
  const std::scoped_lock lock(mutex_);
  const auto* card = cards_.use(product, [&](const auto& kept) { return kept->names == names; });
  ++(card != nullptr ? figures_.hits : figures_.misses);
  return card != nullptr ? *card : nullptr;
}

ProductCards::Ticket ProductCards::ticket(ProductId product) const {
  const std::scoped_lock lock(mutex_);
  Ticket ticket;
  ticket.forgotten_ = forgotten_[std::hash<ProductId>()(product) % kTickets];
  return ticket;
}

void ProductCards::keep(ProductId product, Ticket ticket, std::shared_ptr<const ProductCard> card) {
  const std::size_t bytes = card->body->size() + card->etag.size() + kOverhead;
  const std::scoped_lock lock(mutex_);
  if (ticket.forgotten_ != forgotten_[std::hash<ProductId>()(product) % kTickets]) return;
  // Two readers may finish in another order than they were judged in.
  const auto* kept = cards_.find(product);
  if (kept != nullptr && (*kept)->position > card->position) return;
  int passed_over = 0;
  cards_.put(product, std::move(card), bytes, [&](ProductId last) {
    return is_hot_ && passed_over < kPassedOverMax && is_hot_(last) && ++passed_over > 0;
  });
  figures_.bytes = cards_.bytes();
}

void ProductCards::forget(ProductId product) {
  const std::scoped_lock lock(mutex_);
  ++forgotten_[std::hash<ProductId>()(product) % kTickets];
  cards_.erase(product);
  figures_.bytes = cards_.bytes();
}

ProductCards::Figures ProductCards::figures() const {
  const std::scoped_lock lock(mutex_);
  return figures_;
}

}  // namespace souk
