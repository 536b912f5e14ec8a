#include "engine/access_policy/access_policy.hpp"

#include <algorithm>

#include "engine/base/utf8.hpp"
#include "engine/entities.hpp"

namespace souk {
namespace access_policy {
namespace {

/// As FNV-1a does it, over each text and its end. Stored: it never changes.
std::uint64_t hash_of(const Row& row, std::uint64_t factor) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  const auto add = [&](std::string_view text) {
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * factor;
    hash = (hash ^ 0x100U) * factor;
  };
  add(row.kind);
  for (const auto& value : row.values) add(value);
  return hash;
}

}  // namespace

PolicyRowId key_of(const Row& row) {
  return PolicyRowId{Id128{hash_of(row, 0x100000001b3U), hash_of(row, 0x9e3779b97f4a7c15U)}};
}

}  // namespace access_policy

namespace {

using namespace access_policy;
using Events = std::vector<AccessPolicy::Event>;

/// Of kinds and values of all rows together.
constexpr std::size_t kBytesMax = 64 * 1024 * 1024;
constexpr std::size_t kRowBytesMax = kKindSizeMax + kValuesMax * kValueBytesMax;

Result<void> check_model(std::string_view model) {
  if (!model.empty() && model.size() <= kModelBytesMax && is_prose_of(model, 1, kModelBytesMax)) return {};
  return fail(ErrorCode::kInvalid, "permissions.model_invalid", "a model is a text of at most 65,536 bytes");
}

Result<void> check_row(const Row& row) {
  const auto is_value = [](const std::string& value) {
    return value.size() <= kValueBytesMax && is_line_of(value, 0, kValueBytesMax);
  };
  if (!row.kind.empty() && row.kind.size() <= kKindSizeMax && !row.values.empty() && row.values.size() <= kValuesMax &&
      is_value(row.kind) && std::ranges::all_of(row.values, is_value)) {
    return {};
  }
  return fail(ErrorCode::kInvalid, "permissions.row_invalid",
              "a row has a kind, such as p, and 1 to 16 values of at most 1,024 bytes on one line");
}

Result<void> check_rows(const std::vector<Row>& rows) {
  for (const auto& row : rows) {
    if (auto checked = check_row(row); !checked) return checked;
  }
  return {};
}

std::size_t bytes_of(const Row& row) {
  std::size_t bytes = row.kind.size();
  for (const auto& value : row.values) bytes += value.size();
  return bytes;
}

/// What is changed behind what was changed before: nothing twice.
class Draft {
 public:
  explicit Draft(const State& state) : state_(state), last_number_(state.last_number) {}

  void remove(const PolicyRowId& key) {
    const auto found = state_.rows.find(key);
    if (found != state_.rows.end() && removed_.emplace(key, true).second) removed.push_back(found->second);
  }
  bool add(const Row& row) { return add(key_of(row), {last_number_ + 1, row}); }
  bool add(const PolicyRowId& key, const NumberedRow& row) {
    if (state_.rows.contains(key) && !removed_.contains(key)) return false;
    if (!added_.emplace(key, true).second) return false;
    last_number_ = std::max(last_number_, row.number);
    added.push_back(row);
    return true;
  }

  std::vector<NumberedRow> removed;
  std::vector<NumberedRow> added;

 private:
  const State& state_;
  std::int64_t last_number_;
  std::map<PolicyRowId, bool> removed_;
  std::map<PolicyRowId, bool> added_;
};

/// Of rows that are added to those that there are, some of which may be removed. Whoever only takes away needs none.
Result<void> check_room(const State& state, const Draft& draft) {
  if (draft.added.empty()) return {};
  const auto count = state.rows.size() + draft.added.size() - draft.removed.size();
  std::size_t bytes = count * kRowBytesMax;
  if (bytes > kBytesMax) {  // perhaps, so they are counted
    bytes = 0;
    for (const auto& [key, row] : state.rows) bytes += bytes_of(row.row);
    for (const auto& row : draft.added) bytes += bytes_of(row.row);
    for (const auto& row : draft.removed) bytes -= bytes_of(row.row);
  }
  if (count <= kRowsMax && bytes <= kBytesMax) return {};
  return fail(ErrorCode::kConflict, "permissions.rows_full", "a policy has at most 500,000 rows of 64 MiB together");
}

Result<Events> on(const State& state, const Offer& command) {
  if (auto checked = check_model(command.model); !checked) return tl::unexpected(checked.error());
  if (auto checked = check_rows(command.rows); !checked) return tl::unexpected(checked.error());
  Offered offered;
  if (state.model.empty()) offered.model = command.model;
  Draft draft(state);
  for (const auto& row : command.rows) {
    const auto key = key_of(row);
    if (std::ranges::binary_search(state.offered, key)) continue;
    if (!draft.add(row) && state.rows.contains(key)) offered.known.push_back(key);
  }
  std::ranges::sort(offered.known);
  const auto twice = std::ranges::unique(offered.known);
  offered.known.erase(twice.begin(), twice.end());
  if (auto room = check_room(state, draft); !room) return tl::unexpected(room.error());
  offered.rows = std::move(draft.added);
  if (!offered.model && offered.rows.empty() && offered.known.empty()) return Events{};
  return Events{std::move(offered)};
}

Result<Events> on(const State& state, const ReplaceModel& command) {
  if (auto checked = check_model(command.model); !checked) return tl::unexpected(checked.error());
  if (state.model == command.model) return Events{};
  return Events{ModelReplaced{command.model, command.by, command.at}};
}

Result<Events> on(const State& state, const ChangeRows& command) {
  if (command.add.size() + command.remove.size() > kRowsChangedMax) {
    return fail(ErrorCode::kInvalid, "permissions.too_many_rows", "at most 1,000 rows are changed together");
  }
  if (auto checked = check_rows(command.remove); !checked) return tl::unexpected(checked.error());
  if (auto checked = check_rows(command.add); !checked) return tl::unexpected(checked.error());
  Draft draft(state);
  for (const auto& row : command.remove) draft.remove(key_of(row));
  for (const auto& row : command.add) draft.add(row);
  if (draft.removed.empty() && draft.added.empty()) return Events{};
  if (auto room = check_room(state, draft); !room) return tl::unexpected(room.error());
  return Events{RowsChanged{std::move(draft.removed), std::move(draft.added), command.by, command.at}};
}

/// In parts of at most kRowsChangedMax rows each.
void add_parts(Events& events, const Draft& draft, const RollBack& command) {
  const std::size_t count = draft.removed.size() + draft.added.size();
  for (std::size_t begin = 0; begin < count; begin += kRowsChangedMax) {
    RowsChanged part{{}, {}, command.by, command.at};
    for (std::size_t i = begin; i < std::min(begin + kRowsChangedMax, count); ++i) {
      if (i < draft.removed.size()) {
        part.removed.push_back(draft.removed[i]);
      } else {
        part.added.push_back(draft.added[i - draft.removed.size()]);
      }
    }
    events.emplace_back(std::move(part));
  }
}

/// To version 0: to what a shop begins with, which comes with the command as well.
Result<Events> on(const State& state, const RollBack& command) {
  if (command.model.empty()) {
    return fail(ErrorCode::kInvalid, "permissions.version_unknown", "there is no such version");
  }
  Events events;
  if (command.model != state.model) events.emplace_back(ModelReplaced{command.model, command.by, command.at});
  Draft draft(state);
  for (const auto& [key, row] : state.rows) {
    const auto then = command.rows.find(key);
    if (then == command.rows.end() || then->second != row) draft.remove(key);
  }
  for (const auto& [key, row] : command.rows) draft.add(key, row);
  std::ranges::sort(draft.removed, {}, &NumberedRow::number);
  std::ranges::sort(draft.added, {}, &NumberedRow::number);
  add_parts(events, draft, command);
  const bool is_back = !events.empty() && command.version.value > 0;
  if (is_back) events.emplace_back(RolledBack{command.version, command.by, command.at});
  return events;
}

void add(State& state, const NumberedRow& row) {
  state.rows.insert_or_assign(key_of(row.row), row);
  state.last_number = std::max(state.last_number, row.number);
}

void apply(State& state, const Offered& event) {
  if (event.model) state.model = *event.model;
  for (const auto& row : event.rows) {
    add(state, row);
    state.offered.push_back(key_of(row.row));
  }
  state.offered.insert(state.offered.end(), event.known.begin(), event.known.end());
  std::ranges::sort(state.offered);
}
void apply(State& state, const ModelReplaced& event) {
  state.model = event.model;
}
void apply(State& state, const RowsChanged& event) {
  for (const auto& row : event.removed) state.rows.erase(key_of(row.row));
  for (const auto& row : event.added) add(state, row);
}
void apply(State& /*state*/, const RolledBack& /*event*/) {}

}  // namespace

Result<std::vector<AccessPolicy::Event>> AccessPolicy::decide(const State& state, const Command& command) {
  return std::visit([&](const auto& wanted) { return on(state, wanted); }, command);
}

AccessPolicy::State AccessPolicy::evolve(State state, const Event& event) {
  std::visit([&](const auto& happened) { apply(state, happened); }, event);
  return state;
}

Effects AccessPolicy::react(Id /*self*/, const Event& /*event*/) {
  return {};
}

std::optional<AccessPolicy::Command> AccessPolicy::on_timer(std::string_view /*name*/, Time /*due*/, Time /*now*/) {
  return std::nullopt;
}

}  // namespace souk
