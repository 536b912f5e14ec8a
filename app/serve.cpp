#include <csignal>
#include <cstdio>

#include "app/commands.hpp"
#include "app/data_directory.hpp"
#include "app/exit_codes.hpp"
#include "app/setting_checks.hpp"
#include "app/shop.hpp"

namespace souk {

int serve(const Config& config) {
  const bool has_tls = !config.tls_certificate_file.empty();
  // Every thread inherits the mask, so the signals wait for sigtimedwait below. A client that hangs up must not end us.
  sigset_t stop_signals;
  sigemptyset(&stop_signals);
  sigaddset(&stop_signals, SIGTERM);
  sigaddset(&stop_signals, SIGINT);
  sigset_t signals = stop_signals;
  if (has_tls) sigaddset(&signals, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);

  auto shop = Shop::open(config);
  if (!shop) return report(shop.error());
  const auto was_signalled = [&stop_signals] {
    const timespec at_once{};
    return sigtimedwait(&stop_signals, nullptr, &at_once) > 0;
  };
  if (auto ready = (*shop)->become_ready(was_signalled); !ready) return report(ready.error());
  const auto endpoint = parse_endpoint(config.listen);
  std::fprintf(stderr, "souk: ready on port %u: %s://%s:%u\n", static_cast<unsigned>((*shop)->port()),
               has_tls ? "https" : "http", endpoint ? endpoint->host.c_str() : "",
               static_cast<unsigned>((*shop)->port()));

  for (;;) {
    const timespec a_second{1, 0};
    const int signal = sigtimedwait(&signals, nullptr, &a_second);
    if (signal == SIGTERM || signal == SIGINT) break;
    (*shop)->renew_certificate(signal == SIGHUP);
  }
  std::fprintf(stderr, "souk: stopping\n");
  if (!(*shop)->drain()) {
    std::fprintf(stderr, "souk: some requests were not answered within the drain deadline\n");
    return exit_code::kNotDrained;
  }
  return exit_code::kOk;
}

}  // namespace souk
