#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>

#include "app/commands.hpp"
#include "app/data_directory.hpp"
#include "app/exit_codes.hpp"
#include "app/file_watch.hpp"
#include "app/setting_checks.hpp"
#include "app/shop.hpp"

namespace souk {
namespace {

constexpr int kLookEveryMs = 1'000;

/// Those that are blocked, as something that can be waited for beside a file.
class Signals {
 public:
  explicit Signals(const sigset_t& signals) : descriptor_(::signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC)) {}
  ~Signals() { ::close(descriptor_); }
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  /// Waits for one, for the other descriptor, or for a while. 0: it was no signal.
  int wait(int other) {
    std::array<pollfd, 2> watched{{{descriptor_, POLLIN, 0}, {other, POLLIN, 0}}};
    (void)::poll(watched.data(), watched.size(), kLookEveryMs);
    signalfd_siginfo info{};
    return ::read(descriptor_, &info, sizeof info) == sizeof info ? static_cast<int>(info.ssi_signo) : 0;
  }

 private:
  const int descriptor_;
};

void tend(Shop& shop, Signals& signals, FileWatch& file) {
  const auto is_whole = [&file] { return file.is_whole(); };
  shop.renew_configuration(false, is_whole);  // it was read before it was watched
  for (;;) {
    const int signal = signals.wait(file.descriptor());
    if (signal == SIGTERM || signal == SIGINT) return;
    const bool is_hangup = signal == SIGHUP;
    if (file.look_again() || is_hangup) shop.renew_configuration(is_hangup, is_whole);
    shop.settle_configuration();
    shop.renew_certificate(is_hangup);
  }
}

}  // namespace

int serve(LiveConfig& live_config) {
  const Config config = live_config.in_force();
  const bool has_tls = !config.tls_certificate_file.empty();
  // Every thread inherits the mask, so the signals wait to be read below. A client that hangs up must not end us.
  sigset_t stop_signals;
  sigemptyset(&stop_signals);
  sigaddset(&stop_signals, SIGTERM);
  sigaddset(&stop_signals, SIGINT);
  sigset_t signals = stop_signals;
  sigaddset(&signals, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);

  // Before anything is opened: what changes meanwhile is seen.
  FileWatch file(live_config.file());
  auto shop = Shop::open(live_config);
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

  Signals waiting(signals);
  tend(**shop, waiting, file);
  std::fprintf(stderr, "souk: stopping\n");
  if (!(*shop)->drain()) {
    std::fprintf(stderr, "souk: some requests were not answered within the drain deadline\n");
    return exit_code::kNotDrained;
  }
  return exit_code::kOk;
}

}  // namespace souk
