/// The object graph of a serving process: everything that `souk serve` runs, opened in order and stopped in order.
///
/// Thread-safety: one thread.
#pragma once

#include <functional>
#include <memory>

#include "app/live_config.hpp"
#include "engine/base/result.hpp"

namespace souk {

class Shop {
 public:
  /// Opens the data directory and serves, ready or not yet.
  /// `config` must outlive it; what administrators have set is put in force in it.
  static Result<std::unique_ptr<Shop>> open(LiveConfig& config);
  Shop(const Shop&) = delete;
  Shop& operator=(const Shop&) = delete;
  ~Shop();

  /// Registers the first administrator if one is configured, makes the scheduled jobs, waits until what the last
  /// process left was taken up, and says so at /readyz. `give_up` is asked again and again meanwhile. Errors: those of
  /// ensure_administrator and ensure_jobs; kUnavailable "server.stopped".
  Result<void> become_ready(const std::function<bool()>& give_up);
  [[nodiscard]] std::uint16_t port() const;
  /// Shows the certificate that its files hold now, if they have changed or `anyway`; keeps the old one if they cannot
  /// be used, and says so. To be called now and then.
  void renew_certificate(bool anyway);

  /// Puts in force what the file of the configuration says now, or says what is wrong with it. `is_asked`: says also
  /// that nothing is new. `is_whole`: as LiveConfig::reload_file has it.
  void renew_configuration(bool is_asked, const std::function<bool()>& is_whole);
  /// Tries again what of the configuration could not be put in force. To be called now and then.
  void settle_configuration();

  /// Not ready, no new connections, every accepted request answered, everything written. False at the deadline.
  bool drain();

 private:
  struct Parts;
  explicit Shop(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace souk
