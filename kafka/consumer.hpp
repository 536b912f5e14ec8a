/// Reads a topic as one of a group: partitions come and go, and what was dealt with is said by offsets.
///
/// Thread-safety: one thread, save `wake`.
/// Durability: an offset that was committed is not read again by anybody of the group; what was read and not committed
/// is.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "engine/base/result.hpp"
#include "kafka/client_options.hpp"

struct rd_kafka_s;
struct rd_kafka_queue_s;
struct rd_kafka_topic_partition_list_s;

namespace souk::kafka {

struct InboundMessage {
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  std::string key;
  std::string payload;
};

using Offsets = std::map<std::int32_t, std::int64_t>;  ///< by partition

struct ConsumerOptions {
  ClientOptions client;
  std::string topic;
  std::string group;
  /// Partitions go to somebody else, or nowhere. Returns the offsets to be committed before: behind what is dealt with.
  std::function<Offsets()> on_revoked;
  /// Something is wrong with brokers or connections. May tell the same many times.
  std::function<void(const std::string& what)> on_trouble;
};

class Consumer {
 public:
  /// Errors: kInvalid "kafka.properties_invalid"; kInternal "kafka.client".
  static Result<std::unique_ptr<Consumer>> open(ConsumerOptions options);
  /// Leaves the group; without its leave if brokers do not answer for ten seconds.
  ~Consumer();
  Consumer(const Consumer&) = delete;
  Consumer& operator=(const Consumer&) = delete;

  /// The next message, if there is one within this time or until somebody wakes it. `on_revoked` is called within.
  std::optional<InboundMessage> poll(std::chrono::milliseconds longest);
  /// Ends a `poll` that waits, or the next one.
  void wake();
  /// No messages come until it is resumed; the group is kept all the same, by `poll`.
  void pause(bool is_paused);
  /// Behind what is dealt with. In the background; a failure is made up for by the next one.
  void commit(const Offsets& offsets);
  /// How many messages there are behind these offsets, as far as it is known.
  [[nodiscard]] std::int64_t behind(const Offsets& offsets) const;

 private:
  explicit Consumer(ConsumerOptions options) : options_(std::move(options)) {}
  /// False: brokers did not answer in time.
  bool leave();
  static void rebalance(rd_kafka_s* client, int what, rd_kafka_topic_partition_list_s* partitions, void* self);

  const ConsumerOptions options_;
  rd_kafka_s* client_ = nullptr;
  rd_kafka_queue_s* queue_ = nullptr;
  bool is_paused_ = false;
};

}  // namespace souk::kafka
