/// Who may do what: a model and the rows under it, as permissions/ compiles them; one entity.
///
/// What a model and its rows mean is not known here: whoever sends a command has compiled what comes of it, at the
/// version that it names. A row that is added gets the next number, which is its place among the others and never given
/// again; rolled back, it has its old one. What the program offers (a rule for each route) is added once: a row that
/// was taken away is not offered again. Adding what is there and taking away what is not changes nothing.
/// Errors: kInvalid "permissions.model_invalid", "permissions.row_invalid", "permissions.too_many_rows" (in one
/// command), "permissions.version_unknown"; kConflict "permissions.rows_full".
#pragma once

#include <map>

#include "engine/entity.hpp"

namespace souk::access_policy {

inline constexpr std::size_t kModelBytesMax = 64 * 1024;
inline constexpr std::size_t kKindSizeMax = 2;
inline constexpr std::size_t kValuesMax = 16;
inline constexpr std::size_t kValueBytesMax = 1024;
inline constexpr std::size_t kRowsMax = 500'000;
/// In one command of an administrator, and in one event.
inline constexpr std::size_t kRowsChangedMax = 1'000;

/// A line of a policy: what kind of rule, such as "p" or "g", and its values.
struct Row {
  std::string kind;
  std::vector<std::string> values;

  static constexpr auto fields() { return field_list(field("kind", &Row::kind), field("values", &Row::values)); }
  friend bool operator==(const Row&, const Row&) = default;
};

struct NumberedRow {
  std::int64_t number = 0;
  Row row;

  static constexpr auto fields() {
    return field_list(field("number", &NumberedRow::number), field("row", &NumberedRow::row));
  }
  friend bool operator==(const NumberedRow&, const NumberedRow&) = default;
};

/// A hash of the row: equal rows have the same.
PolicyRowId key_of(const Row& row);

using Rows = std::map<PolicyRowId, NumberedRow>;  ///< by their keys

struct State {
  std::string model;  ///< empty: nothing was ever set
  Rows rows;
  std::int64_t last_number = 0;
  std::vector<PolicyRowId> offered;  ///< in order

  static constexpr auto fields() {
    return field_list(field("model", &State::model), field("rows", &State::rows),
                      field("last_number", &State::last_number), field("offered", &State::offered));
  }
  friend bool operator==(const State&, const State&) = default;
};

// --- commands

/// What the program has to say at its start. The model counts only where nothing was ever set.
struct Offer {
  std::string model;
  std::vector<Row> rows;
  friend bool operator==(const Offer&, const Offer&) = default;
};

struct ReplaceModel {
  std::string model;
  AccountId by;
  Time at;
  friend bool operator==(const ReplaceModel&, const ReplaceModel&) = default;
};

struct ChangeRows {
  std::vector<Row> remove;
  std::vector<Row> add;
  AccountId by;
  Time at;
  friend bool operator==(const ChangeRows&, const ChangeRows&) = default;
};

/// Model and rows are again what they were at an earlier version, which comes with the command, for a state knows
/// nothing of its past.
struct RollBack {
  Version version;
  std::string model;
  Rows rows;
  AccountId by;
  Time at;
  friend bool operator==(const RollBack&, const RollBack&) = default;
};

// --- events

struct Offered {
  static constexpr std::string_view kType = "permissions.offered";
  static constexpr std::uint16_t kSchema = 1;
  std::optional<std::string> model = {};  ///< of the first one
  std::vector<NumberedRow> rows;          ///< that were added
  std::vector<PolicyRowId> known = {};    ///< that were there already

  static constexpr auto fields() {
    return field_list(field("model", &Offered::model), field("rows", &Offered::rows), field("known", &Offered::known));
  }
  friend bool operator==(const Offered&, const Offered&) = default;
};

struct ModelReplaced {
  static constexpr std::string_view kType = "permissions.model_replaced";
  static constexpr std::uint16_t kSchema = 1;
  std::string model;
  AccountId by;
  Time at;

  static constexpr auto fields() {
    return field_list(field("model", &ModelReplaced::model), field("by", &ModelReplaced::by),
                      field("at", &ModelReplaced::at));
  }
  friend bool operator==(const ModelReplaced&, const ModelReplaced&) = default;
};

struct RowsChanged {
  static constexpr std::string_view kType = "permissions.rows_changed";
  static constexpr std::uint16_t kSchema = 1;
  std::vector<NumberedRow> removed;
  std::vector<NumberedRow> added;
  AccountId by;
  Time at;

  static constexpr auto fields() {
    using E = RowsChanged;
    return field_list(field("removed", &E::removed), field("added", &E::added), field("by", &E::by),
                      field("at", &E::at));
  }
  friend bool operator==(const RowsChanged&, const RowsChanged&) = default;
};

/// Behind the changes that it took.
struct RolledBack {
  static constexpr std::string_view kType = "permissions.rolled_back";
  static constexpr std::uint16_t kSchema = 1;
  Version version;
  AccountId by;
  Time at;

  static constexpr auto fields() {
    return field_list(field("version", &RolledBack::version), field("by", &RolledBack::by),
                      field("at", &RolledBack::at));
  }
  friend bool operator==(const RolledBack&, const RolledBack&) = default;
};

}  // namespace souk::access_policy

namespace souk {

struct AccessPolicy {
  static constexpr std::string_view kKind = "permissions";
  static constexpr std::uint32_t kStateSchema = 1;
  using Id = AccessPolicyId;
  using State = access_policy::State;
  using Command = std::variant<access_policy::Offer, access_policy::ReplaceModel, access_policy::ChangeRows,
                               access_policy::RollBack>;
  using Event = std::variant<access_policy::Offered, access_policy::ModelReplaced, access_policy::RowsChanged,
                             access_policy::RolledBack>;
  static Result<std::vector<Event>> decide(const State& state, const Command& command);
  static State evolve(State state, const Event& event);
  static Effects react(Id self, const Event& event);
  static std::optional<Command> on_timer(std::string_view name, Time due, Time now);
};

/// There is one policy.
inline constexpr AccessPolicyId kAccessPolicy{Id128{0, 1}};

}  // namespace souk
