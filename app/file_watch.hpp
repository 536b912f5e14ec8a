/// Notices that a file may say something else: written in place, replaced by another, made readable, or reached through
/// a link that leads elsewhere now, as Kubernetes mounts its ConfigMaps (FILE -> ..data/FILE, and ..data is exchanged).
///
/// The folder of the path and that of what it leads to in the end are watched by inotify. Whoever writes a file is let
/// finish: it is told of when it is closed. Besides, the file is looked at in every call, for there are file systems
/// that tell nothing, and links in between; what is seen so has to be quiet for some seconds. Thread-safety: one
/// thread.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <ctime>
#include <map>
#include <string>
#include <vector>

namespace souk {

class FileWatch {
 public:
  using Time = std::chrono::steady_clock::time_point;
  /// What is seen by looking only has to be the same for so long.
  static constexpr std::chrono::seconds kQuiet{5};
  /// Whoever has written nothing for so long, and has not closed it, is not waited for.
  static constexpr std::chrono::seconds kAbandoned{30};

  /// Empty: there is nothing to watch.
  explicit FileWatch(std::string path, Time now = std::chrono::steady_clock::now());
  ~FileWatch();
  FileWatch(const FileWatch&) = delete;
  FileWatch& operator=(const FileWatch&) = delete;

  /// Is readable when `look_again` should be called; -1: only now and then.
  [[nodiscard]] int descriptor() const { return inotify_; }
  /// Whether something happened to it since the last call, and it is whole. That is no reason to believe that it is
  /// another.
  bool look_again(Time now = std::chrono::steady_clock::now());
  /// Whether nobody is writing it, as far as that is known: asked after it was read.
  bool is_whole();

 private:
  /// What tells one content from the next without reading it, and whether it may be read.
  struct Stamp {
    dev_t device = 0;
    ino_t inode = 0;
    off_t size = 0;
    mode_t mode = 0;
    uid_t owner = 0;
    time_t written_s = 0;
    long written_ns = 0;
    time_t changed_s = 0;
    long changed_ns = 0;
    friend bool operator==(const Stamp&, const Stamp&) = default;
  };

  void watch();
  void drain();
  void take(std::uint32_t events, const std::string& path);
  [[nodiscard]] Stamp look() const;

  const std::string path_;
  int inotify_ = -1;
  std::map<int, std::string> folders_;  ///< by watch
  std::vector<std::string> names_;      ///< in the folders that are watched
  bool happened_ = false;
  bool is_being_written_ = false;
  Stamp told_;
  Stamp seen_;
  Time seen_at_;  ///< when it was seen first as it is
};

}  // namespace souk
