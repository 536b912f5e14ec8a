/// What is shown of products that were found, made ready but for the words that are marked in it.
///
/// A card is of the event that last changed its product's row in the search, and of the edition of the names of
/// categories and brands then; it counts only for whoever reads the row at that event, under those names. So it needs
/// no telling when something changes, and shows neither more nor less than the row.
/// Thread-safety: any thread.
/// Limits: bytes; the card that was not shown for the longest goes first.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/id.hpp"
#include "engine/base/position.hpp"
#include "engine/base/result.hpp"
#include "gateway/catalogue/recently_used.hpp"
#include "projections/search/embedded_search.hpp"

namespace souk {

class Api;

struct FoundCard {
  std::uint64_t changed = 0;
  std::uint64_t names = 0;
  std::string product;  ///< JSON
  std::string name;
  std::string description;
  bool in_stock = false;
};

class FoundCards {
 public:
  explicit FoundCards(std::size_t bytes_max) : cards_(bytes_max) {}

  /// Null if there is none.
  std::shared_ptr<const FoundCard> find(ProductId product, std::uint64_t changed, std::uint64_t names);
  void keep(ProductId product, std::shared_ptr<const FoundCard> card);

  using Figures = CacheFigures;
  [[nodiscard]] Figures figures() const;

 private:
  mutable std::mutex mutex_;
  RecentlyUsed<ProductId, std::shared_ptr<const FoundCard>> cards_;
  Figures figures_;
};

/// The products that everybody may see, in this order, each as a FoundView; in `basis`, which rows were shown. Returns
/// up to where they are current; nothing if by now something else would be found.
Result<std::optional<Position>> show_found(const Api& api, const std::vector<ProductId>& products,
                                           const search::FoundWords& words, std::uint64_t names,
                                           std::vector<std::string>& items, AnswerBasis& basis);

}  // namespace souk
