/// What of the log goes to which topics, and how much of it may be under way.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "kafka/client_options.hpp"

namespace souk::kafka {

/// For operators.
struct FeedFigures {
  std::atomic<std::uint64_t> acknowledged{0};  ///< messages, since the process began
  std::atomic<std::uint64_t> in_flight_events{0};
  std::atomic<std::uint64_t> in_flight_bytes{0};
  std::atomic<std::uint64_t> renewed{0};  ///< producers that failed and were replaced
};

struct FeedOptions {
  ClientOptions client;
  std::string topic_prefix = "souk.";
  std::vector<std::string> kinds;  ///< of entities; none: all
  std::vector<std::string> types;  ///< of events; none: all
  std::string compression = "lz4";
  std::int64_t linger_ms = 5;
  std::int64_t message_bytes_max = 1'000'000;
  std::size_t in_flight_events_max = 50'000;
  std::size_t in_flight_bytes_max = 64 << 20;
  /// No broker is there, or none lets us in. Once for each time.
  std::function<void(const std::string& what)> on_trouble;
  std::shared_ptr<FeedFigures> figures = std::make_shared<FeedFigures>();
};

}  // namespace souk::kafka
