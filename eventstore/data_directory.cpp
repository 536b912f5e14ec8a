#include "eventstore/data_directory.hpp"

#include <fcntl.h>
#include <sodium/randombytes.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <utility>

#include "eventstore/small_file.hpp"

namespace souk {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLockFile = "lock";
constexpr const char* kIdentityFile = "identity";
constexpr std::string_view kFirstLine = "souk event log\n";
constexpr std::string_view kFormatLine = "format ";
constexpr std::string_view kLogLine = "log ";

std::string identity_text(const Id128& log_id) {
  return std::string(kFirstLine) + std::string(kFormatLine) + std::to_string(kStoreFormat) + "\n" +
         std::string(kLogLine) + log_id.str() + "\n";
}

Id128 random_id() {
  std::uint8_t bytes[16];
  randombytes_buf(bytes, sizeof bytes);
  return Id128::from_bytes(bytes);
}

tl::unexpected<Error> foreign(const std::string& path, const std::string& why) {
  return fail(ErrorCode::kUnavailable, "store.foreign",
              path + " is not the directory of an event log: " + why + "; name another directory, or an empty one");
}

/// The rest of the line that begins with `name`, cut off the front of `text`.
std::optional<std::string_view> take_line(std::string_view& text, std::string_view name) {
  const auto end = text.find('\n');
  if (!text.starts_with(name) || end == std::string_view::npos) return std::nullopt;
  const auto value = text.substr(name.size(), end - name.size());
  text.remove_prefix(end + 1);
  return value;
}

}  // namespace

Result<DataDirectory> DataDirectory::open(const std::string& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error || !fs::is_directory(path, error)) {
    return fail(ErrorCode::kUnavailable, "store.io", "cannot create the directory " + path + ": " + error.message());
  }
  DataDirectory directory(path);
  if (auto locked = directory.lock(); !locked) return tl::unexpected<Error>(std::move(locked.error()));
  if (auto ours = directory.identify(); !ours) return tl::unexpected<Error>(std::move(ours.error()));
  return directory;
}

DataDirectory::DataDirectory(DataDirectory&& other) noexcept
    : path_(std::move(other.path_)), lock_fd_(std::exchange(other.lock_fd_, -1)), log_id_(other.log_id_) {}

DataDirectory::~DataDirectory() {
  if (lock_fd_ >= 0) ::close(lock_fd_);
}

Result<void> DataDirectory::lock() {
  const std::string file = path_ + "/" + kLockFile;
  lock_fd_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640);
  if (lock_fd_ < 0) {
    return fail(ErrorCode::kUnavailable, "store.io", "cannot open " + file + ": " + std::strerror(errno));
  }
  if (::flock(lock_fd_, LOCK_EX | LOCK_NB) != 0) {
    char holder[32] = {};
    const auto size = ::pread(lock_fd_, holder, sizeof holder - 1, 0);
    const std::string pid(holder, size > 0 ? static_cast<std::size_t>(size) : 0);
    return fail(
        ErrorCode::kUnavailable, "store.locked",
        path_ + " is in use by process " + (pid.empty() ? "unknown" : pid) + "; stop it, or name another directory");
  }
  // Only for people: whether the lock is held does not depend on it.
  const std::string pid = std::to_string(::getpid());
  if (::ftruncate(lock_fd_, 0) != 0 || ::pwrite(lock_fd_, pid.data(), pid.size(), 0) < 0) {
    return fail(ErrorCode::kUnavailable, "store.io", "cannot write " + file + ": " + std::strerror(errno));
  }
  return {};
}

Result<void> DataDirectory::identify() {
  auto content = read_small_file(path_ + "/" + kIdentityFile);
  if (!content) return tl::unexpected<Error>(std::move(content.error()));
  if (!*content) {
    for (const auto& entry : fs::directory_iterator(path_)) {
      const auto name = entry.path().filename().string();
      // A first start may have died before its identity was in place.
      if (name != kLockFile && name != std::string(kIdentityFile) + ".new") {
        return foreign(path_, "it holds '" + name + "' and no identity");
      }
    }
    log_id_ = random_id();
    return replace_file(path_, kIdentityFile, identity_text(log_id_));
  }
  std::string_view text = **content;
  if (!text.starts_with(kFirstLine)) return foreign(path_, "its identity is unknown");
  text.remove_prefix(kFirstLine.size());
  const auto format = take_line(text, kFormatLine);
  std::uint32_t number = 0;
  if (!format || std::from_chars(format->data(), format->data() + format->size(), number).ec != std::errc{}) {
    return foreign(path_, "its identity has no format");
  }
  if (number > kStoreFormat) {
    return fail(ErrorCode::kUnavailable, "store.format_newer",
                path_ + " has format " + std::string(*format) + ", this program knows up to " +
                    std::to_string(kStoreFormat) + "; start it with a newer program");
  }
  const auto log = take_line(text, kLogLine);
  const auto log_id = log ? Id128::parse(*log) : std::nullopt;
  if (!log_id) return foreign(path_, "its identity names no log");
  log_id_ = *log_id;
  return {};
}

}  // namespace souk
