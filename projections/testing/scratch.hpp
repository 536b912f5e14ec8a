/// For tests: a directory of its own that goes away with its owner, in memory where the system has such a place: what
/// is tested here survives the death of a process, not of the machine, and waiting for syncs would be most of the time.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace souk::testing {

class ScratchDirectory {
 public:
  ScratchDirectory() {
    std::error_code ignored;
    const bool has_memory = std::filesystem::is_directory("/dev/shm", ignored);
    const auto parent = has_memory ? std::filesystem::path("/dev/shm") : std::filesystem::temp_directory_path();
    std::string name = (parent / "souk-projections-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no scratch directory");
    path_ = name;
  }
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;
  ~ScratchDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

}  // namespace souk::testing
