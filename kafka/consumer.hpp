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
#include <utility>
#include <vector>

#include "engine/base/result.hpp"
#include "kafka/client_options.hpp"

struct rd_kafka_s;
struct rd_kafka_queue_s;
struct rd_kafka_topic_partition_list_s;

namespace souk::kafka {

struct InboundMessage {
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  std::int64_t timestamp_ms = 0;       ///< when it was written, as its sender or the topic says; 0: nobody does
  std::optional<std::string> key;      ///< none: null
  std::optional<std::string> payload;  ///< likewise
  std::vector<std::pair<std::string, std::string>> headers;
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
  /// No messages of this partition come until it is resumed or has been away; the group is kept all the same, by
  /// `poll`.
  void pause(std::int32_t partition, bool is_paused);
  /// Behind what is dealt with. In the background; a failure is made up for by the next one.
  void commit(const Offsets& offsets);
  /// How many messages there are behind these offsets, or where there is none behind what is committed, as far as it is
  /// known. Asks brokers about one of the partitions that tell nothing by themselves, for a tenth of a second at most.
  [[nodiscard]] std::int64_t behind(const Offsets& offsets);
  /// It is of no use any more: another one has to take its place.
  [[nodiscard]] bool has_failed() const;

 private:
  explicit Consumer(ConsumerOptions options) : options_(std::move(options)) {}
  /// False: brokers did not answer in time.
  bool leave();
  static void rebalance(rd_kafka_s* client, int what, rd_kafka_topic_partition_list_s* partitions, void* self);

  const ConsumerOptions options_;
  rd_kafka_s* client_ = nullptr;
  rd_kafka_queue_s* queue_ = nullptr;
  /// What brokers were asked about a partition of which no messages come.
  struct Asked {
    bool is_paused = false;
    std::int64_t begin = 0;
    std::int64_t high = 0;
    std::uint64_t asked_at = 0;  ///< by `questions_`; 0: never
  };
  std::map<std::int32_t, Asked> mine_;  ///< the partitions that it has
  std::uint64_t questions_ = 0;

  void ask(std::int32_t partition, Asked& asked);
};

}  // namespace souk::kafka
