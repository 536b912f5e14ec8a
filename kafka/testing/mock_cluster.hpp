/// For tests: brokers in this process (librdkafka's own), whose errors the test decides, and what their topics hold.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "kafka/client_options.hpp"

namespace souk::kafka::testing {

struct Message {
  std::int32_t partition = 0;
  bool is_key_null = false;
  bool is_payload_null = false;
  std::string key;
  std::string payload;
  std::map<std::string, std::string> headers;
  std::int64_t timestamp_ms = 0;
};

class MockCluster {
 public:
  MockCluster();
  ~MockCluster();
  MockCluster(const MockCluster&) = delete;
  MockCluster& operator=(const MockCluster&) = delete;

  [[nodiscard]] ClientOptions client() const;
  void create_topic(const std::string& name, int partitions);
  /// Connections are closed and none is taken.
  void set_down(bool is_down);
  /// The next requests of this kind are answered so. The numbers are the protocol's.
  void fail_produce(std::size_t times, int error);
  void fail_produce(const std::vector<int>& errors);
  void fail_heartbeat(int error);
  /// What brokers say of a topic from now on.
  void set_topic_error(const std::string& name, int error);
  /// Writes to a topic as somebody else does. A key or payload without data is null.
  void write(const std::string& topic, std::int32_t partition, std::string_view key, std::string_view payload,
             const std::map<std::string, std::string>& headers = {});
  /// All that a topic holds, partition by partition in order; waits until there are so many, at most ten seconds.
  std::vector<Message> read(const std::string& topic, std::size_t at_least);

  static constexpr int kNone = 0;
  static constexpr int kMessageTooLarge = 10;
  static constexpr int kTopicAuthorizationFailed = 29;
  static constexpr int kRequestTimedOut = 7;
  static constexpr int kUnknownTopic = 3;
  static constexpr int kInvalidTimestamp = 32;
  static constexpr int kInvalidProducerEpoch = 47;
  static constexpr int kFencedInstanceId = 82;

 private:
  struct Handles;
  std::unique_ptr<Handles> handles_;
};

}  // namespace souk::kafka::testing
