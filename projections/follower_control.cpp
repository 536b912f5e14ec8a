#include "projections/follower_control.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

namespace souk {

namespace {

struct Contents {
  std::vector<FollowerControl> followers;
  static constexpr auto fields() { return field_list(field("followers", &Contents::followers)); }
};

/// Closes what it holds.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

bool write_synced(const std::string& path, std::string_view text) {
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (file.get() < 0) return false;
  while (!text.empty()) {
    const auto written = ::write(file.get(), text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return ::fsync(file.get()) == 0;
}

bool sync_directory(const std::string& path) {
  const Descriptor directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return directory.get() >= 0 && ::fsync(directory.get()) == 0;
}

}  // namespace

std::optional<OnPoison> on_poison_of(std::string_view name) {
  const auto& names = EnumNames<OnPoison>::values;
  const auto* found = std::ranges::find(names, name);
  if (found == names.end()) return std::nullopt;
  return static_cast<OnPoison>(found - names.begin());
}

Result<ControlFile> ControlFile::open(std::string path, bool anew) {
  ControlFile file(std::move(path));
  errno = 0;
  std::ifstream in(file.path_, std::ios::binary);
  if (!in.is_open()) {
    if (errno == ENOENT) return file;
    return fail(ErrorCode::kInternal, "projection.control_unreadable", file.path_ + ": " + std::strerror(errno));
  }
  const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  auto contents = decode<Contents>(text, UnknownFields::kIgnored);
  if (contents) {
    file.all_ = std::move(contents->followers);
  } else if (!anew) {
    return fail(ErrorCode::kInternal, "projection.control_unreadable",
                file.path_ + ": " + contents.error().detail +
                    "; start with the setting projections.rebuild, and the newest files are used as they are");
  }
  return file;
}

std::optional<FollowerControl> ControlFile::find(std::string_view name) const {
  const auto found = std::ranges::find(all_, name, &FollowerControl::name);
  return found == all_.end() ? std::nullopt : std::optional(*found);
}

Result<void> ControlFile::put(const FollowerControl& control) {
  auto all = all_;
  const auto found = std::ranges::find(all, control.name, &FollowerControl::name);
  if (found == all.end()) {
    all.push_back(control);
  } else {
    *found = control;
  }
  auto written = write(all);
  if (written) all_ = std::move(all);
  return written;
}

Result<void> ControlFile::write(const std::vector<FollowerControl>& all) const {
  const std::string fresh = path_ + ".new";
  const bool done = write_synced(fresh, encode(Contents{all}) + "\n") &&
                    std::rename(fresh.c_str(), path_.c_str()) == 0 &&
                    sync_directory(std::filesystem::path(path_).parent_path().string());
  if (done) return {};
  return fail(ErrorCode::kUnavailable, "projections.directory", path_ + ": " + std::strerror(errno));
}

std::string boot_id() {
  std::ifstream in("/proc/sys/kernel/random/boot_id");
  std::string id;
  std::getline(in, id);
  return id;
}

}  // namespace souk
