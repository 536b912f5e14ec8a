/// Proves an index against the log: makes the documents anew from the beginning of the log and looks for the first that
/// the index does not hold as it is.
///
/// The index may be fed meanwhile: what is newer there than the log was when it was read is no difference, and what the
/// index says that it does not hold yet is counted apart.
#pragma once

#include <optional>
#include <string>

#include "projections/diff.hpp"
#include "projections/elastic/options.hpp"
#include "projections/projection_store.hpp"

namespace souk::elastic {

struct IndexDiff {
  struct Difference {
    ProductId product;
    Position event;  ///< that last changed it
    std::optional<std::string> in_index;
    std::optional<std::string> expected;
  };

  Position position;         ///< up to which the index says that it holds everything
  std::size_t compared = 0;  ///< documents
  std::size_t behind = 0;    ///< that changed later, and are not in the index yet
  std::size_t parked = 0;    ///< that the server would not take
  std::optional<Difference> first;
};

/// `generation`: the one that serves. `scratch`: where to make the file of the embedded search; removed at the end.
/// Errors: kUnavailable "elasticsearch.index_lost": there is none; those of index.hpp, of SQLite, of the log.
Result<IndexDiff> diff_index(const Options& options, std::uint64_t generation, const LogIdentity& log,
                             const std::string& scratch, const ReadLog& read_log);

}  // namespace souk::elastic
