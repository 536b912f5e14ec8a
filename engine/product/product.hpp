/// A product: what it is called, what it costs, how it is shown, and whether it is for sale. How many there are is its
/// stock's business.
///
/// Errors: those of fields.hpp; kConflict "product.exists", "product.currency_change", "product.deleted",
/// "product.withdrawn"; kNotFound "product.not_found".
#pragma once

#include "engine/entity.hpp"
#include "engine/product/fields.hpp"

namespace souk::product {

struct State {
  bool exists = false;
  std::string sku;
  std::string name;
  std::string description = {};
  Money price;
  CategoryId category_id = {};             ///< empty: none
  BrandId brand_id = {};                   ///< empty: none
  std::vector<std::string> pictures = {};  ///< URLs, the first one is the one shown in lists
  std::vector<Attribute> attributes = {};
  std::optional<std::int64_t> purchase_limit = {};  ///< of one order
  bool published = true;                            ///< false: withdrawn, for the time being
  bool deleted = false;
  /// Names that an older event gave instead of ids. They are shown as long as there is no id.
  std::string category = {};
  std::string brand = {};

  static constexpr auto fields() {
    return field_list(field("exists", &State::exists), field("sku", &State::sku), field("name", &State::name),
                      field("description", &State::description), field("price", &State::price),
                      field("category_id", &State::category_id), field("brand_id", &State::brand_id),
                      field("pictures", &State::pictures), field("attributes", &State::attributes),
                      field("purchase_limit", &State::purchase_limit), field("published", &State::published),
                      field("deleted", &State::deleted), field("category", &State::category),
                      field("brand", &State::brand));
  }
  friend bool operator==(const State&, const State&) = default;
};

/// Whether the product is there for everybody: not deleted. A withdrawn one is, for administrators.
inline bool is_living(const State& state) {
  return state.exists && !state.deleted;
}

/// None: it can be put into a cart and ordered. Otherwise kNotFound "product.not_found" (there never was one, or it is
/// deleted) or kConflict "product.withdrawn".
std::optional<Error> why_not_for_sale(const State& state);

// --- commands

struct Create {
  std::string sku;
  std::string name;
  std::string description = {};
  Money price;
  CategoryId category_id = {};
  BrandId brand_id = {};
  std::vector<std::string> pictures = {};
  std::vector<Attribute> attributes = {};
  std::optional<std::int64_t> purchase_limit = {};
  bool published = true;
  friend bool operator==(const Create&, const Create&) = default;
};

/// What is absent stays as it is. An empty id and a limit of 0 take the old one away.
struct Change {
  std::optional<std::string> name = {};
  std::optional<std::string> description = {};
  std::optional<Money> price = {};
  std::optional<CategoryId> category_id = {};
  std::optional<BrandId> brand_id = {};
  std::optional<std::vector<std::string>> pictures = {};
  std::optional<std::vector<Attribute>> attributes = {};
  std::optional<std::int64_t> purchase_limit = {};
  std::optional<bool> published = {};
  friend bool operator==(const Change&, const Change&) = default;
};

/// It becomes what is said here, whether it is there already or not. What is absent of the last two stays as it is; a
/// new one is published.
struct Put {
  std::string sku;
  std::string name;
  std::string description = {};
  Money price;
  CategoryId category_id = {};
  BrandId brand_id = {};
  std::vector<std::string> pictures = {};
  std::vector<Attribute> attributes = {};
  std::optional<std::int64_t> purchase_limit = {};
  std::optional<bool> published = {};
  std::optional<bool> deleted = {};
  friend bool operator==(const Put&, const Put&) = default;
};

/// Logical: it is no longer shown or sold, and can come back.
struct Delete {
  friend bool operator==(const Delete&, const Delete&) = default;
};

struct Restore {
  friend bool operator==(const Restore&, const Restore&) = default;
};

// --- events

struct Created {
  static constexpr std::string_view kType = "product.created";
  static constexpr std::uint16_t kSchema = 1;
  std::string sku;
  std::string name;
  std::string description = {};
  Money price;
  std::optional<std::string> category = {};  ///< only in older events: a path
  std::optional<std::string> brand = {};     ///< only in older events
  std::vector<std::string> pictures = {};
  std::optional<CategoryId> category_id = {};
  std::optional<BrandId> brand_id = {};
  std::vector<Attribute> attributes = {};
  std::optional<std::int64_t> purchase_limit = {};
  bool published = true;

  static constexpr auto fields() {
    return field_list(field("sku", &Created::sku), field("name", &Created::name),
                      field("description", &Created::description), field("price", &Created::price),
                      field("category", &Created::category), field("brand", &Created::brand),
                      field("pictures", &Created::pictures), field("category_id", &Created::category_id),
                      field("brand_id", &Created::brand_id), defaulted("attributes", &Created::attributes),
                      field("purchase_limit", &Created::purchase_limit), defaulted("published", &Created::published));
  }
  friend bool operator==(const Created&, const Created&) = default;
};

/// Holds only what is different from before. An empty id and a limit of 0: it has none any more.
struct Changed {
  static constexpr std::string_view kType = "product.changed";
  static constexpr std::uint16_t kSchema = 1;
  std::optional<std::string> name = {};
  std::optional<std::string> description = {};
  std::optional<Money> price = {};
  std::optional<std::string> category = {};  ///< only in older events
  std::optional<std::string> brand = {};     ///< only in older events
  std::optional<std::vector<std::string>> pictures = {};
  std::optional<CategoryId> category_id = {};
  std::optional<BrandId> brand_id = {};
  std::optional<std::vector<Attribute>> attributes = {};
  std::optional<std::int64_t> purchase_limit = {};

  static constexpr auto fields() {
    return field_list(field("name", &Changed::name), field("description", &Changed::description),
                      field("price", &Changed::price), field("category", &Changed::category),
                      field("brand", &Changed::brand), field("pictures", &Changed::pictures),
                      field("category_id", &Changed::category_id), field("brand_id", &Changed::brand_id),
                      field("attributes", &Changed::attributes), field("purchase_limit", &Changed::purchase_limit));
  }
  friend bool operator==(const Changed&, const Changed&) = default;
};

struct Published {
  static constexpr std::string_view kType = "product.published";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr auto fields() { return field_list(); }
  friend bool operator==(const Published&, const Published&) = default;
};

struct Withdrawn {
  static constexpr std::string_view kType = "product.withdrawn";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr auto fields() { return field_list(); }
  friend bool operator==(const Withdrawn&, const Withdrawn&) = default;
};

struct Deleted {
  static constexpr std::string_view kType = "product.deleted";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr auto fields() { return field_list(); }
  friend bool operator==(const Deleted&, const Deleted&) = default;
};

/// It is what it was before it was deleted, published or not.
struct Restored {
  static constexpr std::string_view kType = "product.restored";
  static constexpr std::uint16_t kSchema = 1;
  static constexpr auto fields() { return field_list(); }
  friend bool operator==(const Restored&, const Restored&) = default;
};

}  // namespace souk::product

namespace souk {

struct Product {
  static constexpr std::string_view kKind = "product";
  static constexpr std::uint32_t kStateSchema = 2;
  using Id = ProductId;
  using State = product::State;
  using Command = std::variant<product::Create, product::Change, product::Put, product::Delete, product::Restore>;
  using Event = std::variant<product::Created, product::Changed, product::Published, product::Withdrawn,
                             product::Deleted, product::Restored>;
  static Result<std::vector<Event>> decide(const State& state, const Command& command);
  static State evolve(State state, const Event& event);
  static Effects react(Id self, const Event& event);
  static std::optional<Command> on_timer(std::string_view name, Time due, Time now);
};

}  // namespace souk
