/// Proves a read model's file against the log: makes another one from the beginning and looks for the first row in
/// which they differ.
///
/// Where rows differ because the program took an event in wrongly, the hashes that the file kept while it grew part,
/// and the event is looked for between the last place where they agree and the first where they do not. Where rows were
/// changed by somebody else, the file's own hash is not that of its rows; then the event is the last one that wrote the
/// row.
///
/// The file may be fed meanwhile: what is compared is how it was when it was opened.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "projections/read_model_source.hpp"
#include "projections/running_hash.hpp"

namespace souk {

class ProjectionStore;

/// One row that is in one of the files only, or not the same in both, as texts that SQL would read.
struct RowDifference {
  std::string table;
  std::string key;
  std::optional<std::string> in_file;
  std::optional<std::string> rebuilt;
  std::optional<Position> event;  ///< that caused it, as far as one is known
};

struct DiffReport {
  Position position;  ///< up to where both were made
  std::optional<RowDifference> first;
  bool changed_outside = false;     ///< the rows are not those of which the file kept the hash
  Position agree_at;                ///< the last kept hash that is as it should be
  std::optional<Position> part_at;  ///< the first that is not
};

/// Reads the log, at most so many events behind a place; first asked once it is known how far the file is.
using ReadLog = std::function<Result<std::vector<RecordPtr>>(Position after, std::size_t limit)>;

/// Feeds a file that is made anew the next events behind its checkpoint, at most `limit`; what cannot be taken in is
/// parked. False: the log has no more. Errors: those of the log and of ProjectionStore::apply_batch.
Result<bool> take_next(ProjectionStore& store, Projection& projection, const ReadLog& read_log, std::size_t limit);

/// `scratch`: where to make the other file; removed at the end.
/// Errors: kInternal "projection.other_schema", "projection.log_ends"; kConflict "projection.no_room"; those of SQLite,
/// of the log and of the projection.
Result<DiffReport> diff_projection(const std::string& path, const std::string& scratch, const MakeProjection& make,
                                   const ReadLog& read_log);

}  // namespace souk
