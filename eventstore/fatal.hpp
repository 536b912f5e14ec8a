/// What happens when the log can no longer keep its promises.
#pragma once

#include <atomic>
#include <functional>
#include <string>

namespace souk {

/// Called once after a failed write or sync, with a sentence for people. The log reports nothing as durable from then
/// on, whatever the handler does.
using FatalHandler = std::function<void(const std::string& what)>;

/// EX_IOERR: the exit code by which a supervisor knows that the disk failed.
inline constexpr int kFatalExitCode = 74;

/// The default handler: prints one line to stderr and ends the process at once, without flushing or unwinding
/// anything that could still acknowledge a write.
[[noreturn]] void die_of(const std::string& what);

/// Calls the handler at the first failure, and remembers that there was one. Thread-safety: all functions.
class FailStop {
 public:
  explicit FailStop(FatalHandler handler) : handler_(std::move(handler)) {}

  void fail(const std::string& what) {
    if (!failed_.exchange(true)) handler_(what);
  }
  [[nodiscard]] bool failed() const { return failed_.load(); }

 private:
  FatalHandler handler_;
  std::atomic<bool> failed_ = false;
};

}  // namespace souk
