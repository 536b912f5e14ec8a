/// A product: what it is called, what it costs, how it is shown. How many there are is its stock's business.
///
/// Errors: kConflict "product.exists", "product.currency_change"; kNotFound "product.not_found"; kInvalid
/// "product.sku_invalid", "product.name_invalid", "product.description_invalid", "product.price_invalid",
/// "product.category_invalid", "product.brand_invalid", "product.pictures_invalid".
#pragma once

#include "engine/entity.hpp"

namespace souk::product {

inline constexpr std::size_t kSkuSizeMax = 64;  ///< of A–Z, a–z, 0–9 and . _ - : /
inline constexpr std::size_t kNameSizeMax = 200;
inline constexpr std::size_t kDescriptionSizeMax = 10'000;
inline constexpr std::size_t kCategoryDepthMax = 8;  ///< segments between slashes; none at all is allowed too
inline constexpr std::size_t kCategorySegmentSizeMax = 64;
inline constexpr std::size_t kBrandSizeMax = 100;
inline constexpr std::size_t kPicturesMax = 20;
inline constexpr std::size_t kPictureBytesMax = 2048;

struct State {
  bool exists = false;
  std::string sku;
  std::string name;
  std::string description;
  Money price;
  std::string category;  ///< a path such as "kitchen/knives"
  std::string brand;
  std::vector<std::string> pictures;  ///< URLs

  static constexpr auto fields() {
    return field_list(field("exists", &State::exists), field("sku", &State::sku), field("name", &State::name),
                      field("description", &State::description), field("price", &State::price),
                      field("category", &State::category), field("brand", &State::brand),
                      field("pictures", &State::pictures));
  }
  friend bool operator==(const State&, const State&) = default;
};

// --- commands

struct Create {
  std::string sku;
  std::string name;
  std::string description;
  Money price;
  std::string category;
  std::string brand;
  std::vector<std::string> pictures;
  friend bool operator==(const Create&, const Create&) = default;
};

/// What is absent stays as it is.
struct Change {
  std::optional<std::string> name;
  std::optional<std::string> description;
  std::optional<Money> price;
  std::optional<std::string> category;
  std::optional<std::string> brand;
  std::optional<std::vector<std::string>> pictures;
  friend bool operator==(const Change&, const Change&) = default;
};

// --- events

struct Created {
  static constexpr std::string_view kType = "product.created";
  static constexpr std::uint16_t kSchema = 1;
  std::string sku;
  std::string name;
  std::string description;
  Money price;
  std::string category;
  std::string brand;
  std::vector<std::string> pictures;

  static constexpr auto fields() {
    return field_list(field("sku", &Created::sku), field("name", &Created::name),
                      field("description", &Created::description), field("price", &Created::price),
                      field("category", &Created::category), field("brand", &Created::brand),
                      field("pictures", &Created::pictures));
  }
  friend bool operator==(const Created&, const Created&) = default;
};

/// Holds only what is different from before.
struct Changed {
  static constexpr std::string_view kType = "product.changed";
  static constexpr std::uint16_t kSchema = 1;
  std::optional<std::string> name;
  std::optional<std::string> description;
  std::optional<Money> price;
  std::optional<std::string> category;
  std::optional<std::string> brand;
  std::optional<std::vector<std::string>> pictures;

  static constexpr auto fields() {
    return field_list(field("name", &Changed::name), field("description", &Changed::description),
                      field("price", &Changed::price), field("category", &Changed::category),
                      field("brand", &Changed::brand), field("pictures", &Changed::pictures));
  }
  friend bool operator==(const Changed&, const Changed&) = default;
};

}  // namespace souk::product

namespace souk {

struct Product {
  static constexpr std::string_view kKind = "product";
  static constexpr std::uint32_t kStateSchema = 1;
  using Id = ProductId;
  using State = product::State;
  using Command = std::variant<product::Create, product::Change>;
  using Event = std::variant<product::Created, product::Changed>;
  static Result<std::vector<Event>> decide(const State& state, const Command& command);
  static State evolve(State state, const Event& event);
  static Effects react(Id self, const Event& event);
  static std::optional<Command> on_timer(std::string_view name, Time due);
};

}  // namespace souk
