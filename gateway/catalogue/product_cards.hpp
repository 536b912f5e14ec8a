/// What everybody sees of a product, as ready bytes: the answer of `GET /api/v1/products/{id}`.
///
/// A card is never older than a change that was acknowledged. Whoever changes a product calls `forget` when the change
/// was judged, before its answer leaves; whoever makes a card takes a ticket before it asks the product, and a card is
/// kept only if nothing was forgotten under its ticket meanwhile. So a card that was made of an older state comes too
/// late, also when the newer one's card has been dropped for want of room. A card also says of which edition the names
/// are that it shows; it counts only while that is the newest. Products share tickets by a hash: a change of another
/// one may keep a card from being kept, which costs a reading.
///
/// Thread-safety: any thread.
/// Limits: bytes; the card that was not asked for the longest goes first, unless `is_hot` says to let it stay.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "engine/base/id.hpp"
#include "engine/base/position.hpp"
#include "gateway/catalogue/recently_used.hpp"

namespace souk {

struct ProductCard {
  std::shared_ptr<const std::string> body;
  std::string etag;
  Position position;        ///< that it was judged at
  std::uint64_t names = 0;  ///< the edition of the names of categories and brands then
};

class ProductCards {
 public:
  using IsHot = std::function<bool(ProductId)>;
  explicit ProductCards(std::size_t bytes_max, IsHot is_hot = nullptr);

  /// Null: there is none, or the names are newer.
  std::shared_ptr<const ProductCard> find(ProductId product, std::uint64_t names);

  class Ticket {
    friend class ProductCards;
    std::uint64_t forgotten_ = 0;
  };
  [[nodiscard]] Ticket ticket(ProductId product) const;
  void keep(ProductId product, Ticket ticket, std::shared_ptr<const ProductCard> card);
  void forget(ProductId product);

  using Figures = CacheFigures;
  [[nodiscard]] Figures figures() const;

 private:
  static constexpr std::size_t kTickets = 4'096;

  const IsHot is_hot_;
  mutable std::mutex mutex_;
  std::array<std::uint64_t, kTickets> forgotten_{};  ///< how often something was
  RecentlyUsed<ProductId, std::shared_ptr<const ProductCard>> cards_;
  Figures figures_;
};

}  // namespace souk
