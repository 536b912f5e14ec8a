#include "kafka/producer.hpp"

#include <librdkafka/rdkafka.h>

#include <array>

#include "eventstore/thread_name.hpp"
#include "kafka/handles.hpp"

namespace souk::kafka {

namespace {

constexpr int kWaitMs = 1'000;
constexpr std::size_t kAnswersMax = 1'000;

/// Whether the message has only failed with another one, or for the producer as a whole. Everything else that is said
/// of a message is its own fault, or its topic's: librdkafka tries again whatever may pass, without limit of time.
bool is_collateral(rd_kafka_resp_err_t error) {
  switch (error) {
    case RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER:
    case RD_KAFKA_RESP_ERR_DUPLICATE_SEQUENCE_NUMBER:
    case RD_KAFKA_RESP_ERR_UNKNOWN_PRODUCER_ID:
    case RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH:
    case RD_KAFKA_RESP_ERR_INVALID_PRODUCER_ID_MAPPING:
    case RD_KAFKA_RESP_ERR_PRODUCER_FENCED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED: return true;
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
    case RD_KAFKA_RESP_ERR__BAD_MSG:
    case RD_KAFKA_RESP_ERR__INVALID_ARG: return false;
    default: return error < RD_KAFKA_RESP_ERR_UNKNOWN;  // said by librdkafka, not by a broker
  }
}

/// Whether whatever else goes to its topic would be refused, too.
bool is_topics_fault(rd_kafka_resp_err_t error) {
  switch (error) {
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC: return true;
    default: return false;
  }
}

Error error_of(rd_kafka_resp_err_t error) {
  if (is_collateral(error)) return Error{ErrorCode::kUnavailable, "kafka.failed", told(error)};
  return Error{ErrorCode::kInvalid, "kafka.refused", told(error)};
}

}  // namespace

Result<std::unique_ptr<Producer>> Producer::open(ProducerOptions options) {
  std::unique_ptr<Producer> producer(new Producer(std::move(options)));
  auto begun = producer->begin();
  if (!begun) return tl::unexpected<Error>(std::move(begun.error()));
  return producer;
}

Result<void> Producer::begin() {
  const auto bytes = std::to_string(options_.message_bytes_max);
  Properties own{{"compression.codec", options_.compression},
                 {"linger.ms", std::to_string(options_.linger_ms)},
                 {"message.max.bytes", bytes},
                 // Whoever sends bounds what is under way.
                 {"queue.buffering.max.messages", "0"},
                 {"queue.buffering.max.kbytes", "2147483647"},
                 {"partitioner", "murmur2_random"}};
  for (auto& property : guarantees_of_producers()) own.push_back(std::move(property));
  auto conf = make_conf(options_.client, own);
  if (!conf) return tl::unexpected<Error>(std::move(conf.error()));
  rd_kafka_conf_set_events(conf->get(), RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR);
  rd_kafka_conf_set_log_cb(conf->get(), nullptr);
  std::array<char, 512> why{};
  client_ = rd_kafka_new(RD_KAFKA_PRODUCER, conf->get(), why.data(), why.size());
  if (client_ == nullptr) return fail(ErrorCode::kInternal, "kafka.client", why.data());
  (void)conf->release();  // it is the client's now
  events_ = rd_kafka_queue_get_main(client_);
  thread_ = std::thread([this] {
    name_this_thread("souk:kafka");
    loop();
  });
  return {};
}

Producer::~Producer() {
  if (client_ == nullptr) return;
  stopping_ = true;
  rd_kafka_queue_yield(events_);
  thread_.join();
  rd_kafka_purge(client_, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT | RD_KAFKA_PURGE_F_NON_BLOCKING);
  for (auto& [name, topic] : topics_) rd_kafka_topic_destroy(topic);
  rd_kafka_queue_destroy(events_);
  rd_kafka_destroy(client_);
}

Result<rd_kafka_topic_s*> Producer::topic(std::string_view name) {
  if (const auto found = topics_.find(name); found != topics_.end()) return found->second;
  const std::string text(name);
  auto* made = rd_kafka_topic_new(client_, text.c_str(), nullptr);
  if (made == nullptr) return tl::unexpected<Error>(error_of(rd_kafka_last_error()));
  topics_.emplace(text, made);
  return made;
}

Result<void> Producer::send(const OutboundMessage& message) {
  auto where = topic(message.topic);
  if (!where) return tl::unexpected<Error>(std::move(where.error()));
  auto* headers = rd_kafka_headers_new(message.headers.size());
  for (const auto& [name, value] : message.headers) {
    rd_kafka_header_add(headers, name.data(), static_cast<ssize_t>(name.size()), value.data(),
                        static_cast<ssize_t>(value.size()));
  }
  // Payload and key are only read by librdkafka, which takes them as void*.
  const auto bytes = [](std::string_view text) { return const_cast<char*>(text.data()); };
  std::array<rd_kafka_vu_t, 6> parts{};
  parts[0].vtype = RD_KAFKA_VTYPE_RKT;
  parts[0].u.rkt = *where;
  parts[1].vtype = RD_KAFKA_VTYPE_KEY;
  parts[1].u.mem = {bytes(message.key), message.key.size()};
  parts[2].vtype = RD_KAFKA_VTYPE_VALUE;
  parts[2].u.mem = {bytes(message.payload), message.payload.size()};
  parts[3].vtype = RD_KAFKA_VTYPE_HEADERS;
  parts[3].u.headers = headers;
  parts[4].vtype = RD_KAFKA_VTYPE_TIMESTAMP;
  parts[4].u.i64 = message.timestamp_ms;
  parts[5].vtype = RD_KAFKA_VTYPE_OPAQUE;
  parts[5].u.ptr = message.tag;
  auto* failure = rd_kafka_produceva(client_, parts.data(), parts.size());
  if (failure == nullptr) return {};
  rd_kafka_headers_destroy(headers);
  const auto code = rd_kafka_error_code(failure);
  rd_kafka_error_destroy(failure);
  if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL) return fail(ErrorCode::kUnavailable, "kafka.full", told(code));
  return tl::unexpected<Error>(error_of(code));
}

std::optional<std::string> Producer::cluster(std::chrono::milliseconds longest) {
  char* id = rd_kafka_clusterid(client_, static_cast<int>(longest.count()));
  if (id == nullptr) return std::nullopt;
  std::string known(id);
  rd_kafka_mem_free(client_, id);
  return known;
}

std::optional<Error> Producer::topic_refusal(std::string_view name, std::chrono::milliseconds longest) {
  const auto where = topic(name);
  if (!where) return where.error();
  const struct rd_kafka_metadata* found = nullptr;
  const auto asked = rd_kafka_metadata(client_, 0, *where, &found, static_cast<int>(longest.count()));
  if (asked != RD_KAFKA_RESP_ERR_NO_ERROR) return std::nullopt;
  const auto code = found->topic_cnt > 0 ? found->topics[0].err : RD_KAFKA_RESP_ERR_NO_ERROR;
  rd_kafka_metadata_destroy(found);
  if (!is_topics_fault(code)) return std::nullopt;
  return error_of(code);
}

void Producer::flush(std::chrono::milliseconds longest) {
  (void)rd_kafka_flush(client_, static_cast<int>(longest.count()));
}

std::optional<Error> Producer::failed() const {
  const std::lock_guard lock(mutex_);
  return failed_;
}

std::optional<std::string> Producer::unreachable() const {
  const std::lock_guard lock(mutex_);
  return unreachable_;
}

void Producer::note_trouble(int code, const char* text) {
  const bool is_away = code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN || code == RD_KAFKA_RESP_ERR__AUTHENTICATION;
  std::string what = told(code) + (text == nullptr ? "" : std::string(": ") + text);
  {
    const std::lock_guard lock(mutex_);
    if (code == RD_KAFKA_RESP_ERR__FATAL) {
      if (!failed_) failed_ = Error{ErrorCode::kUnavailable, "kafka.failed", what};
      return;
    }
    // That all are away is told without a reason; what was told before of one of them is it.
    if (!is_away) last_trouble_ = std::move(what);
    if (!is_away || unreachable_) return;
    if (!last_trouble_.empty()) what += "; " + last_trouble_;
    unreachable_ = what;
  }
  if (options_.on_trouble) options_.on_trouble(what);
}

void Producer::loop() {
  std::vector<Delivery> answers;
  while (!stopping_) {
    const EventPtr event(rd_kafka_queue_poll(events_, kWaitMs));
    if (!event) continue;
    if (rd_kafka_event_type(event.get()) == RD_KAFKA_EVENT_ERROR) {
      note_trouble(rd_kafka_event_error(event.get()), rd_kafka_event_error_string(event.get()));
      continue;
    }
    if (rd_kafka_event_type(event.get()) != RD_KAFKA_EVENT_DR) continue;
    std::array<const rd_kafka_message_t*, kAnswersMax> messages{};
    while (const auto count = rd_kafka_event_message_array(event.get(), messages.data(), messages.size())) {
      answers.clear();
      bool is_taken = false;
      for (std::size_t i = 0; i < count; ++i) {
        Delivery answer{messages[i]->_private, {}, is_topics_fault(messages[i]->err)};
        if (messages[i]->err != RD_KAFKA_RESP_ERR_NO_ERROR) answer.error = error_of(messages[i]->err);
        is_taken = is_taken || !answer.error;
        answers.push_back(std::move(answer));
      }
      {
        const std::lock_guard lock(mutex_);
        if (is_taken) {
          unreachable_.reset();
          last_trouble_.clear();
        }
        for (const auto& answer : answers) {
          // The first to be refused says why; what fails with it says only that it failed.
          if (answer.error && (!failed_ || failed_->reason == "kafka.failed")) failed_ = answer.error;
        }
      }
      options_.on_answers(answers);
    }
  }
}

}  // namespace souk::kafka
