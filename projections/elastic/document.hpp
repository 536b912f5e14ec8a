/// What the index holds of a product: the words that text.hpp makes, and what is filtered, sorted and counted by.
///
/// It is made of the rows of the embedded search's file and of nothing else, at the position of the event that last
/// changed them (`changed`). So a document and its version say the same whoever makes them and whenever, an older one
/// can never take the place of a newer one, and what is sent twice does no harm. Products that nobody may see are
/// documents too, without words: a document that is taken away could be put back by a writer that is late.
///
/// Thread-safety: as the database.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/base/codec.hpp"
#include "engine/base/id.hpp"
#include "engine/base/position.hpp"
#include "projections/sqlite.hpp"

namespace souk::elastic {

struct Document {
  bool seen = false;
  std::string name;
  std::string facts;
  std::string description;
  std::optional<std::string> text;  ///< all of it, folded, for an analyzer of the server's
  std::int64_t share = 0;           ///< what a word of the name is worth
  std::int64_t rank = 0;            ///< to which power of two it sold
  std::int64_t sold = 0;
  std::int64_t price = 0;
  Position created;
  bool in_stock = false;
  std::optional<CategoryId> category;  ///< if it is there
  std::vector<CategoryId> within;      ///< that, and those above it
  std::optional<BrandId> brand;        ///< if it is there

  static constexpr auto fields() {
    using D = Document;
    return field_list(field("seen", &D::seen), field("name", &D::name), field("facts", &D::facts),
                      field("description", &D::description), field("text", &D::text), field("share", &D::share),
                      field("rank", &D::rank), field("sold", &D::sold), field("price", &D::price),
                      field("created", &D::created), field("in_stock", &D::in_stock), field("category", &D::category),
                      field("within", &D::within), field("brand", &D::brand));
  }
  friend bool operator==(const Document&, const Document&) = default;
};

struct Versioned {
  ProductId product;
  std::int64_t slot = 0;
  Position changed;  ///< the document's version
  Document document;
};

/// In the order in which products last changed.
struct PlaceOfChange {
  Position changed;
  std::int64_t slot = 0;
};

/// What the file could not take in. Once it can, documents change that were sent already, and not their versions.
struct ParkedInFile {
  std::int64_t count = 0;
  Position last;

  static constexpr auto fields() {
    return field_list(field("count", &ParkedInFile::count), field("last", &ParkedInFile::last));
  }
  friend bool operator==(const ParkedInFile&, const ParkedInFile&) = default;
};

class DocumentReader {
 public:
  DocumentReader(sqlite::Database& db, bool with_text) : db_(db), with_text_(with_text) {}

  struct Page {
    std::vector<Versioned> documents;
    bool is_last = false;
  };
  /// Those that changed behind the place, at most `limit` and, after the first, about so many bytes; the earliest
  /// change first.
  Result<Page> changed_behind(PlaceOfChange place, std::size_t limit, std::size_t bytes_max);
  /// Those behind the slot, at most `limit`, in the order in which they were created.
  Result<std::vector<Versioned>> created_behind(std::int64_t slot, std::size_t limit);
  Result<std::optional<Versioned>> find(ProductId product);
  /// Of events up to a place; all, if none is said.
  Result<ParkedInFile> parked(std::optional<Position> upto = {});

 private:
  struct Row;
  template <class... Arguments>
  Result<Page> read(std::size_t bytes_max, std::string_view condition, const Arguments&... arguments);
  Result<void> complete(Row& row);
  /// With those above it; empty if it is not there.
  Result<std::vector<CategoryId>> within(CategoryId category);
  Result<bool> lives(BrandId brand);

  sqlite::Database& db_;
  const bool with_text_;
  std::unordered_map<CategoryId, std::vector<CategoryId>> within_;  ///< what was read already
};

}  // namespace souk::elastic
