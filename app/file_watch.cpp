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

constexpr std::uint32_t kWhole = IN_CLOSE_WRITE | IN_MOVED_TO;
constexpr std::uint32_t kGone = IN_DELETE | IN_MOVED_FROM;
constexpr std::uint32_t kEvents = kWhole | kGone | IN_MODIFY | IN_CREATE | IN_ATTRIB;
constexpr std::string_view kKubernetesLink = "..data";

fs::path folder_of(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

/// Whether nothing more will come of what was just made, as of a link of either kind: somebody writes a new file.
bool is_made_whole(const std::string& path) {
  struct stat found {};
  return ::lstat(path.c_str(), &found) == 0 && (!S_ISREG(found.st_mode) || found.st_nlink > 1);
}

}  // namespace

FileWatch::FileWatch(std::string path, Time now) : path_(std::move(path)), seen_at_(now) {
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
  std::map<int, std::string> folders;
  // One that is watched already keeps its number.
  const auto add = [&](const fs::path& folder) {
    const int number = ::inotify_add_watch(inotify_, folder.c_str(), kEvents);
    if (number >= 0) folders.emplace(number, folder.string());
  };
  names_ = {path.filename().string(), std::string(kKubernetesLink)};
  add(folder_of(path));
  if (failure) {
    // What it led to may come back where it was.
    folders.insert(folders_.begin(), folders_.end());
  } else {
    names_.push_back(real.filename().string());
    add(folder_of(real));
  }
  for (const auto& [number, folder] : folders_) {
    if (!folders.contains(number)) (void)::inotify_rm_watch(inotify_, number);
  }
  folders_ = std::move(folders);
}

void FileWatch::drain() {
  alignas(inotify_event) std::array<char, 8'192> events{};
  for (;;) {
    const auto size = inotify_ < 0 ? -1 : ::read(inotify_, events.data(), events.size());
    if (size <= 0) return;
    for (std::size_t at = 0; at < static_cast<std::size_t>(size);) {
      inotify_event event{};
      std::memcpy(&event, events.data() + at, sizeof event);
      const char* name = events.data() + at + sizeof event;
      at += sizeof event + event.len;
      const auto folder = folders_.find(event.wd);
      // Of a folder itself only that others may enter it now is told by an event; the rest is seen by looking.
      if (event.len == 0) happened_ = happened_ || (event.mask & IN_ATTRIB) != 0;
      if (event.len == 0 || folder == folders_.end() ||
          std::ranges::find(names_, std::string_view(name)) == names_.end())
        continue;
      take(event.mask, folder->second + "/" + name);
    }
  }
}

/// What is gone is told of by its successor, or if it stays away.
void FileWatch::take(std::uint32_t events, const std::string& path) {
  const bool is_whole = (events & kWhole) != 0 || ((events & IN_CREATE) != 0 && is_made_whole(path));
  if (is_whole || (events & kGone) != 0) is_being_written_ = false;
  if (is_whole || (events & IN_ATTRIB) != 0) happened_ = true;
  if (!is_whole && (events & (IN_CREATE | IN_MODIFY)) != 0) is_being_written_ = true;
}

bool FileWatch::look_again(Time now) {
  if (path_.empty()) return false;
  drain();
  const Stamp stamp = look();
  if (stamp != seen_) {
    seen_ = stamp;
    seen_at_ = now;
    watch();
  }
  const bool is_settled = now - seen_at_ >= (is_being_written_ ? kAbandoned : kQuiet);
  const bool is_told = happened_ && !is_being_written_;
  if (!is_told && (stamp == told_ || !is_settled)) return false;
  happened_ = is_being_written_ = false;
  told_ = stamp;
  watch();
  return true;
}

bool FileWatch::is_whole() {
  drain();
  return !is_being_written_;
}

FileWatch::Stamp FileWatch::look() const {
  struct stat found {};
  if (::stat(path_.c_str(), &found) != 0) return {};
  return {found.st_dev,         found.st_ino,          found.st_size,        found.st_mode,        found.st_uid,
          found.st_mtim.tv_sec, found.st_mtim.tv_nsec, found.st_ctim.tv_sec, found.st_ctim.tv_nsec};
}

}  // namespace souk
