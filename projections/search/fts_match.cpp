#include "projections/search/fts_match.hpp"

#include <sqlite3.h>

#include <memory>

namespace souk::search {

namespace {

/// Kept with the connection: what the function in the query calls.
struct Visitor {
  const FunctionRef<bool(const FtsMatch&)>* visit = nullptr;
};

class CurrentMatch final : public FtsMatch {
 public:
  CurrentMatch(const Fts5ExtensionApi& api, Fts5Context* context) : api_(api), context_(context) {}

  [[nodiscard]] std::int64_t row_number() const override { return api_.xRowid(context_); }
  [[nodiscard]] std::uint32_t columns_of(int phrase) const override {
    std::uint32_t columns = 0;
    Fts5PhraseIter place{};
    int column = -1;
    for (api_.xPhraseFirstColumn(context_, phrase, &place, &column); column >= 0;
         api_.xPhraseNextColumn(context_, &place, &column)) {
      columns |= 1U << column;
    }
    return columns;
  }

 private:
  const Fts5ExtensionApi& api_;
  Fts5Context* context_;
};

/// A row comes out of the query only to end it.
void visit_match(const Fts5ExtensionApi* api, Fts5Context* context, sqlite3_context* out, int /*count*/,
                 sqlite3_value** /*arguments*/) {
  const auto* visitor = static_cast<const Visitor*>(api->xUserData(context));
  const bool goes_on = (*visitor->visit)(CurrentMatch(*api, context));
  sqlite3_result_int(out, goes_on ? 0 : 1);
}

}  // namespace

Result<bool> prepare_matching(sqlite::Database& db) {
  if (db.companion()) return false;
  const auto failed = [&] {
    return fail(ErrorCode::kInternal, "sqlite.failed", std::string("FTS5: ") + sqlite3_errmsg(db.native()));
  };
  fts5_api* api = nullptr;
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(db.native(), "SELECT fts5(?1)", -1, &statement, nullptr) != SQLITE_OK) return failed();
  sqlite3_bind_pointer(statement, 1, static_cast<void*>(&api), "fts5_api_ptr", nullptr);
  sqlite3_step(statement);
  sqlite3_finalize(statement);
  auto visitor = std::make_shared<Visitor>();
  if (api == nullptr || api->xCreateFunction(api, "souk_visit", visitor.get(), &visit_match, nullptr) != SQLITE_OK) {
    return failed();
  }
  db.companion() = visitor;
  return true;
}

Result<void> each_match(sqlite::Database& db, const std::string& expression, FunctionRef<bool(const FtsMatch&)> visit) {
  auto* visitor = static_cast<Visitor*>(db.companion().get());
  auto query =
      db.query("SELECT 1 FROM search_index WHERE search_index MATCH ? AND souk_visit(search_index)", expression);
  if (!query) return tl::unexpected<Error>(std::move(query.error()));
  visitor->visit = &visit;
  const auto row = query->step();
  visitor->visit = nullptr;
  if (!row) return tl::unexpected<Error>(row.error());
  return {};
}

}  // namespace souk::search
