/// What categories and brands are called, kept at hand so that a product is shown with their names without asking a
/// second entity: a copy of the tree and the list, each replaced by a newer version only.
///
/// Whoever shows a name was judged at `position` too. gateway/catalogue/catalogue.hpp changes the tree and the list,
/// and renews the copy before anybody hears of the change. Thread-safety: any thread may call.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "engine/brand/brand.hpp"
#include "engine/category/category.hpp"
#include "eventstore/event_log.hpp"

namespace souk {

struct CategoryRef {
  std::optional<CategoryId> id;  ///< none: an older event named a path and no id
  std::string path;
  static constexpr auto fields() {
    return field_list(field("id", &CategoryRef::id), field("path", &CategoryRef::path));
  }
};

struct BrandRef {
  std::optional<BrandId> id;  ///< none: an older event gave a name and no id
  std::string name;
  static constexpr auto fields() { return field_list(field("id", &BrandRef::id), field("name", &BrandRef::name)); }
};

/// What a product shows, and the versions that say so.
struct ShownNames {
  std::optional<CategoryRef> category;
  std::optional<BrandRef> brand;
  Version categories_version;
  Version brands_version;
  Position position;
};

class CatalogueNames {
 public:
  void renew(const category_tree::State& state, Version version, Position position);
  void renew(const brands::State& state, Version version, Position position);

  /// Nothing is shown of what is deleted or was never there.
  [[nodiscard]] ShownNames show(CategoryId category, BrandId brand) const;

  /// An id with whether its category or brand is living.
  template <class SomeId>
  struct Found {
    SomeId id;
    bool lives = false;
  };
  [[nodiscard]] std::optional<Found<CategoryId>> find_category(std::string_view path) const;
  [[nodiscard]] std::optional<Found<BrandId>> find_brand(std::string_view name) const;
  [[nodiscard]] bool is_living(CategoryId id) const;
  [[nodiscard]] bool is_living(BrandId id) const;
  /// Empty if there is none; deleted ones have theirs.
  [[nodiscard]] std::string path_of(CategoryId id) const;
  [[nodiscard]] std::string name_of(BrandId id) const;

  /// Of the last change of either.
  [[nodiscard]] Position position() const;
  /// How often either was replaced: what is equal shows equal names. The position does not tell, for of two changes the
  /// later one may be known first.
  [[nodiscard]] std::uint64_t edition() const { return edition_.load(std::memory_order_acquire); }

 private:
  struct Entry {
    std::string text;  ///< a path or a name
    bool deleted = false;
  };
  template <class SomeId>
  struct Table {
    std::unordered_map<SomeId, Entry> by_id;
    std::unordered_map<std::string, SomeId> by_text;
    Version version;
    Position position;

    [[nodiscard]] const Entry* find(SomeId id) const;
    [[nodiscard]] const Entry* find_living(SomeId id) const;
    [[nodiscard]] std::optional<Found<SomeId>> find(std::string_view text) const;
  };
  template <class SomeId>
  bool is_known(const Table<SomeId>& table, Version version) const;
  template <class SomeId>
  void replace(Table<SomeId>& table, Table<SomeId>&& newer);

  mutable std::shared_mutex mutex_;
  Table<CategoryId> categories_;
  Table<BrandId> brands_;
  std::atomic<std::uint64_t> edition_ = 0;
};

/// Fills the names from the log. Reads the disk; to be called before anybody is served.
Result<void> restore_names(EventLog& log, CatalogueNames& names);

}  // namespace souk
