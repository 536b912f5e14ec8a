#include "kafka/consumer.hpp"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <array>
#include <thread>

#include "kafka/handles.hpp"

namespace souk::kafka {

namespace {

constexpr int kAskMaxMs = 50;
constexpr int kCommitMaxMs = 5'000;
constexpr int kLeaveStepMs = 100;
/// The last commit included.
constexpr std::chrono::seconds kLeaveMax{10};

struct ReleaseList {
  void operator()(rd_kafka_topic_partition_list_t* list) const { rd_kafka_topic_partition_list_destroy(list); }
};
using ListPtr = std::unique_ptr<rd_kafka_topic_partition_list_t, ReleaseList>;

ListPtr list_of(const std::string& topic, const Offsets& offsets) {
  ListPtr list(rd_kafka_topic_partition_list_new(static_cast<int>(offsets.size())));
  for (const auto& [partition, offset] : offsets) {
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition)->offset = offset;
  }
  return list;
}

std::optional<std::string> text_of(const void* bytes, std::size_t size) {
  if (bytes == nullptr) return std::nullopt;
  return std::string(static_cast<const char*>(bytes), size);
}

InboundMessage inbound(const rd_kafka_message_t& message) {
  InboundMessage found;
  found.partition = message.partition;
  found.offset = message.offset;
  found.timestamp_ms = std::max<std::int64_t>(0, rd_kafka_message_timestamp(&message, nullptr));
  found.key = text_of(message.key, message.key_len);
  found.payload = text_of(message.payload, message.len);
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(&message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return found;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  while (rd_kafka_header_get_all(headers, found.headers.size(), &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR) {
    found.headers.emplace_back(name, text_of(value, size).value_or(""));
  }
  return found;
}

}  // namespace

Result<std::unique_ptr<Consumer>> Consumer::open(ConsumerOptions options) {
  auto conf = make_conf(options.client, {{"group.id", options.group},
                                         {"auto.offset.reset", "earliest"},
                                         {"enable.auto.commit", "false"},
                                         {"enable.auto.offset.store", "false"},
                                         {"enable.partition.eof", "false"},
                                         {"partition.assignment.strategy", "range,roundrobin"}});
  if (!conf) return tl::unexpected<Error>(std::move(conf.error()));
  std::unique_ptr<Consumer> consumer(new Consumer(std::move(options)));
  rd_kafka_conf_set_opaque(conf->get(), consumer.get());
  rd_kafka_conf_set_log_cb(conf->get(), nullptr);
  rd_kafka_conf_set_rebalance_cb(
      conf->get(), [](rd_kafka_t* client, rd_kafka_resp_err_t what, rd_kafka_topic_partition_list_t* partitions,
                      void* self) { rebalance(client, what, partitions, self); });
  rd_kafka_conf_set_error_cb(conf->get(), [](rd_kafka_t* /*client*/, int code, const char* why, void* self) {
    const auto& tell = static_cast<Consumer*>(self)->options_.on_trouble;
    if (tell) tell(told(code) + ": " + why);
  });
  std::array<char, 512> why{};
  consumer->client_ = rd_kafka_new(RD_KAFKA_CONSUMER, conf->get(), why.data(), why.size());
  if (consumer->client_ == nullptr) return fail(ErrorCode::kInternal, "kafka.client", why.data());
  (void)conf->release();  // it is the client's now
  rd_kafka_poll_set_consumer(consumer->client_);
  consumer->queue_ = rd_kafka_queue_get_consumer(consumer->client_);
  const auto topics = list_of(consumer->options_.topic, {{RD_KAFKA_PARTITION_UA, RD_KAFKA_OFFSET_INVALID}});
  const auto subscribed = rd_kafka_subscribe(consumer->client_, topics.get());
  if (subscribed != RD_KAFKA_RESP_ERR_NO_ERROR) return fail(ErrorCode::kInternal, "kafka.client", told(subscribed));
  return consumer;
}

Consumer::~Consumer() {
  if (client_ == nullptr) return;
  const bool has_left = leave();
  if (queue_ != nullptr) rd_kafka_queue_destroy(queue_);
  const auto end = [client = client_] { rd_kafka_destroy_flags(client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE); };
  if (has_left) {
    end();
  } else {
    // librdkafka waits for its requests until they time out, which may be minutes. It calls nobody meanwhile.
    std::thread(end).detach();
  }
}

bool Consumer::leave() {
  const QueuePtr queue(rd_kafka_queue_new(client_));
  if (auto* failure = rd_kafka_consumer_close_queue(client_, queue.get()); failure != nullptr) {
    rd_kafka_error_destroy(failure);
    return false;
  }
  const auto end = std::chrono::steady_clock::now() + kLeaveMax;
  while (rd_kafka_consumer_closed(client_) == 0) {
    if (std::chrono::steady_clock::now() > end) return false;
    if (auto* message = rd_kafka_consume_queue(queue.get(), kLeaveStepMs); message != nullptr) {
      rd_kafka_message_destroy(message);
    }
  }
  return true;
}

void Consumer::rebalance(rd_kafka_s* client, int what, rd_kafka_topic_partition_list_t* partitions, void* self) {
  auto& consumer = *static_cast<Consumer*>(self);
  if (what == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
    for (int i = 0; i < partitions->cnt; ++i) consumer.mine_[partitions->elems[i].partition] = {};
    rd_kafka_assign(client, partitions);
    return;
  }
  // It would be paused still when it comes again.
  for (const auto& [partition, asked] : consumer.mine_) consumer.pause(partition, false);
  consumer.mine_.clear();
  const auto dealt_with = consumer.options_.on_revoked();
  // Waited for, as afterwards they are somebody else's; but not for ever, as the broker may be gone.
  if (!dealt_with.empty() && rd_kafka_assignment_lost(client) == 0) {
    const QueuePtr answers(rd_kafka_queue_new(client));
    rd_kafka_commit_queue(client, list_of(consumer.options_.topic, dealt_with).get(), answers.get(), nullptr, nullptr);
    const EventPtr answer(rd_kafka_queue_poll(answers.get(), kCommitMaxMs));
  }
  rd_kafka_assign(client, nullptr);
}

std::optional<InboundMessage> Consumer::poll(std::chrono::milliseconds longest) {
  auto* message = rd_kafka_consumer_poll(client_, static_cast<int>(longest.count()));
  if (message == nullptr) return std::nullopt;
  std::optional<InboundMessage> found;
  if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
    found = inbound(*message);
  } else if (options_.on_trouble) {
    options_.on_trouble(told(message->err) + ": " + rd_kafka_message_errstr(message));
  }
  rd_kafka_message_destroy(message);
  return found;
}

void Consumer::wake() {
  rd_kafka_queue_yield(queue_);
}

void Consumer::pause(std::int32_t partition, bool is_paused) {
  const auto found = mine_.find(partition);
  if (found == mine_.end() || found->second.is_paused == is_paused) return;
  found->second.is_paused = is_paused;
  const auto list = list_of(options_.topic, {{partition, RD_KAFKA_OFFSET_INVALID}});
  if (is_paused) {
    rd_kafka_pause_partitions(client_, list.get());
  } else {
    rd_kafka_resume_partitions(client_, list.get());
  }
}

void Consumer::commit(const Offsets& offsets) {
  rd_kafka_commit(client_, list_of(options_.topic, offsets).get(), 1);
}

std::int64_t Consumer::behind(const Offsets& offsets) {
  std::int64_t sum = 0;
  std::pair<const std::int32_t, Asked>* oldest = nullptr;
  for (auto& mine : mine_) {
    const auto known = offsets.find(mine.first);
    const bool is_silent = mine.second.is_paused || known == offsets.end();
    if (is_silent && (oldest == nullptr || mine.second.asked_at < oldest->second.asked_at)) oldest = &mine;
  }
  if (oldest != nullptr) ask(oldest->first, oldest->second);
  for (const auto& [partition, asked] : mine_) {
    std::int64_t low = 0;
    std::int64_t high = 0;
    rd_kafka_get_watermark_offsets(client_, options_.topic.c_str(), partition, &low, &high);
    high = std::max(high, asked.high);
    const auto known = offsets.find(partition);
    if (known == offsets.end() && asked.asked_at == 0) continue;
    sum += std::max<std::int64_t>(0, high - (known == offsets.end() ? asked.begin : known->second));
  }
  return sum;
}

void Consumer::ask(std::int32_t partition, Asked& asked) {
  // That of watermarks waits for as long as a broker is away, whatever time it is given.
  const auto ends = list_of(options_.topic, {{partition, RD_KAFKA_OFFSET_END}});
  if (rd_kafka_offsets_for_times(client_, ends.get(), kAskMaxMs) != RD_KAFKA_RESP_ERR_NO_ERROR) return;
  const auto& end = ends->elems[0];
  if (end.err != RD_KAFKA_RESP_ERR_NO_ERROR || end.offset < 0) return;
  const auto committed = list_of(options_.topic, {{partition, RD_KAFKA_OFFSET_INVALID}});
  if (rd_kafka_committed(client_, committed.get(), kAskMaxMs) != RD_KAFKA_RESP_ERR_NO_ERROR) return;
  std::int64_t low = 0;
  std::int64_t high = 0;
  rd_kafka_get_watermark_offsets(client_, options_.topic.c_str(), partition, &low, &high);
  asked.begin = std::max({std::int64_t{0}, low, committed->elems[0].offset});
  asked.high = end.offset;
  asked.asked_at = ++questions_;
}

bool Consumer::has_failed() const {
  return rd_kafka_fatal_error(client_, nullptr, 0) != RD_KAFKA_RESP_ERR_NO_ERROR;
}

}  // namespace souk::kafka
