/// The directory of one log: held by one process at a time, and marked as ours with the format and the log's id.
///
///   lock       held with flock while the log is open; names the process
///   identity   what this directory is: format and log id, as text
///   witness    witness.hpp
///   rocksdb/   the database
#pragma once

#include <cstdint>
#include <string>

#include "engine/base/id.hpp"
#include "engine/base/result.hpp"

namespace souk {

/// The format of everything in the directory. Raised when an older program could not read it any more.
inline constexpr std::uint32_t kStoreFormat = 1;

class DataDirectory {
 public:
  /// Creates it where it is missing and marks it as ours where it is empty.
  /// Errors: kUnavailable "store.locked", "store.format_newer", "store.foreign", "store.io".
  static Result<DataDirectory> open(const std::string& path);

  DataDirectory(DataDirectory&& other) noexcept;
  DataDirectory& operator=(DataDirectory&&) = delete;
  ~DataDirectory();

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string database_path() const { return path_ + "/rocksdb"; }
  [[nodiscard]] Id128 log_id() const { return log_id_; }

 private:
  explicit DataDirectory(std::string path) : path_(std::move(path)) {}

  Result<void> lock();
  Result<void> identify();

  std::string path_;
  int lock_fd_ = -1;
  Id128 log_id_;
};

}  // namespace souk
