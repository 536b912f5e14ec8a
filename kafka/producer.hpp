/// Sends messages so that none is lost, none is left out and their order in a partition is kept, for as long as it
/// lives.
///
/// What it took waits for the brokers without limit of time; every message is answered once. When one is refused, none
/// behind it in its partition is sent any more (librdkafka's gapless guarantee), the producer has `failed`, and another
/// one has to take its place; what was sent and not answered by then may be in the topics or not.
///
/// Thread-safety: `send` by one thread at a time; everything else by any thread.
/// Ownership: payload and tag of a message must live until it is answered or the producer is gone.
/// Source: KIP-98, "Idempotent Producer Guarantees".
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "engine/base/result.hpp"
#include "kafka/client_options.hpp"

struct rd_kafka_s;
struct rd_kafka_queue_s;
struct rd_kafka_topic_s;

namespace souk::kafka {

struct OutboundMessage {
  std::string_view topic;
  std::string_view key;
  std::string_view payload;
  std::vector<std::pair<std::string_view, std::string>> headers;
  std::int64_t timestamp_ms = 0;  ///< 0: now
  void* tag = nullptr;
};

struct Delivery {
  void* tag = nullptr;
  /// None: every replica that has to has it. kInvalid "kafka.refused": this message, or its topic, is not taken.
  /// kUnavailable "kafka.failed": it may be there or not, for it has failed with another one.
  std::optional<Error> error;
  /// Whatever else is sent to its topic will be refused, too.
  bool is_topics_fault = false;
};

struct ProducerOptions {
  ClientOptions client;
  std::string compression = "lz4";
  std::int64_t linger_ms = 5;
  std::int64_t message_bytes_max = 1'000'000;
  /// What answers have come, many at a time, in any order over partitions. On the producer's thread.
  std::function<void(const std::vector<Delivery>&)> on_answers;
  /// No broker is there, or none lets us in. Once for each time.
  std::function<void(const std::string& what)> on_trouble;
};

class Producer {
 public:
  /// Errors: kInvalid "kafka.properties_invalid"; kInternal "kafka.client".
  static Result<std::unique_ptr<Producer>> open(ProducerOptions options);
  /// What was not answered will not be, and is sent no more.
  ~Producer();
  Producer(const Producer&) = delete;
  Producer& operator=(const Producer&) = delete;

  /// Errors: kUnavailable "kafka.full": later; kInvalid "kafka.refused"; kUnavailable "kafka.failed".
  Result<void> send(const OutboundMessage& message);
  /// The name that the cluster has by itself; none: no broker has told it yet.
  std::optional<std::string> cluster(std::chrono::milliseconds longest);
  /// Asks a broker whether the topic is there and may be known; none: so it is, or nobody answers. As `send`, by one
  /// thread at a time.
  std::optional<Error> topic_refusal(std::string_view name, std::chrono::milliseconds longest);
  /// Waits until everything is answered, but not longer than this.
  void flush(std::chrono::milliseconds longest);
  /// What made it fail; none: it works.
  [[nodiscard]] std::optional<Error> failed() const;
  /// No broker is there, or none lets us in, as far as it is known; until the next answer.
  [[nodiscard]] std::optional<std::string> unreachable() const;

 private:
  explicit Producer(ProducerOptions options) : options_(std::move(options)) {}
  Result<void> begin();
  Result<rd_kafka_topic_s*> topic(std::string_view name);
  void loop();
  void note_trouble(int code, const char* text);

  const ProducerOptions options_;
  rd_kafka_s* client_ = nullptr;
  rd_kafka_queue_s* events_ = nullptr;
  std::map<std::string, rd_kafka_topic_s*, std::less<>> topics_;
  std::atomic<bool> stopping_{false};
  mutable std::mutex mutex_;
  std::optional<Error> failed_;
  std::optional<std::string> unreachable_;
  std::string last_trouble_;
  std::thread thread_;
};

}  // namespace souk::kafka
