/// Notices that a file may say something else: written in place, replaced by another, or reached through a link that
/// leads elsewhere now, as Kubernetes mounts its ConfigMaps (FILE -> ..data/FILE, and ..data is exchanged).
///
/// The folders of the path and of what it leads to are watched by inotify; besides, the file is looked at in every
/// call, for there are file systems that tell nothing. Thread-safety: one thread.
#pragma once

#include <sys/types.h>

#include <ctime>
#include <string>
#include <vector>

namespace souk {

class FileWatch {
 public:
  /// Empty: there is nothing to watch.
  explicit FileWatch(std::string path);
  ~FileWatch();
  FileWatch(const FileWatch&) = delete;
  FileWatch& operator=(const FileWatch&) = delete;

  /// Is readable when `look_again` should be called; -1: only now and then.
  [[nodiscard]] int descriptor() const { return inotify_; }
  /// Whether something happened to it since the last call. That is no reason to believe that it is another.
  bool look_again();

 private:
  /// What tells one content from the next without reading it.
  struct Stamp {
    dev_t device = 0;
    ino_t inode = 0;
    off_t size = 0;
    time_t changed_s = 0;
    long changed_ns = 0;
    friend bool operator==(const Stamp&, const Stamp&) = default;
  };

  void watch();
  bool drain();
  [[nodiscard]] Stamp look() const;

  const std::string path_;
  int inotify_ = -1;
  std::vector<std::string> names_;  ///< in the folders that are watched
  Stamp told_;
  Stamp seen_;
};

}  // namespace souk
