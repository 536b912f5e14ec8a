/// What is shown of products that were found, made ready but for the words that are marked in it.
///
/// A card is of the event that last changed its product's row in the search, and of the edition of the names of
/// categories and brands then; it counts only for whoever reads the row at that event, under those names. So it needs
/// no telling when something changes, and shows neither more nor less than the row.
/// Thread-safety: any thread.
/// Limits: bytes; the card that was not shown for the longest goes first.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/base/id.hpp"
#include "engine/base/position.hpp"
#include "engine/base/result.hpp"
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
  explicit FoundCards(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  /// Null if there is none.
  std::shared_ptr<const FoundCard> find(ProductId product, std::uint64_t changed, std::uint64_t names);
  void keep(ProductId product, std::shared_ptr<const FoundCard> card);

  struct Figures {
    std::uint64_t hits = 0;
    std::uint64_t misses = 0;
    std::uint64_t bytes = 0;
  };
  [[nodiscard]] Figures figures() const;

 private:
  struct Entry {
    ProductId product;
    std::shared_ptr<const FoundCard> card;
    std::size_t bytes = 0;
  };
  using Entries = std::list<Entry>;

  void drop(Entries::iterator entry);

  const std::size_t bytes_max_;
  mutable std::mutex mutex_;
  Entries entries_;  ///< what was shown last comes first
  std::unordered_map<ProductId, Entries::iterator> by_product_;
  Figures figures_;
};

/// The products that everybody may see, in this order, each as a FoundView; in `basis`, which rows were shown. Returns
/// up to where they are current; nothing if by now something else would be found.
Result<std::optional<Position>> show_found(const Api& api, const std::vector<ProductId>& products,
                                           const search::FoundWords& words, std::uint64_t names,
                                           std::vector<std::string>& items, AnswerBasis& basis);

}  // namespace souk
