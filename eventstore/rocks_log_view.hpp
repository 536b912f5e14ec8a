/// A look at a log on disk without holding it: what was written when it was opened, also while a server writes to it.
///
/// Durability: beside a writer its last events may not be synced yet; a crash of the machine may take those back.
/// Thread-safety: any thread. It checks nothing but the records it reads; `RocksEventLog::open` checks the chain.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/base/clock.hpp"
#include "engine/base/result.hpp"
#include "eventstore/record.hpp"

namespace souk {

class RocksLogView {
 public:
  /// `directory` as in RocksLogOptions. Writes nothing. `clock` must outlive it.
  /// Errors: kUnavailable "store.foreign" (there is no log), "store.io"; kInternal "store.damaged".
  /// Tries again while the writer takes files away under it.
  static Result<std::unique_ptr<RocksLogView>> open(const std::string& directory, Clock& clock);
  ~RocksLogView();

  /// At most `limit` events behind `after`, in order and without gaps.
  [[nodiscard]] Result<std::vector<RecordPtr>> read(Position after, std::size_t limit) const;

 private:
  struct Parts;
  explicit RocksLogView(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace souk
