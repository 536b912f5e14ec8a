#include "privacy/install_keys.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <optional>
#include <string_view>

#include "privacy/base64url.hpp"
#include "privacy/keyed_hash.hpp"
#include "privacy/private_file.hpp"

namespace souk {
namespace {

constexpr std::string_view kStorage = "install_key.storage";
constexpr std::string_view kPrefix = "souk install key v1 ";
constexpr std::size_t kFileSize = kPrefix.size() + 43 + 1;
constexpr char kContext[9] = "souk-ins";

class FileDescriptor {
 public:
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  ~FileDescriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

tl::unexpected<Error> malformed(const std::string& path) {
  return fail(ErrorCode::kInternal, "install_key.malformed",
              path + " is not a key that souk wrote; restore it from a backup");
}

/// Nothing when there is no such file.
Result<std::optional<Key256>> read_key(const std::string& path) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (file.get() < 0) {
    if (errno == ENOENT) return std::nullopt;
    return system_error(kStorage, "cannot open " + path);
  }
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return system_error(kStorage, "cannot examine " + path);
  if (!S_ISREG(status.st_mode)) return malformed(path);
  if ((status.st_mode & 077U) != 0) {
    return fail(ErrorCode::kInternal, "install_key.exposed",
                path + " can be read by others than its owner; if nobody has read it, run chmod 600 on it");
  }
  std::string text(kFileSize + 1, '\0');
  const ssize_t size = ::read(file.get(), text.data(), text.size());
  if (size < 0) return system_error(kStorage, "cannot read " + path);
  if (static_cast<std::size_t>(size) != kFileSize || !text.starts_with(kPrefix) || text[kFileSize - 1] != '\n') {
    return malformed(path);
  }
  const auto bytes = from_base64url(std::string_view(text).substr(kPrefix.size(), 43));
  if (!bytes || bytes->size() != Key256::kSize) return malformed(path);
  return Key256(reinterpret_cast<const std::uint8_t*>(bytes->data()));
}

Result<void> write_new(const std::string& path, std::string_view text) {
  const FileDescriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (file.get() < 0) return system_error(kStorage, "cannot create " + path);
  const ssize_t written = ::write(file.get(), text.data(), text.size());
  if (written < 0) return system_error(kStorage, "cannot write " + path);
  if (static_cast<std::size_t>(written) != text.size()) {
    return fail(ErrorCode::kInternal, kStorage, "cannot write " + path + ": the disk is full");
  }
  if (::fsync(file.get()) != 0) return system_error(kStorage, "cannot sync " + path);
  return {};
}

/// Written whole under another name and then linked, so that the file is never seen half written and one that
/// appeared meanwhile is never replaced.
Result<void> create_key(const std::string& folder, const std::string& path) {
  const Key256 key = Key256::random();
  std::string text(kPrefix);
  text += base64url({reinterpret_cast<const char*>(key.data()), Key256::kSize});
  text += '\n';
  const std::string draft = path + "." + random_id().str();
  auto written = write_new(draft, text);
  if (written && ::link(draft.c_str(), path.c_str()) != 0 && errno != EEXIST) {
    written = system_error(kStorage, "cannot create " + path);
  }
  ::unlink(draft.c_str());
  if (!written) return written;
  return sync_folder(folder, kStorage);
}

}  // namespace

InstallKeys InstallKeys::derive(const Key256& master) {
  return {master.derive(1, kContext), master.derive(2, kContext), master.derive(3, kContext),
          master.derive(4, kContext), master.derive(5, kContext), master.derive(6, kContext),
          master.derive(7, kContext)};
}

Result<InstallKeys> open_install_keys(const std::string& data_dir, MissingKey if_missing) {
  const auto folder = keys_folder(data_dir, kStorage);
  if (!folder) return tl::unexpected<Error>(folder.error());
  const std::string path = *folder + "/install.key";
  auto key = read_key(path);
  if (key && !*key) {
    if (if_missing == MissingKey::kRefuse) {
      return fail(ErrorCode::kInternal, "install_key.missing",
                  path + " is gone, without which the data beside it cannot be used; restore it from a backup");
    }
    if (auto created = create_key(*folder, path); !created) return tl::unexpected<Error>(created.error());
    key = read_key(path);
  }
  if (!key) return tl::unexpected<Error>(key.error());
  if (!*key) return fail(ErrorCode::kInternal, kStorage, path + " vanished while it was being created");
  return InstallKeys::derive(**key);
}

}  // namespace souk
