/// What the search filters, sorts and counts by, in memory: a row for each product, by slot, and the tree of
/// categories. It follows the file of the read model: each `refresh` reads, within the transaction of the query, what
/// changed since the last one. So it is never newer or older than the index that is read beside it.
///
/// Thread-safety: `refresh` by one thread at a time and nobody reading meanwhile; reading by any number.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/base/id.hpp"
#include "engine/base/position.hpp"
#include "engine/base/result.hpp"
#include "projections/sqlite.hpp"

namespace souk::search {

/// A kind of field that an answer may depend on.
enum class Field : std::uint8_t {
  kWords,   ///< which words a product has, and whether it is seen at all
  kNames,   ///< which category lies below which, and which are there
  kPlaces,  ///< in which category and of which brand a product is
  kPrices,
  kStocks,  ///< whether it can be had
  kSales,
  kRanks,  ///< to which power of two it sold
};
inline constexpr std::size_t kFieldCount = 7;

/// How often each kind of field changed of any product that is or was seen.
class FieldVersions {
 public:
  void count(Field field) { ++counts_[static_cast<std::size_t>(field)]; }
  void count_all() {
    for (auto& one : counts_) ++one;
  }
  [[nodiscard]] std::uint64_t operator[](Field field) const { return counts_[static_cast<std::size_t>(field)]; }

 private:
  std::array<std::uint64_t, kFieldCount> counts_{};
};

class Columns {
 public:
  using Number = std::uint32_t;  ///< of a category or a brand; 0: none

  struct Row {
    ProductId product;
    std::int64_t price = 0;
    std::int64_t sold = 0;
    std::uint64_t created = 0;
    std::uint64_t worded = 0;
    std::uint64_t changed = 0;
    Number category = 0;
    Number brand = 0;
    std::uint8_t name_words = 0;
    bool is_seen = false;
    bool in_stock = false;
  };

  /// What is asked of every match: so few bytes that those of a large catalogue stay near the processor, where a row
  /// would have to come from memory.
  struct Brief {
    std::uint8_t rank = 0;  ///< see rank_of
    std::uint8_t name_words = 0;
    bool is_seen = false;
    bool in_stock = false;
  };

  /// `position`: up to which the transaction sees every event.
  Result<void> refresh(sqlite::Database& db, Position position);
  /// The next `refresh` reads everything.
  void forget();

  [[nodiscard]] Position position() const { return position_; }
  [[nodiscard]] const FieldVersions& versions() const { return versions_; }

  /// By slot; slot 0 is nobody's.
  [[nodiscard]] const std::vector<Row>& rows() const { return rows_; }
  [[nodiscard]] const std::vector<Brief>& briefs() const { return briefs_; }
  [[nodiscard]] std::size_t seen_count() const { return seen_count_; }
  /// 0 if there is none.
  [[nodiscard]] std::int64_t slot_of(ProductId product) const;

  [[nodiscard]] Number number_of(CategoryId category) const;
  [[nodiscard]] Number number_of(BrandId brand) const;
  [[nodiscard]] CategoryId category(Number number) const { return categories_[number].id; }
  [[nodiscard]] BrandId brand(Number number) const { return brands_[number].id; }
  [[nodiscard]] std::size_t category_count() const { return categories_.size(); }
  [[nodiscard]] std::size_t brand_count() const { return brands_.size(); }
  /// Whether it is there and not deleted.
  [[nodiscard]] bool is_living_category(Number number) const { return categories_[number].lives; }
  [[nodiscard]] bool is_living_brand(Number number) const { return brands_[number].lives; }
  /// By number: whether it is this category or below it, and lives.
  [[nodiscard]] std::vector<bool> below(Number category) const;
  /// In normal form.
  [[nodiscard]] const std::string& category_name(Number number) const { return categories_[number].name; }
  [[nodiscard]] const std::string& brand_name(Number number) const { return brands_[number].name; }

 private:
  struct Category {
    CategoryId id;
    std::string name;
    Number parent = 0;
    bool lives = false;
  };
  struct Brand {
    BrandId id;
    std::string name;
    bool lives = false;
  };

  Result<void> refresh_names(sqlite::Database& db);
  Result<void> refresh_rows(sqlite::Database& db);
  void replace(std::size_t slot, const Row& row);
  Number number_for(CategoryId category);
  Number number_for(BrandId brand);

  Position position_;
  bool is_filled_ = false;
  std::uint64_t names_changed_ = 0;
  FieldVersions versions_;
  std::vector<Row> rows_{1};
  std::vector<Brief> briefs_{1};
  std::size_t seen_count_ = 0;
  std::unordered_map<ProductId, std::uint32_t> slots_;
  std::vector<Category> categories_{1};
  std::vector<Brand> brands_{1};
  std::unordered_map<CategoryId, Number> category_numbers_;
  std::unordered_map<BrandId, Number> brand_numbers_;
};

}  // namespace souk::search
