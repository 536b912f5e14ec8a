#include "app/tls_files.hpp"

#include <sys/stat.h>

namespace souk {
namespace {

constexpr std::chrono::hours kAgeMax{24};

}  // namespace

Result<TlsFiles::Context> TlsFiles::load() {
  const auto& [certificate, key] = paths_;
  if (certificate.empty() != key.empty()) {
    return fail(ErrorCode::kInvalid, "config.invalid", "tls.certificate_file and tls.key_file belong together");
  }
  if (certificate.empty()) return Context{};
  // Before they are read: what changes meanwhile is read again.
  loaded_ = seen_ = look();
  loaded_at_ = std::chrono::system_clock::now();
  auto loaded = http::TlsContext::load(certificate, key);
  if (!loaded) return fail(ErrorCode::kInvalid, "config.invalid", loaded.error().reason + ": " + loaded.error().detail);
  return loaded;
}

TlsFiles::Due TlsFiles::look_again() {
  if (paths_[0].empty()) return Due::kNo;
  const Stamps now = look();
  const bool is_settled = now == seen_;
  seen_ = now;
  if (is_settled && now != loaded_) return Due::kChanged;
  const auto age = std::chrono::system_clock::now() - loaded_at_;
  // A clock that was put back says nothing of the age.
  return is_settled && (age >= kAgeMax || age < -kAgeMax) ? Due::kAged : Due::kNo;
}

TlsFiles::Stamps TlsFiles::look() const {
  Stamps stamps;
  for (std::size_t i = 0; i < paths_.size(); ++i) {
    struct stat found {};
    if (paths_[i].empty() || ::stat(paths_[i].c_str(), &found) != 0) continue;
    stamps[i] = {found.st_dev, found.st_ino, found.st_size, found.st_mtim.tv_sec, found.st_mtim.tv_nsec};
  }
  return stamps;
}

Result<void> check_tls(const Config& config) {
  if (auto loaded = TlsFiles(config).load(); !loaded) return tl::unexpected<Error>(std::move(loaded.error()));
  return {};
}

}  // namespace souk
