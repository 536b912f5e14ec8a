/// The files of the server's certificate: read at the start, and again when they have changed.
///
/// Thread-safety: one thread.
#pragma once

#include <sys/types.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <ctime>
#include <memory>
#include <string>

#include "app/config.hpp"
#include "engine/base/result.hpp"
#include "gateway/http/tls.hpp"

namespace souk {

class TlsFiles {
 public:
  using Context = std::shared_ptr<const http::TlsContext>;

  explicit TlsFiles(const Config& config)
      : paths_{config.tls_certificate_file, config.tls_key_file}, seen_(look()), loaded_(seen_) {}

  /// What the files hold now; null when TLS is not configured.
  /// Errors: kInvalid "config.invalid": one of the two is missing, or they cannot be used.
  Result<Context> load();
  /// Why they are to be loaded again.
  enum class Due : std::uint8_t {
    kNo,
    /// The files are others than those of the last `load`, and have been so for the time between two calls: a new
    /// certificate and its key are not put in place at one stroke.
    kChanged,
    /// A day has gone by: with the context goes the key of the session tickets, and with that what could be read of
    /// sessions that were recorded (RFC 9325, 7.4).
    kAged
  };
  Due look_again();

 private:
  /// What tells one content of a file from the next without reading it.
  struct Stamp {
    dev_t device = 0;
    ino_t inode = 0;
    off_t size = 0;
    time_t changed_s = 0;
    long changed_ns = 0;
    friend bool operator==(const Stamp&, const Stamp&) = default;
  };
  using Stamps = std::array<Stamp, 2>;

  [[nodiscard]] Stamps look() const;

  std::array<std::string, 2> paths_;
  Stamps seen_;
  Stamps loaded_;
  std::chrono::system_clock::time_point loaded_at_;
};

/// For --check-config.
Result<void> check_tls(const Config& config);

}  // namespace souk
