#include "eventstore/testing/fault_disk.hpp"

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <sstream>

namespace souk::testing {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

namespace {

namespace fs = std::filesystem;

bool is_wal(const std::string& path) {
  return fs::path(path).extension() == ".log";
}

std::optional<std::string> content_of(const std::string& path) {
  const std::ifstream in(path, std::ios::binary);
  if (!in) return std::nullopt;
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

IOStatus no_power() {
  return IOStatus::IOError("the power is off");
}

}  // namespace

/// What the disk remembers and what shall happen to it.
class FaultDisk::Disk {
 public:
  explicit Disk(std::uint64_t seed) : random_(seed) {}

  /// To be asked before every operation that changes the disk.
  IOStatus step() {
    const std::lock_guard lock(mutex_);
    return step_locked();
  }

  IOStatus before_write(const std::string& path) {
    const std::lock_guard lock(mutex_);
    if (auto failed = take_failure(path, Operation::kWrite)) return *failed;
    return step_locked();
  }

  /// Returns with the lock released, after syncs were let through.
  IOStatus before_sync(const std::string& path) {
    std::unique_lock lock(mutex_);
    if (is_wal(path)) released_.wait(lock, [this] { return !holding_; });
    if (auto failed = take_failure(path, Operation::kSync)) return *failed;
    return step_locked();
  }

  void created(const std::string& path) {
    const std::lock_guard lock(mutex_);
    synced_size_[path] = 0;
    note_name(path, std::nullopt);
  }
  void synced(const std::string& path, std::uint64_t size) {
    const std::lock_guard lock(mutex_);
    if (!lying_ && has_power_) synced_size_[path] = size;
  }
  void renaming(const std::string& from, const std::string& to) {
    const std::lock_guard lock(mutex_);
    note_name(to, content_of(to));
    unsynced_names_.erase(from);
    if (const auto found = synced_size_.find(from); found != synced_size_.end()) {
      synced_size_[to] = found->second;
      synced_size_.erase(from);
    }
  }
  void deleted(const std::string& path) {
    const std::lock_guard lock(mutex_);
    synced_size_.erase(path);
    unsynced_names_.erase(path);
  }
  void directory_synced(const std::string& directory) {
    const std::lock_guard lock(mutex_);
    if (lying_ || !has_power_) return;
    std::erase_if(unsynced_names_,
                  [&](const auto& entry) { return fs::path(entry.first).parent_path() == fs::path(directory); });
  }

  void cut_power_at(std::uint64_t operation) {
    const std::lock_guard lock(mutex_);
    cut_at_ = operations_ + operation;
  }
  bool has_power() {
    const std::lock_guard lock(mutex_);
    return has_power_;
  }
  void restore_power() {
    const std::lock_guard lock(mutex_);
    if (!has_power_) lose();
    synced_size_.clear();
    unsynced_names_.clear();
    name_order_.clear();
    has_power_ = true;
    cut_at_ = UINT64_MAX;
  }
  void lie() {
    const std::lock_guard lock(mutex_);
    lying_ = true;
  }
  void fail_next(Operation operation, Failure failure) {
    const std::lock_guard lock(mutex_);
    failures_[operation] = failure;
  }
  void hold(bool holding) {
    const std::lock_guard lock(mutex_);
    holding_ = holding;
    released_.notify_all();
  }

 private:
  IOStatus step_locked() {
    if (has_power_ && ++operations_ >= cut_at_) has_power_ = false;
    return has_power_ ? IOStatus::OK() : no_power();
  }

  std::optional<IOStatus> take_failure(const std::string& path, Operation operation) {
    const auto found = failures_.find(operation);
    if (found == failures_.end() || !is_wal(path)) return std::nullopt;
    const Failure failure = found->second;
    failures_.erase(found);
    return failure == Failure::kNoSpace ? IOStatus::NoSpace("injected") : IOStatus::IOError("injected");
  }

  bool coin() { return (random_() & 1) != 0; }

  void note_name(const std::string& path, std::optional<std::string> before) {
    if (unsynced_names_.emplace(path, std::move(before)).second) name_order_.push_back(path);
  }

  /// A journalling file system keeps names in the order in which they were made, as RocksDB relies on when it renames
  /// CURRENT to name a manifest it has just created: what is lost is an end of that order, never a hole in it.
  void lose() {
    std::erase_if(name_order_, [this](const std::string& path) { return !unsynced_names_.contains(path); });
    const std::size_t kept_names = random_() % (name_order_.size() + 1);
    for (; name_order_.size() > kept_names; name_order_.pop_back()) {
      const std::string& path = name_order_.back();
      const auto& old_content = unsynced_names_.at(path);
      if (old_content) {
        std::ofstream(path, std::ios::binary | std::ios::trunc) << *old_content;
      } else {
        fs::remove(path);
      }
      synced_size_.erase(path);
    }
    for (const auto& [path, synced] : synced_size_) {
      std::error_code error;
      const auto size = fs::file_size(path, error);
      if (error || size <= synced) continue;
      // All of it, none of it, or a part that ends within a record.
      const auto kept = coin() ? synced : synced + random_() % (size - synced + 1);
      fs::resize_file(path, kept);
    }
  }

  std::mutex mutex_;
  std::condition_variable released_;
  std::mt19937_64 random_;
  std::map<std::string, std::uint64_t> synced_size_;
  /// Created or renamed to, with what the name meant before.
  std::map<std::string, std::optional<std::string>> unsynced_names_;
  std::vector<std::string> name_order_;  ///< of unsynced_names_, the oldest first; may hold some that are synced by now
  std::map<Operation, Failure> failures_;
  std::uint64_t operations_ = 0;
  std::uint64_t cut_at_ = UINT64_MAX;
  bool has_power_ = true;
  bool lying_ = false;
  bool holding_ = false;
};

class FaultDisk::WritableFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  WritableFile(std::unique_ptr<rocksdb::FSWritableFile> file, std::string path, std::shared_ptr<Disk> disk)
      : FSWritableFileOwnerWrapper(std::move(file)), path_(std::move(path)), disk_(std::move(disk)) {}

  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options, IODebugContext* debug) override {
    if (auto status = disk_->before_write(path_); !status.ok()) return status;
    return target()->Append(data, options, debug);
  }
  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options,
                  const rocksdb::DataVerificationInfo& /*verification*/, IODebugContext* debug) override {
    return Append(data, options, debug);
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override { return sync(options, debug); }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override { return sync(options, debug); }
  IOStatus RangeSync(std::uint64_t /*offset*/, std::uint64_t /*size*/, const IOOptions& /*options*/,
                     IODebugContext* /*debug*/) override {
    return IOStatus::OK();
  }

 private:
  // The data itself stays where it is: to lose it is up to the cut.
  IOStatus sync(const IOOptions& options, IODebugContext* debug) {
    const auto size = target()->GetFileSize(options, debug);
    if (auto status = disk_->before_sync(path_); !status.ok()) return status;
    disk_->synced(path_, size);
    return IOStatus::OK();
  }

  const std::string path_;
  const std::shared_ptr<Disk> disk_;
};

class FaultDisk::Directory final : public rocksdb::FSDirectoryWrapper {
 public:
  Directory(std::unique_ptr<rocksdb::FSDirectory> directory, std::string path, std::shared_ptr<Disk> disk)
      : FSDirectoryWrapper(std::move(directory)), path_(std::move(path)), disk_(std::move(disk)) {}

  IOStatus Fsync(const IOOptions& /*options*/, IODebugContext* /*debug*/) override {
    if (auto status = disk_->step(); !status.ok()) return status;
    disk_->directory_synced(path_);
    return IOStatus::OK();
  }
  IOStatus FsyncWithDirOptions(const IOOptions& options, IODebugContext* debug,
                               const rocksdb::DirFsyncOptions& /*how*/) override {
    return Fsync(options, debug);
  }

 private:
  const std::string path_;
  const std::shared_ptr<Disk> disk_;
};

class FaultDisk::Files final : public rocksdb::FileSystemWrapper {
 public:
  explicit Files(std::shared_ptr<Disk> disk)
      : FileSystemWrapper(rocksdb::FileSystem::Default()), disk_(std::move(disk)) {}

  const char* Name() const override { return "souk.fault_disk"; }

  IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                           std::unique_ptr<rocksdb::FSWritableFile>* out, IODebugContext* debug) override {
    if (auto status = disk_->step(); !status.ok()) return status;
    std::unique_ptr<rocksdb::FSWritableFile> file;
    if (auto status = target_->NewWritableFile(path, options, &file, debug); !status.ok()) return status;
    disk_->created(path);
    *out = std::make_unique<WritableFile>(std::move(file), path, disk_);
    return IOStatus::OK();
  }
  IOStatus ReopenWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                              std::unique_ptr<rocksdb::FSWritableFile>* out, IODebugContext* debug) override {
    if (auto status = disk_->step(); !status.ok()) return status;
    std::unique_ptr<rocksdb::FSWritableFile> file;
    if (auto status = target_->ReopenWritableFile(path, options, &file, debug); !status.ok()) return status;
    *out = std::make_unique<WritableFile>(std::move(file), path, disk_);
    return IOStatus::OK();
  }
  IOStatus ReuseWritableFile(const std::string& path, const std::string& /*old_path*/,
                             const rocksdb::FileOptions& options, std::unique_ptr<rocksdb::FSWritableFile>* out,
                             IODebugContext* debug) override {
    return NewWritableFile(path, options, out, debug);
  }
  IOStatus NewDirectory(const std::string& path, const IOOptions& options, std::unique_ptr<rocksdb::FSDirectory>* out,
                        IODebugContext* debug) override {
    std::unique_ptr<rocksdb::FSDirectory> directory;
    if (auto status = target_->NewDirectory(path, options, &directory, debug); !status.ok()) return status;
    *out = std::make_unique<Directory>(std::move(directory), path, disk_);
    return IOStatus::OK();
  }
  IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                      IODebugContext* debug) override {
    if (auto status = disk_->step(); !status.ok()) return status;
    disk_->renaming(from, to);
    return target_->RenameFile(from, to, options, debug);
  }
  IOStatus DeleteFile(const std::string& path, const IOOptions& options, IODebugContext* debug) override {
    if (auto status = disk_->step(); !status.ok()) return status;
    disk_->deleted(path);
    return target_->DeleteFile(path, options, debug);
  }

 private:
  const std::shared_ptr<Disk> disk_;
};

struct FaultDisk::Environment {
  std::unique_ptr<rocksdb::Env> env;
};

FaultDisk::FaultDisk(std::uint64_t seed)
    : disk_(std::make_shared<Disk>(seed)),
      environment_(
          std::make_unique<Environment>(Environment{rocksdb::NewCompositeEnv(std::make_shared<Files>(disk_))})) {}
FaultDisk::~FaultDisk() = default;

void* FaultDisk::env() {
  return environment_->env.get();
}
void FaultDisk::cut_power_at(std::uint64_t operation) {
  disk_->cut_power_at(operation);
}
bool FaultDisk::has_power() const {
  return disk_->has_power();
}
void FaultDisk::restore_power() {
  disk_->restore_power();
}
void FaultDisk::lie_about_syncs() {
  disk_->lie();
}
void FaultDisk::fail_next(Operation operation, Failure failure) {
  disk_->fail_next(operation, failure);
}
void FaultDisk::hold_syncs() {
  disk_->hold(true);
}
void FaultDisk::release_syncs() {
  disk_->hold(false);
}

}  // namespace souk::testing
