/// One JSON line per request, and one per fault of ours; never a body, a query, or a credential.
///
/// {"time":…,"level":"info","msg":"request","request_id":…,"method":…,"route":…,"path":…,"status":…,"duration_us":…,
///  "bytes_in":…,"bytes_out":…,"peer":…,"account":…,"reason":…}
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
  bool requests = true;    ///< false: faults only
  std::string file = "-";  ///< "-": standard output
};

class AccessLog final : public http::Observer {
 public:
  /// Errors: kUnavailable "log.cannot_open".
  static Result<std::unique_ptr<AccessLog>> open(const AccessLogOptions& options);
  /// Writes what waits.
  ~AccessLog() override;

  void finished(const http::Finished& request, bool handled) noexcept override;
  void internal_error(std::string_view request_id, std::string_view what) noexcept override;

  /// Returns when everything logged before is written.
  void flush();
  [[nodiscard]] std::uint64_t dropped_lines() const;

 private:
  class Impl;
  explicit AccessLog(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace souk
