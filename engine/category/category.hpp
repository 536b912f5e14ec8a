/// The tree of categories: one entity holds all of it, so that names, depth and cycles are judged in one place.
///
/// A deleted category keeps its name and its place. So a path means the same category at any time, restoring never
/// meets another one of its name, and the products that name it are in it again. A living category's parent lives.
/// Errors: kInvalid "category_tree.name_invalid", "category_tree.description_invalid", "category_tree.id_missing";
/// kNotFound "category_tree.category_not_found"; kConflict "category_tree.name_taken", "category_tree.cycle",
/// "category_tree.parent_unknown", "category_tree.before_unknown", "category_tree.too_deep", "category_tree.full",
/// "category_tree.category_exists", "category_tree.has_children", "category_tree.deleted",
/// "category_tree.parent_deleted".
#pragma once

#include "engine/category/state.hpp"
#include "engine/entity.hpp"

namespace souk::category_tree {

// --- commands

struct Add {
  CategoryId id;
  CategoryId parent = {};  ///< empty: none
  std::string name;
  std::string description = {};
  std::optional<CategoryId> before = {};  ///< the sibling it comes before; none: it is the last
  friend bool operator==(const Add&, const Add&) = default;
};

/// What is absent stays as it is.
struct Change {
  CategoryId id;
  std::optional<std::string> name = {};
  std::optional<std::string> description = {};
  friend bool operator==(const Change&, const Change&) = default;
};

/// With everything below it, also to another place among the same siblings.
struct Move {
  CategoryId id;
  CategoryId parent = {};                 ///< empty: none
  std::optional<CategoryId> before = {};  ///< none: it becomes the last
  friend bool operator==(const Move&, const Move&) = default;
};

/// Logical. Its products stay what they are, also for sale.
struct Delete {
  CategoryId id;
  friend bool operator==(const Delete&, const Delete&) = default;
};

struct Restore {
  CategoryId id;
  friend bool operator==(const Restore&, const Restore&) = default;
};

/// The category with this path is there from now on, and so is what is missing above it. What is absent stays as it is;
/// what is new below a deleted category is deleted as well.
struct Put {
  std::string path;
  std::vector<CategoryId> ids;  ///< one for each name of the path, in case that one is new
  std::optional<std::string> description = {};
  std::optional<bool> deleted = {};
  friend bool operator==(const Put&, const Put&) = default;
};

// --- events

struct Added {
  static constexpr std::string_view kType = "category_tree.added";
  static constexpr std::uint16_t kSchema = 1;
  CategoryId id;
  std::optional<CategoryId> parent = {};
  std::string name;
  std::string description = {};
  std::optional<CategoryId> before = {};

  static constexpr auto fields() {
    return field_list(field("id", &Added::id), field("parent_id", &Added::parent), field("name", &Added::name),
                      field("description", &Added::description), field("before_id", &Added::before));
  }
  friend bool operator==(const Added&, const Added&) = default;
};

/// Holds only what is different from before.
struct Changed {
  static constexpr std::string_view kType = "category_tree.changed";
  static constexpr std::uint16_t kSchema = 1;
  CategoryId id;
  std::optional<std::string> name = {};
  std::optional<std::string> description = {};

  static constexpr auto fields() {
    return field_list(field("id", &Changed::id), field("name", &Changed::name),
                      field("description", &Changed::description));
  }
  friend bool operator==(const Changed&, const Changed&) = default;
};

struct Moved {
  static constexpr std::string_view kType = "category_tree.moved";
  static constexpr std::uint16_t kSchema = 1;
  CategoryId id;
  std::optional<CategoryId> parent = {};
  std::optional<CategoryId> before = {};

  static constexpr auto fields() {
    return field_list(field("id", &Moved::id), field("parent_id", &Moved::parent), field("before_id", &Moved::before));
  }
  friend bool operator==(const Moved&, const Moved&) = default;
};

struct Deleted {
  static constexpr std::string_view kType = "category_tree.deleted";
  static constexpr std::uint16_t kSchema = 1;
  CategoryId id;

  static constexpr auto fields() { return field_list(field("id", &Deleted::id)); }
  friend bool operator==(const Deleted&, const Deleted&) = default;
};

struct Restored {
  static constexpr std::string_view kType = "category_tree.restored";
  static constexpr std::uint16_t kSchema = 1;
  CategoryId id;

  static constexpr auto fields() { return field_list(field("id", &Restored::id)); }
  friend bool operator==(const Restored&, const Restored&) = default;
};

}  // namespace souk::category_tree

namespace souk {

struct CategoryTree {
  static constexpr std::string_view kKind = "category_tree";
  static constexpr std::uint32_t kStateSchema = 1;
  using Id = CategoryTreeId;
  using State = category_tree::State;
  using Command = std::variant<category_tree::Add, category_tree::Change, category_tree::Move, category_tree::Delete,
                               category_tree::Restore, category_tree::Put>;
  using Event = std::variant<category_tree::Added, category_tree::Changed, category_tree::Moved, category_tree::Deleted,
                             category_tree::Restored>;
  static Result<std::vector<Event>> decide(const State& state, const Command& command);
  static State evolve(State state, const Event& event);
  static Effects react(Id self, const Event& event);
  static std::optional<Command> on_timer(std::string_view name, Time due, Time now);
};

/// There is one tree.
inline constexpr CategoryTreeId kCategoryTree{Id128{0, 1}};

}  // namespace souk
