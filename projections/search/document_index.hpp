/// The words of the documents in their table: puts a product's in, takes them out, and makes them anew for all products
/// of a category or a brand whose name changes.
///
/// Thread-safety: as the database.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/id.hpp"
#include "engine/base/json_reader.hpp"
#include "engine/base/result.hpp"
#include "projections/sqlite.hpp"

namespace souk::search {

/// What of a product its words are made of.
struct DocumentTexts {
  std::string name;
  std::string facts;  ///< number, what its attributes say, category with those above it, brand
  std::string description;
  std::int64_t sold = 0;
};

class DocumentIndex {
 public:
  explicit DocumentIndex(sqlite::Database& db) : db_(db) {}

  /// Nothing if not everybody may see it.
  Result<std::optional<DocumentTexts>> texts(std::int64_t slot);

  /// Only if everybody may see it.
  Result<void> add(std::int64_t slot);
  /// The same, and its row says that its words changed here.
  Result<void> add_again(std::int64_t slot, std::int64_t position);
  Result<void> remove(std::int64_t slot);
  /// After its row says what it sold.
  Result<void> renumber(std::int64_t slot, std::int64_t sold_before, std::int64_t sold);

  using Change = FunctionRef<Result<void>()>;
  /// Runs the change and makes the words of all products of the category and those below it anew.
  Result<void> again_below(CategoryId category, std::int64_t position, Change change);
  Result<void> again_of(BrandId brand, std::int64_t position, Change change);

 private:
  Result<std::vector<std::int64_t>> slots(std::string_view statement, const Id128& id);
  Result<void> again(const std::vector<std::int64_t>& slots, std::int64_t position, Change change);
  /// From the root; empty: there is none that is there.
  Result<std::string> category_path(const Id128& category);
  Result<std::string> brand_name(const Id128& brand);

  sqlite::Database& db_;
};

}  // namespace souk::search
