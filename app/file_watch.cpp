#include "app/file_watch.hpp"

#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <utility>

namespace souk {
namespace {

namespace fs = std::filesystem;

/// Not each write: a file is read once whoever writes it has closed it.
constexpr std::uint32_t kEvents =
    IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF;
constexpr std::string_view kKubernetesLink = "..data";

fs::path folder_of(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

}  // namespace

FileWatch::FileWatch(std::string path) : path_(std::move(path)) {
  if (path_.empty()) return;
  inotify_ = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  watch();
  told_ = seen_ = look();
}

FileWatch::~FileWatch() {
  if (inotify_ >= 0) ::close(inotify_);
}

void FileWatch::watch() {
  if (inotify_ < 0) return;
  std::error_code failure;
  const fs::path path(path_);
  const auto real = fs::canonical(path, failure);
  names_ = {path.filename().string(), std::string(kKubernetesLink)};
  // A folder that is watched already stays so.
  (void)::inotify_add_watch(inotify_, folder_of(path).c_str(), kEvents);
  if (failure) return;
  names_.push_back(real.filename().string());
  (void)::inotify_add_watch(inotify_, folder_of(real).c_str(), kEvents);
}

/// Whether something happened to one of the names, or to a folder.
bool FileWatch::drain() {
  bool happened = false;
  alignas(inotify_event) std::array<char, 8'192> events{};
  for (;;) {
    const auto size = ::read(inotify_, events.data(), events.size());
    if (size <= 0) return happened;
    for (std::size_t at = 0; at < static_cast<std::size_t>(size);) {
      inotify_event event{};
      std::memcpy(&event, events.data() + at, sizeof event);
      const char* name = events.data() + at + sizeof event;
      happened = happened || event.len == 0 || std::ranges::find(names_, std::string_view(name)) != names_.end();
      at += sizeof event + event.len;
    }
  }
}

bool FileWatch::look_again() {
  if (path_.empty()) return false;
  const bool happened = inotify_ >= 0 && drain();
  const Stamp now = look();
  // What is being written just now is looked at again.
  const bool is_settled = now == std::exchange(seen_, now);
  if (!happened && (!is_settled || now == told_)) return false;
  told_ = now;
  watch();
  return true;
}

FileWatch::Stamp FileWatch::look() const {
  struct stat found {};
  if (::stat(path_.c_str(), &found) != 0) return {};
  return {found.st_dev, found.st_ino, found.st_size, found.st_mtim.tv_sec, found.st_mtim.tv_nsec};
}

}  // namespace souk
