#include "gateway/catalogue/names.hpp"

#include <algorithm>
#include <mutex>

#include "engine/entities.hpp"
#include "gateway/restored.hpp"

namespace souk {

template <class SomeId>
const CatalogueNames::Entry* CatalogueNames::Table<SomeId>::find(SomeId id) const {
  const auto found = by_id.find(id);
  return found == by_id.end() ? nullptr : &found->second;
}

template <class SomeId>
const CatalogueNames::Entry* CatalogueNames::Table<SomeId>::find_living(SomeId id) const {
  const Entry* entry = id.empty() ? nullptr : find(id);
  return entry != nullptr && !entry->deleted ? entry : nullptr;
}

template <class SomeId>
std::optional<CatalogueNames::Found<SomeId>> CatalogueNames::Table<SomeId>::find(std::string_view text) const {
  const auto found = by_text.find(std::string(text));
  if (found == by_text.end()) return std::nullopt;
  return Found<SomeId>{found->second, !find(found->second)->deleted};
}

template <class SomeId>
bool CatalogueNames::is_known(const Table<SomeId>& table, Version version) const {
  const std::shared_lock lock(mutex_);
  return version <= table.version;
}

template <class SomeId>
void CatalogueNames::replace(Table<SomeId>& table, Table<SomeId>&& newer) {
  const std::unique_lock lock(mutex_);
  if (newer.version <= table.version) return;
  std::swap(table, newer);
  edition_.fetch_add(1, std::memory_order_release);
}

void CatalogueNames::renew(const category_tree::State& state, Version version, Position position) {
  if (is_known(categories_, version)) return;
  Table<CategoryId> table;
  table.version = version;
  table.position = position;
  table.by_id.reserve(state.categories.size());
  table.by_text.reserve(state.categories.size());
  // Parents come before their children, so each path is one step longer than a known one.
  for (const CategoryId id : category_tree::in_order(state)) {
    const auto* category = category_tree::find(state, id);
    std::string path = category->parent ? table.find(*category->parent)->text + '/' + category->name : category->name;
    table.by_text.emplace(path, id);
    table.by_id.emplace(id, Entry{std::move(path), category->deleted});
  }
  replace(categories_, std::move(table));
}

void CatalogueNames::renew(const brands::State& state, Version version, Position position) {
  if (is_known(brands_, version)) return;
  Table<BrandId> table;
  table.version = version;
  table.position = position;
  for (const auto& [id, brand] : state.brands) {
    table.by_text.emplace(brand.name, id);
    table.by_id.emplace(id, Entry{brand.name, brand.deleted});
  }
  replace(brands_, std::move(table));
}

ShownNames CatalogueNames::show(CategoryId category, BrandId brand) const {
  ShownNames shown;
  const std::shared_lock lock(mutex_);
  if (const Entry* entry = categories_.find_living(category)) shown.category = CategoryRef{category, entry->text};
  if (const Entry* entry = brands_.find_living(brand)) shown.brand = BrandRef{brand, entry->text};
  shown.categories_version = categories_.version;
  shown.brands_version = brands_.version;
  shown.position = std::max(categories_.position, brands_.position);
  return shown;
}

std::optional<CatalogueNames::Found<CategoryId>> CatalogueNames::find_category(std::string_view path) const {
  const std::shared_lock lock(mutex_);
  return categories_.find(path);
}

std::optional<CatalogueNames::Found<BrandId>> CatalogueNames::find_brand(std::string_view name) const {
  const std::shared_lock lock(mutex_);
  return brands_.find(name);
}

bool CatalogueNames::is_living(CategoryId id) const {
  const std::shared_lock lock(mutex_);
  return categories_.find_living(id) != nullptr;
}

bool CatalogueNames::is_living(BrandId id) const {
  const std::shared_lock lock(mutex_);
  return brands_.find_living(id) != nullptr;
}

std::string CatalogueNames::path_of(CategoryId id) const {
  const std::shared_lock lock(mutex_);
  const Entry* entry = categories_.find(id);
  return entry == nullptr ? std::string() : entry->text;
}

std::string CatalogueNames::name_of(BrandId id) const {
  const std::shared_lock lock(mutex_);
  const Entry* entry = brands_.find(id);
  return entry == nullptr ? std::string() : entry->text;
}

Position CatalogueNames::position() const {
  const std::shared_lock lock(mutex_);
  return std::max(categories_.position, brands_.position);
}

namespace {

template <class E>
Result<void> restore(EventLog& log, CatalogueNames& names, typename E::Id id) {
  return restore_entity<E>(
      log, id, [&](const auto& state, Version version, Position position) { names.renew(state, version, position); });
}

}  // namespace

Result<void> restore_names(EventLog& log, CatalogueNames& names) {
  if (auto done = restore<CategoryTree>(log, names, kCategoryTree); !done) return done;
  return restore<Brands>(log, names, kBrands);
}

}  // namespace souk
