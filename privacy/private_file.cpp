#include "privacy/private_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace souk {

tl::unexpected<Error> system_error(std::string_view reason, const std::string& what) {
  return fail(ErrorCode::kInternal, reason, what + ": " + std::generic_category().message(errno));
}

Result<void> sync_folder(const std::string& folder, std::string_view reason) {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return system_error(reason, "cannot open " + folder);
  const bool ok = ::fsync(fd) == 0;
  Result<void> result;
  if (!ok) result = system_error(reason, "cannot sync " + folder);
  ::close(fd);
  return result;
}

Result<void> replace_private_file(const std::string& folder, const std::string& name, std::string_view text,
                                  std::string_view reason) {
  const std::string path = folder + "/" + name;
  const std::string draft = path + ".draft";
  const int fd = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return system_error(reason, "cannot create " + draft);
  Result<void> result;
  if (::write(fd, text.data(), text.size()) != static_cast<ssize_t>(text.size()) || ::fsync(fd) != 0) {
    result = system_error(reason, "cannot write " + draft);
  }
  ::close(fd);
  if (result && ::rename(draft.c_str(), path.c_str()) != 0) result = system_error(reason, "cannot replace " + path);
  if (!result) return result;
  return sync_folder(folder, reason);
}

Result<std::string> keys_folder(const std::string& data_dir, std::string_view reason) {
  std::string folder = data_dir + "/keys";
  if (::mkdir(folder.c_str(), 0700) != 0) {
    if (errno != EEXIST) return system_error(reason, "cannot create " + folder);
    return folder;
  }
  return sync_folder(data_dir, reason).map([&] { return std::move(folder); });
}

}  // namespace souk
