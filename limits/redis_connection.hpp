/// One connection to a Redis server that never waits: what is sent is queued, what has come is taken.
///
/// The only place that knows hiredis. Its owner waits for `fd` and calls.
/// Thread-safety: one thread. A peer that is gone raises SIGPIPE, which that thread must not get.
/// Limits: no TLS, which Debian's hiredis 0.14 does not speak.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/base/result.hpp"

struct redisContext;

namespace souk::limits {

struct RedisReply {
  bool is_error = false;
  std::string text;                    ///< of an error, a status or a string
  std::vector<std::int64_t> integers;  ///< of an array that holds nothing else
};

class RedisConnection {
 public:
  /// Begins to connect. A name is looked up at once, which may take long; an address is not.
  /// Errors: kUnavailable "limits.store_away".
  static Result<std::unique_ptr<RedisConnection>> begin(const std::string& host, int port);

  [[nodiscard]] int fd() const;
  [[nodiscard]] bool wants_to_write() const { return wants_to_write_; }
  void send(const std::vector<std::string>& command);
  /// Errors of these two: kUnavailable "limits.store_away": the connection is over.
  Result<void> write();
  Result<void> read(const std::function<void(RedisReply)>& each);

 private:
  struct Close {
    void operator()(redisContext* context) const;
  };
  explicit RedisConnection(redisContext* context) : context_(context) {}
  [[nodiscard]] tl::unexpected<Error> broken() const;

  std::unique_ptr<redisContext, Close> context_;
  bool wants_to_write_ = true;  ///< at first: writable means connected
};

}  // namespace souk::limits
