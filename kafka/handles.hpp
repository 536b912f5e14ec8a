/// librdkafka's handles, released by themselves, and how its errors are told. For this folder's sources only.
#pragma once

#include <memory>
#include <string>

#include "engine/base/result.hpp"
#include "kafka/client_options.hpp"

struct rd_kafka_s;
struct rd_kafka_conf_s;
struct rd_kafka_queue_s;
struct rd_kafka_op_s;

namespace souk::kafka {

struct Release {
  void operator()(rd_kafka_conf_s* conf) const;
  void operator()(rd_kafka_queue_s* queue) const;
  void operator()(rd_kafka_op_s* event) const;
};
using ConfPtr = std::unique_ptr<rd_kafka_conf_s, Release>;
using QueuePtr = std::unique_ptr<rd_kafka_queue_s, Release>;
using EventPtr = std::unique_ptr<rd_kafka_op_s, Release>;

/// With `own` set last, so that it wins. Errors: kInvalid "kafka.properties_invalid".
Result<ConfPtr> make_conf(const ClientOptions& options, const Properties& own);

/// What each producer is told, whatever else it is told.
Properties guarantees_of_producers();

/// "MSG_SIZE_TOO_LARGE: Broker: Message size too large".
std::string told(int code);

}  // namespace souk::kafka
