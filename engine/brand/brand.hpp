/// All brands: one entity, so that their names are judged in one place.
///
/// A deleted brand keeps its name: it can be restored at any time, and a name always means the same brand.
/// Errors: kInvalid "brands.name_invalid", "brands.description_invalid", "brands.logo_invalid", "brands.id_missing";
/// kNotFound "brands.brand_not_found"; kConflict "brands.name_taken", "brands.full", "brands.brand_exists",
/// "brands.deleted".
#pragma once

#include "engine/entity.hpp"

namespace souk::brands {

inline constexpr std::size_t kBrandsMax = 10'000;  ///< deleted ones count
inline constexpr std::size_t kNameSizeMax = 100;
inline constexpr std::size_t kDescriptionSizeMax = 500;
inline constexpr std::size_t kLogoBytesMax = 2048;  ///< of a URL

struct Brand {
  std::string name;
  std::string description = {};
  std::string logo = {};  ///< a URL; empty: none
  bool deleted = false;

  static constexpr auto fields() {
    return field_list(field("name", &Brand::name), field("description", &Brand::description),
                      field("logo", &Brand::logo), field("deleted", &Brand::deleted));
  }
  friend bool operator==(const Brand&, const Brand&) = default;
};

struct State {
  std::map<BrandId, Brand> brands;

  static constexpr auto fields() { return field_list(field("brands", &State::brands)); }
  friend bool operator==(const State&, const State&) = default;
};

/// Null if there is none with this id; a deleted one is there.
const Brand* find(const State& state, BrandId id);
/// Whether it is there and not deleted.
bool is_living(const State& state, BrandId id);
/// The one of this name, deleted or not.
std::optional<BrandId> find_name(const State& state, std::string_view name);

// --- commands

struct Add {
  BrandId id;
  std::string name;
  std::string description = {};
  std::string logo = {};
  friend bool operator==(const Add&, const Add&) = default;
};

/// What is absent stays as it is.
struct Change {
  BrandId id;
  std::optional<std::string> name = {};
  std::optional<std::string> description = {};
  std::optional<std::string> logo = {};
  friend bool operator==(const Change&, const Change&) = default;
};

/// Logical. Its products stay what they are, also for sale.
struct Delete {
  BrandId id;
  friend bool operator==(const Delete&, const Delete&) = default;
};

struct Restore {
  BrandId id;
  friend bool operator==(const Restore&, const Restore&) = default;
};

/// The brand of this name is there from now on. What is absent stays as it is.
struct Put {
  BrandId id;  ///< in case it is new
  std::string name;
  std::optional<std::string> description = {};
  std::optional<std::string> logo = {};
  std::optional<bool> deleted = {};
  friend bool operator==(const Put&, const Put&) = default;
};

// --- events

struct Added {
  static constexpr std::string_view kType = "brands.added";
  static constexpr std::uint16_t kSchema = 1;
  BrandId id;
  std::string name;
  std::string description = {};
  std::string logo = {};

  static constexpr auto fields() {
    return field_list(field("id", &Added::id), field("name", &Added::name), field("description", &Added::description),
                      field("logo", &Added::logo));
  }
  friend bool operator==(const Added&, const Added&) = default;
};

/// Holds only what is different from before.
struct Changed {
  static constexpr std::string_view kType = "brands.changed";
  static constexpr std::uint16_t kSchema = 1;
  BrandId id;
  std::optional<std::string> name = {};
  std::optional<std::string> description = {};
  std::optional<std::string> logo = {};

  static constexpr auto fields() {
    return field_list(field("id", &Changed::id), field("name", &Changed::name),
                      field("description", &Changed::description), field("logo", &Changed::logo));
  }
  friend bool operator==(const Changed&, const Changed&) = default;
};

struct Deleted {
  static constexpr std::string_view kType = "brands.deleted";
  static constexpr std::uint16_t kSchema = 1;
  BrandId id;

  static constexpr auto fields() { return field_list(field("id", &Deleted::id)); }
  friend bool operator==(const Deleted&, const Deleted&) = default;
};

struct Restored {
  static constexpr std::string_view kType = "brands.restored";
  static constexpr std::uint16_t kSchema = 1;
  BrandId id;

  static constexpr auto fields() { return field_list(field("id", &Restored::id)); }
  friend bool operator==(const Restored&, const Restored&) = default;
};

}  // namespace souk::brands

namespace souk {

struct Brands {
  static constexpr std::string_view kKind = "brands";
  static constexpr std::uint32_t kStateSchema = 1;
  using Id = BrandsId;
  using State = brands::State;
  using Command = std::variant<brands::Add, brands::Change, brands::Delete, brands::Restore, brands::Put>;
  using Event = std::variant<brands::Added, brands::Changed, brands::Deleted, brands::Restored>;
  static Result<std::vector<Event>> decide(const State& state, const Command& command);
  static State evolve(State state, const Event& event);
  static Effects react(Id self, const Event& event);
  static std::optional<Command> on_timer(std::string_view name, Time due, Time now);
};

/// There is one list of brands.
inline constexpr BrandsId kBrands{Id128{0, 1}};

}  // namespace souk
