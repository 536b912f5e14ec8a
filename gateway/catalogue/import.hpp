/// Takes rows of a catalogue into the live shop: first categories, then brands, then products in the order of their
/// rows, then stock.
///
/// Every row says how things shall be, so the same rows again change nothing, and rows that were cut short are finished
/// by sending them again. A row that a rule refuses is told and the others are taken.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gateway/api_call.hpp"
#include "gateway/catalogue/rows.hpp"

namespace souk {

inline constexpr std::size_t kImportRowsMax = 1'000;

struct RefusedRow {
  std::int64_t row = 0;
  std::string reason;
  std::string detail;
  static constexpr auto fields() {
    return field_list(field("row", &RefusedRow::row), field("reason", &RefusedRow::reason),
                      field("detail", &RefusedRow::detail));
  }
  static constexpr auto limits() { return limit_list(limit("row", between(1, kImportRowsMax))); }
};

/// How many rows there were of each kind.
struct ImportView {
  std::int64_t created = 0;
  std::int64_t changed = 0;
  std::int64_t unchanged = 0;
  std::vector<RefusedRow> refused;
  static constexpr auto fields() {
    return field_list(field("created", &ImportView::created), field("changed", &ImportView::changed),
                      field("unchanged", &ImportView::unchanged), field("refused", &ImportView::refused));
  }
  static constexpr auto limits() { return limit_list(limit("refused", item_count(0, kImportRowsMax))); }
  static constexpr std::string_view kExample =
      R"({"created":997,"changed":1,"unchanged":1,"refused":[{"row":4,"reason":"field.invalid",)"
      R"("detail":"price: must be an integer"}]})";
};

/// The rows of a body; empty lines do not count. Errors: those of read_row, with the number of the row; kInvalid
/// "row.none", "row.too_many".
Result<std::vector<CatalogueRow>> read_rows(std::string_view body);

/// Answers with an ImportView once everything is judged. Errors of the shop itself (it stops, it cannot read) refuse
/// the whole; what was done by then is done.
void import_catalogue_rows(const ApiCallPtr& call, std::vector<CatalogueRow> rows);

}  // namespace souk
