/// What a read model is to the follower that feeds it: tables, and how one event changes them.
///
///   class Sales final : public Projection {
///     std::string_view name() const override { return "sales"; }             // also names the file: sales.sqlite
///     std::uint32_t schema() const override { return 1; }                    // another one: made anew from the log
///     std::vector<std::string_view> kinds() const override { return {"order"}; }
///     Result<void> create_tables(sqlite::Database& db) override { return db.run("CREATE TABLE …"); }
///     Result<void> apply(sqlite::Database& db, const EventRecord& record) override { … }
///   };
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"
#include "eventstore/record.hpp"
#include "projections/sqlite.hpp"

namespace souk {

/// Thread-safety: called by one thread at a time.
class Projection {
 public:
  Projection() = default;
  Projection(const Projection&) = delete;
  Projection& operator=(const Projection&) = delete;
  virtual ~Projection() = default;

  /// a–z, 0–9 and '_'.
  [[nodiscard]] virtual std::string_view name() const = 0;
  /// Raised whenever the tables, or what `apply` makes of an event, change.
  [[nodiscard]] virtual std::uint32_t schema() const = 0;
  /// The kinds of entities whose events `apply` is given; none means all.
  [[nodiscard]] virtual std::vector<std::string_view> kinds() const = 0;

  virtual Result<void> create_tables(sqlite::Database& db) = 0;
  /// Those that only readers need. A copy that is built does without until it serves: made at once they cost a fraction
  /// of what keeping them up costs. Called again where it was not known to have been done.
  virtual Result<void> create_indexes(sqlite::Database& db) {
    (void)db;
    return {};
  }

  /// Changes the rows within the transaction of the follower, which also holds the checkpoint. It must depend on
  /// the rows and the event alone and keep nothing elsewhere: a batch that fails is rolled back and applied again.
  /// An event type of its kinds that it does not know is an error, lest a newer program's events be skipped.
  /// Errors: a transient one of SQLite's makes the follower try again later; any other, and an exception, parks the
  /// event and the later ones of its stream.
  virtual Result<void> apply(sqlite::Database& db, const EventRecord& record) = 0;
};

}  // namespace souk
