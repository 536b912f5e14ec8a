#include "eventstore/small_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace souk {
namespace {

class Fd {
 public:
  Fd(const std::string& path, int flags) : fd_(::open(path.c_str(), flags | O_CLOEXEC, 0640)) {}
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  ~Fd() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] bool ok() const { return fd_ >= 0; }

 private:
  int fd_;
};

tl::unexpected<Error> io_error(const std::string& what, const std::string& path) {
  return fail(ErrorCode::kUnavailable, "store.io", what + " " + path + ": " + std::strerror(errno));
}

bool write_all(int fd, std::string_view content) {
  while (!content.empty()) {
    const auto written = ::write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

Result<void> replace_file(const std::string& directory, const std::string& name, std::string_view content) {
  const std::string path = directory + "/" + name;
  const std::string beside = path + ".new";
  {
    const Fd file(beside, O_WRONLY | O_CREAT | O_TRUNC);
    if (!file.ok()) return io_error("cannot create", beside);
    if (!write_all(file.get(), content)) return io_error("cannot write", beside);
    if (::fsync(file.get()) != 0) return io_error("cannot sync", beside);
  }
  if (::rename(beside.c_str(), path.c_str()) != 0) return io_error("cannot rename", beside);
  const Fd parent(directory, O_RDONLY | O_DIRECTORY);
  if (!parent.ok() || ::fsync(parent.get()) != 0) return io_error("cannot sync the directory", directory);
  return {};
}

Result<std::optional<std::string>> read_small_file(const std::string& path) {
  constexpr std::size_t kBytesMax = 65'536;
  const Fd file(path, O_RDONLY);
  if (!file.ok()) {
    if (errno == ENOENT) return std::optional<std::string>{};
    return io_error("cannot open", path);
  }
  std::string content(kBytesMax, '\0');
  std::size_t size = 0;
  while (size < content.size()) {
    const auto got = ::read(file.get(), content.data() + size, content.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return io_error("cannot read", path);
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  content.resize(size);
  return std::optional<std::string>{std::move(content)};
}

}  // namespace souk
