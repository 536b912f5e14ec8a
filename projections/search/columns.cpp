#include "projections/search/columns.hpp"

#include <utility>

#include "projections/search/search_projection.hpp"
#include "projections/search/text.hpp"

namespace souk::search {

namespace {

template <class Each>
Result<void> each_row(Result<sqlite::Query> query, const Each& each) {
  if (!query) return tl::unexpected<Error>(std::move(query.error()));
  for (;;) {
    auto row = query->step();
    if (!row) return tl::unexpected<Error>(std::move(row.error()));
    if (!*row) return {};
    each(*query);
  }
}

std::uint64_t unsigned_of(const sqlite::Query& row, int column) {
  return static_cast<std::uint64_t>(row.integer(column));
}

}  // namespace

Result<void> Columns::refresh(sqlite::Database& db, Position position) {
  if (is_filled_ && position <= position_) return {};
  auto read = refresh_names(db);
  if (read) read = refresh_rows(db);
  if (!read) {
    forget();
    return read;
  }
  position_ = position;
  is_filled_ = true;
  return {};
}

void Columns::forget() {
  const auto versions = versions_;
  *this = Columns();
  versions_ = versions;
  // What is read anew may be something else, so no answer of before counts any more.
  versions_.count_all();
}

Result<void> Columns::refresh_names(sqlite::Database& db) {
  std::uint64_t changed = 0;
  auto read =
      each_row(db.query("SELECT changed FROM names"), [&](const sqlite::Query& row) { changed = unsigned_of(row, 0); });
  if (!read || changed == names_changed_) return read;
  read =
      each_row(db.query("SELECT category_id, parent_id, name, deleted FROM categories"), [&](const sqlite::Query& row) {
        const auto number = number_for(CategoryId{row.id(0)});
        const auto parent = row.is_null(1) ? 0 : number_for(CategoryId{row.id(1)});
        categories_[number].parent = parent;
        categories_[number].name = normal_form(row.text(2));
        categories_[number].lives = row.integer(3) == 0;
      });
  if (!read) return read;
  read = each_row(db.query("SELECT brand_id, name, deleted FROM brands"), [&](const sqlite::Query& row) {
    const auto number = number_for(BrandId{row.id(0)});
    brands_[number].name = normal_form(row.text(1));
    brands_[number].lives = row.integer(2) == 0;
  });
  names_changed_ = changed;
  versions_.count(Field::kNames);
  return read;
}

Result<void> Columns::refresh_rows(sqlite::Database& db) {
  return each_row(db.query("SELECT slot, created, product_id, price_minor, category_id, brand_id, published, deleted,"
                           " in_stock, sold, name_words, worded, changed FROM offers WHERE changed > ?",
                           static_cast<std::int64_t>(position_.value)),
                  [&](const sqlite::Query& row) {
                    Row now;
                    now.created = unsigned_of(row, 1);
                    now.product = ProductId{row.id(2)};
                    now.price = row.integer(3);
                    if (!row.is_null(4)) now.category = number_for(CategoryId{row.id(4)});
                    if (!row.is_null(5)) now.brand = number_for(BrandId{row.id(5)});
                    now.is_seen = row.integer(6) != 0 && row.integer(7) == 0;
                    now.in_stock = row.integer(8) != 0;
                    now.sold = row.integer(9);
                    now.name_words = static_cast<std::uint8_t>(row.integer(10));
                    now.worded = unsigned_of(row, 11);
                    now.changed = unsigned_of(row, 12);
                    replace(static_cast<std::size_t>(row.integer(0)), now);
                  });
}

void Columns::replace(std::size_t slot, const Row& row) {
  if (slot >= rows_.size()) {
    rows_.resize(slot + 1);
    briefs_.resize(slot + 1);
  }
  Row& before = rows_[slot];
  // A product that nobody saw and nobody sees makes no difference to any answer.
  if (before.is_seen || row.is_seen) {
    if (before.is_seen != row.is_seen || before.worded != row.worded) versions_.count(Field::kWords);
    if (before.category != row.category || before.brand != row.brand) versions_.count(Field::kPlaces);
    if (before.price != row.price) versions_.count(Field::kPrices);
    if (before.in_stock != row.in_stock) versions_.count(Field::kStocks);
    if (before.sold != row.sold) versions_.count(Field::kSales);
    if (rank_of(before.sold) != rank_of(row.sold)) versions_.count(Field::kRanks);
  }
  seen_count_ += static_cast<std::size_t>(row.is_seen);
  seen_count_ -= static_cast<std::size_t>(before.is_seen);
  slots_[row.product] = static_cast<std::uint32_t>(slot);
  before = row;
  briefs_[slot] = {static_cast<std::uint8_t>(rank_of(row.sold)), row.name_words, row.is_seen, row.in_stock};
}

std::int64_t Columns::slot_of(ProductId product) const {
  const auto found = slots_.find(product);
  return found == slots_.end() ? 0 : found->second;
}

Columns::Number Columns::number_of(CategoryId category) const {
  const auto found = category_numbers_.find(category);
  return found == category_numbers_.end() ? 0 : found->second;
}
Columns::Number Columns::number_of(BrandId brand) const {
  const auto found = brand_numbers_.find(brand);
  return found == brand_numbers_.end() ? 0 : found->second;
}

Columns::Number Columns::number_for(CategoryId category) {
  const auto [found, is_new] = category_numbers_.try_emplace(category, static_cast<Number>(categories_.size()));
  if (is_new) categories_.push_back({category, {}, 0, false});
  return found->second;
}
Columns::Number Columns::number_for(BrandId brand) {
  const auto [found, is_new] = brand_numbers_.try_emplace(brand, static_cast<Number>(brands_.size()));
  if (is_new) brands_.push_back({brand, {}, false});
  return found->second;
}

std::vector<bool> Columns::below(Number category) const {
  enum : std::uint8_t { kUnknown, kNo, kYes };
  std::vector<std::uint8_t> known(categories_.size(), kUnknown);
  known[0] = kNo;
  if (category != 0) known[category] = kYes;
  std::vector<bool> found(categories_.size());
  std::vector<Number> way;
  for (Number number = 1; number < categories_.size(); ++number) {
    way.clear();
    Number at = number;
    for (; known[at] == kUnknown; at = categories_[at].parent) way.push_back(at);
    for (const auto passed : way) known[passed] = known[at];
    found[number] = known[number] == kYes && categories_[number].lives;
  }
  return found;
}

}  // namespace souk::search
