/// What projections have in common when they take in an event.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "engine/base/id.hpp"
#include "engine/entity.hpp"
#include "projections/projection.hpp"

namespace souk {

/// Gives an event of `E` to the `on` of an `Applier{db, record}` for its type. Errors: those of decode_event and `on`.
template <class E, class Applier>
Result<void> apply_as(sqlite::Database& db, const EventRecord& record) {
  auto event = decode_event<typename E::Event>(record.type, record.schema, record.payload);
  if (!event) return tl::unexpected<Error>(std::move(event.error()));
  return std::visit([&](const auto& value) { return Applier{db, record}.on(value); }, *event);
}

/// An empty id in an event stands for none.
template <class Tag>
std::optional<Id128> unless_empty(const std::optional<Id<Tag>>& id) {
  return id && !id->empty() ? std::optional(id->value) : std::nullopt;
}

inline constexpr std::string_view kNeverCreated = "what was never created";

/// kInternal "projection.row_missing": an event tells of `what` although none came before that made its row.
inline tl::unexpected<Error> row_missing(const EventRecord& record, std::string_view what) {
  return fail(ErrorCode::kInternal, "projection.row_missing", record.type + " of " + std::string(what));
}

/// `done` changed one row, or else there was none: row_missing.
inline Result<void> one_row(const sqlite::Database& db, Result<void> done, const EventRecord& record,
                            std::string_view what) {
  if (done && db.changes() != 1) return row_missing(record, what);
  return done;
}

}  // namespace souk
