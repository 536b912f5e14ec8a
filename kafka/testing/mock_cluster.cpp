#include "kafka/testing/mock_cluster.hpp"

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <stdexcept>

#include "kafka/handles.hpp"

namespace souk::kafka::testing {

namespace {

constexpr std::int16_t kProduceRequest = 0;
constexpr std::int16_t kHeartbeatRequest = 12;
constexpr auto kDeadline = std::chrono::seconds(10);

rd_kafka_t* make(rd_kafka_type_t type, const ClientOptions& options, const Properties& own) {
  auto conf = make_conf(options, own).value();
  std::array<char, 512> why{};
  rd_kafka_conf_set_log_cb(conf.get(), nullptr);
  auto* made = rd_kafka_new(type, conf.release(), why.data(), why.size());
  if (made == nullptr) throw std::runtime_error(why.data());
  return made;
}

Message message_from(const rd_kafka_message_t& message) {
  Message out;
  out.partition = message.partition;
  out.is_key_null = message.key == nullptr;
  out.is_payload_null = message.payload == nullptr;
  out.key.assign(static_cast<const char*>(message.key), message.key_len);
  out.payload.assign(static_cast<const char*>(message.payload), message.len);
  out.timestamp_ms = rd_kafka_message_timestamp(&message, nullptr);
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(&message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return out;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  for (std::size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
       ++i) {
    out.headers.emplace(name, std::string(static_cast<const char*>(value), size));
  }
  return out;
}

}  // namespace

struct MockCluster::Handles {
  rd_kafka_t* owner = nullptr;
  rd_kafka_mock_cluster_t* cluster = nullptr;
  std::map<std::string, int> partitions;
};

MockCluster::MockCluster() : handles_(std::make_unique<Handles>()) {
  handles_->owner = make(RD_KAFKA_PRODUCER, {}, {});
  handles_->cluster = rd_kafka_mock_cluster_new(handles_->owner, 1);
}

MockCluster::~MockCluster() {
  rd_kafka_mock_cluster_destroy(handles_->cluster);
  rd_kafka_destroy(handles_->owner);
}

ClientOptions MockCluster::client() const {
  return {rd_kafka_mock_cluster_bootstraps(handles_->cluster), {{"reconnect.backoff.ms", "10"}}};
}

void MockCluster::create_topic(const std::string& name, int partitions) {
  handles_->partitions[name] = partitions;
  rd_kafka_mock_topic_create(handles_->cluster, name.c_str(), partitions, 1);
}

void MockCluster::set_down(bool is_down) {
  if (is_down) {
    rd_kafka_mock_broker_set_down(handles_->cluster, 1);
  } else {
    rd_kafka_mock_broker_set_up(handles_->cluster, 1);
  }
}

void MockCluster::fail_produce(std::size_t times, int error) {
  fail_produce(std::vector<int>(times, error));
}

void MockCluster::fail_produce(const std::vector<int>& errors) {
  std::vector<rd_kafka_resp_err_t> codes;
  for (const auto error : errors) codes.push_back(static_cast<rd_kafka_resp_err_t>(error));
  rd_kafka_mock_push_request_errors_array(handles_->cluster, kProduceRequest, codes.size(), codes.data());
}

void MockCluster::fail_heartbeat(int error) {
  const auto code = static_cast<rd_kafka_resp_err_t>(error);
  rd_kafka_mock_push_request_errors_array(handles_->cluster, kHeartbeatRequest, 1, &code);
}

void MockCluster::set_topic_error(const std::string& name, int error) {
  rd_kafka_mock_topic_set_error(handles_->cluster, name.c_str(), static_cast<rd_kafka_resp_err_t>(error));
}

void MockCluster::write(const std::string& topic, std::int32_t partition, std::string_view key,
                        std::string_view payload, const std::map<std::string, std::string>& headers) {
  auto* producer = make(RD_KAFKA_PRODUCER, client(), {{"message.max.bytes", "10000000"}});
  auto* list = rd_kafka_headers_new(headers.size());
  for (const auto& [name, value] : headers) rd_kafka_header_add(list, name.c_str(), -1, value.data(), -1);
  const auto bytes = [](std::string_view text) { return const_cast<char*>(text.data()); };
  std::array<rd_kafka_vu_t, 5> parts{};
  parts[0].vtype = RD_KAFKA_VTYPE_TOPIC;
  parts[0].u.cstr = topic.c_str();
  parts[1].vtype = RD_KAFKA_VTYPE_PARTITION;
  parts[1].u.i32 = partition;
  parts[2].vtype = RD_KAFKA_VTYPE_KEY;
  parts[2].u.mem = {bytes(key), key.size()};
  parts[3].vtype = RD_KAFKA_VTYPE_VALUE;
  parts[3].u.mem = {bytes(payload), payload.size()};
  parts[4].vtype = RD_KAFKA_VTYPE_HEADERS;
  parts[4].u.headers = list;
  if (auto* failure = rd_kafka_produceva(producer, parts.data(), parts.size()); failure != nullptr) {
    const std::string why = rd_kafka_error_string(failure);
    rd_kafka_error_destroy(failure);
    rd_kafka_headers_destroy(list);
    rd_kafka_destroy(producer);
    throw std::runtime_error(why);
  }
  rd_kafka_flush(producer, 10'000);
  rd_kafka_destroy(producer);
}

std::vector<Message> MockCluster::read(const std::string& topic, std::size_t at_least) {
  auto* consumer = make(RD_KAFKA_CONSUMER, client(),
                        {{"group.id", "test"}, {"auto.offset.reset", "earliest"}, {"enable.auto.commit", "false"}});
  auto* wanted = rd_kafka_topic_partition_list_new(1);
  for (int i = 0; i < std::max(1, handles_->partitions[topic]); ++i) {
    rd_kafka_topic_partition_list_add(wanted, topic.c_str(), i)->offset = RD_KAFKA_OFFSET_BEGINNING;
  }
  rd_kafka_assign(consumer, wanted);
  rd_kafka_topic_partition_list_destroy(wanted);
  std::vector<Message> found;
  const auto end = std::chrono::steady_clock::now() + kDeadline;
  // Once there are enough, what comes within a moment is too many and shall be seen.
  while (std::chrono::steady_clock::now() < end) {
    auto* message = rd_kafka_consumer_poll(consumer, found.size() < at_least ? 100 : 300);
    if (message == nullptr && found.size() >= at_least) break;
    if (message == nullptr) continue;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) found.push_back(message_from(*message));
    rd_kafka_message_destroy(message);
  }
  rd_kafka_consumer_close(consumer);
  rd_kafka_destroy(consumer);
  std::ranges::stable_sort(found, {}, &Message::partition);
  return found;
}

}  // namespace souk::kafka::testing
