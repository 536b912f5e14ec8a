/// Read model: what the embedded search looks at.
///
///   offers        a row for each product: what is filtered and sorted by, with its stock and its sales
///   documents     its texts; apart, because they are long and change seldom
///   search_index  the words of those that everybody may see: an FTS5 table that any SQLite can read, for its words
///   were
///                 made by text.hpp and stand there with spaces between them
///   categories, brands, stocks
///
/// A word's row in the index is numbered by popularity: the number's high half is smaller the more the product sold, by
/// powers of two, so that a number changes seldom and the best come first; its low half is the product's slot.
/// `changed` is the position of the event that last changed what a reader keeps in memory, so that it reads only that.
/// It never goes back: an event that was parked and is taken in later leaves it at the latest one.
#pragma once

#include <bit>
#include <cstdint>
#include <memory>

#include "projections/projection.hpp"

namespace souk {

std::unique_ptr<Projection> make_search_projection();

namespace search {

/// To which power of two a product sold; `sold` is not negative.
constexpr std::int64_t rank_of(std::int64_t sold) {
  return std::bit_width(static_cast<std::uint64_t>(sold));
}
/// Of a product in the index.
constexpr std::int64_t row_number(std::int64_t slot, std::int64_t sold) {
  return (64 - rank_of(sold)) << 32 | slot;
}
constexpr std::int64_t slot_of(std::int64_t row_number) {
  return row_number & 0xffffffff;
}

}  // namespace search

}  // namespace souk
