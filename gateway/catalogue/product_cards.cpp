#include "gateway/catalogue/product_cards.hpp"

#include <iterator>
#include <utility>

namespace souk {

namespace {

/// What the tables need for a card, besides its bytes.
constexpr std::size_t kOverhead = 256;
/// So many hot cards are passed over, at most, to find one that may go.
constexpr int kPassedOverMax = 8;

}  // namespace

ProductCards::ProductCards(std::size_t bytes_max, IsHot is_hot) : bytes_max_(bytes_max), is_hot_(std::move(is_hot)) {}

std::shared_ptr<const ProductCard> ProductCards::find(ProductId product, std::uint64_t names) {
  const std::scoped_lock lock(mutex_);
  const auto found = by_product_.find(product);
  if (found == by_product_.end() || found->second->card->names != names) {
    ++figures_.misses;
    return nullptr;
  }
  ++figures_.hits;
  entries_.splice(entries_.begin(), entries_, found->second);
  return found->second->card;
}

ProductCards::Ticket ProductCards::ticket(ProductId product) const {
  const std::scoped_lock lock(mutex_);
  Ticket ticket;
  ticket.forgotten_ = forgotten_[std::hash<ProductId>()(product) % kTickets];
  return ticket;
}

void ProductCards::keep(ProductId product, Ticket ticket, std::shared_ptr<const ProductCard> card) {
  const std::size_t bytes = card->body->size() + card->etag.size() + kOverhead;
  if (bytes > bytes_max_) return;
  const std::scoped_lock lock(mutex_);
  if (ticket.forgotten_ != forgotten_[std::hash<ProductId>()(product) % kTickets]) return;
  const auto found = by_product_.find(product);
  if (found != by_product_.end()) {
    // Two readers may finish in another order than they were judged in.
    if (found->second->card->position > card->position) return;
    drop(found->second);
  }
  entries_.push_front({product, std::move(card), bytes});
  by_product_.emplace(product, entries_.begin());
  figures_.bytes += bytes;
  make_room();
}

void ProductCards::forget(ProductId product) {
  const std::scoped_lock lock(mutex_);
  ++forgotten_[std::hash<ProductId>()(product) % kTickets];
  if (const auto found = by_product_.find(product); found != by_product_.end()) drop(found->second);
}

void ProductCards::make_room() {
  int passed_over = 0;
  while (figures_.bytes > bytes_max_) {
    const auto last = std::prev(entries_.end());
    if (is_hot_ && passed_over < kPassedOverMax && is_hot_(last->product)) {
      entries_.splice(entries_.begin(), entries_, last);
      ++passed_over;
    } else {
      drop(last);
    }
  }
}

void ProductCards::drop(Entries::iterator entry) {
  figures_.bytes -= entry->bytes;
  by_product_.erase(entry->product);
  entries_.erase(entry);
}

ProductCards::Figures ProductCards::figures() const {
  const std::scoped_lock lock(mutex_);
  return figures_;
}

}  // namespace souk
