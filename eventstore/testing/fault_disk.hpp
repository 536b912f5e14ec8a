/// A disk for RocksEventLog that fails on demand: power cuts that forget what was not synced, full disks, errors.
///
/// It lies over the real file system. What was written but not synced is remembered per file, and so is what was
/// created or renamed without a sync of its directory; a power cut takes any part of it away.
/// Thread-safety: all functions but `restore_power`, for which the log must be closed.
#pragma once

#include <cstdint>
#include <memory>

namespace souk::testing {

class FaultDisk {
 public:
  /// What is lost in a power cut follows from the seed and the order of operations.
  explicit FaultDisk(std::uint64_t seed);
  ~FaultDisk();
  FaultDisk(const FaultDisk&) = delete;
  FaultDisk& operator=(const FaultDisk&) = delete;

  /// For RocksLogOptions::env_for_tests.
  [[nodiscard]] void* env();

  /// The power fails at the n-th write, sync, creation or renaming from now; everything fails from then on.
  void cut_power_at(std::uint64_t operation);
  [[nodiscard]] bool has_power() const;
  /// Loses what the cut takes, and works again. Without a cut it loses nothing.
  void restore_power();

  /// Mutation control: syncs report success and do nothing.
  void lie_about_syncs();

  enum class Operation : std::uint8_t { kWrite, kSync };
  enum class Failure : std::uint8_t { kNoSpace, kIoError };
  /// The next such operation on a write-ahead log fails once.
  void fail_next(Operation operation, Failure failure);

  /// Syncs of write-ahead logs wait until they are released. For tests of what is ordered but not durable.
  void hold_syncs();
  void release_syncs();

 private:
  class Disk;
  class Files;
  class WritableFile;
  class Directory;
  std::shared_ptr<Disk> disk_;
  struct Environment;
  std::unique_ptr<Environment> environment_;
};

}  // namespace souk::testing
