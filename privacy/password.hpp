/// Password hashes (argon2id) and the small pool of threads that computes them, for one takes 60–80 ms of a core.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/result.hpp"

namespace souk {

/// What a hash costs. The default is libsodium's "interactive"; a stored hash carries its own cost.
struct PasswordCost {
  std::uint64_t operations = 2;
  std::size_t memory_bytes = std::size_t{64} << 20;

  /// The least there is, for tests.
  static constexpr PasswordCost least() { return {1, 8192}; }
};

/// Blocking. The text says algorithm, cost and salt.
/// Errors: kUnavailable "password.busy" (no memory for it).
Result<std::string> hash_password(std::string_view password, const PasswordCost& cost);
/// Blocking. False also for a `hash` that is none.
bool verify_password(std::string_view hash, std::string_view password);

/// Its threads give way to all others of the process, for they would take a core from them.
/// Thread-safety: any thread may submit; callbacks run on the pool's threads and must not throw.
/// Limits: at most `queue_max` jobs wait; one more is refused with kUnavailable "password.busy" and its callback is
/// never called. The destructor calls back all accepted jobs first.
class PasswordPool {
 public:
  struct Options {
    std::size_t threads = 1;
    std::size_t queue_max = 64;
    PasswordCost cost;
  };
  explicit PasswordPool(const Options& options);
  PasswordPool(const PasswordPool&) = delete;
  PasswordPool& operator=(const PasswordPool&) = delete;
  ~PasswordPool();

  Result<void> hash(std::string password, std::function<void(Result<std::string>)> done);

  /// Without a stored hash (unknown user) it takes as long as with one, and says false.
  Result<void> verify(std::optional<std::string> stored_hash, std::string password, std::function<void(bool)> done);

  [[nodiscard]] std::size_t waiting() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace souk
