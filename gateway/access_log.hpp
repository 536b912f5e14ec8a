/// One JSON line per request, one per fault of ours, and one per thing that whoever runs the shop may want to know;
/// never a body, a query, or a credential.
///
/// {"time":…,"level":"info","msg":"request","request_id":…,"method":…,"route":…,"path":…,"status":…,"duration_us":…,
///  "bytes_in":…,"bytes_out":…,"peer":…,"account":…,"reason":…}
/// {"time":…,"level":"error","msg":"internal error","request_id":…,"error":…}
/// {"time":…,"level":"info" or "warn","msg":…,"about":…}
/// Thread-safety: every function by any thread. A caller only formats into memory; a thread of the log's own writes.
/// Limits: while the sink cannot keep up, at most 4 MiB wait; lines beyond are dropped and counted.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "engine/base/result.hpp"
#include "gateway/http/observer.hpp"

namespace souk {

struct AccessLogOptions {
  bool requests = true;    ///< false: faults and notices only
  std::string file = "-";  ///< "-": standard output
};

class AccessLog final : public http::Observer {
 public:
  /// Errors: kUnavailable "log.cannot_open".
  static Result<std::unique_ptr<AccessLog>> open(const AccessLogOptions& options);
  /// Writes what waits.
  ~AccessLog() override;

  /// Whether requests are logged from now on.
  void log_requests(bool wanted);

  void finished(const http::Finished& request, bool handled) noexcept override;
  void internal_error(std::string_view request_id, std::string_view what) noexcept override;

  /// `about`: a read model, a part of the shop. A warning is of something that is not as it should be and no fault of
  /// ours: a peer that is away, a full disk, an event that was parked.
  enum class Level : std::uint8_t { kInfo, kWarning };
  void notice(Level level, std::string_view about, std::string_view what) noexcept;

  /// Returns when everything logged before is written.
  void flush();
  [[nodiscard]] std::uint64_t dropped_lines() const;

 private:
  class Impl;
  explicit AccessLog(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace souk
