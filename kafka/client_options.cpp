#include "kafka/client_options.hpp"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <array>
#include <fstream>

#include "kafka/handles.hpp"

namespace souk::kafka {

namespace {

/// What the guarantees of feed and commands rest on.
constexpr std::array<std::string_view, 28> kOwn{"partitioner",
                                                "linger.ms",
                                                "queue.buffering.max.ms",
                                                "queue.buffering.max.messages",
                                                "queue.buffering.max.kbytes",
                                                "message.max.bytes",
                                                "retries",
                                                "message.send.max.retries",
                                                "bootstrap.servers",
                                                "metadata.broker.list",
                                                "enable.idempotence",
                                                "enable.gapless.guarantee",
                                                "acks",
                                                "request.required.acks",
                                                "message.timeout.ms",
                                                "delivery.timeout.ms",
                                                "transactional.id",
                                                "enable.auto.commit",
                                                "auto.commit.enable",
                                                "enable.auto.offset.store",
                                                "auto.offset.reset",
                                                "group.id",
                                                "compression.codec",
                                                "compression.type",
                                                "delivery.report.only.error",
                                                "isolation.level",
                                                "enable.partition.eof",
                                                "partition.assignment.strategy"};

tl::unexpected<Error> invalid(std::string detail) {
  return fail(ErrorCode::kInvalid, "kafka.properties_invalid", std::move(detail));
}

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

}  // namespace

void Release::operator()(rd_kafka_conf_s* conf) const {
  rd_kafka_conf_destroy(conf);
}
void Release::operator()(rd_kafka_queue_s* queue) const {
  rd_kafka_queue_destroy(queue);
}
void Release::operator()(rd_kafka_op_s* event) const {
  rd_kafka_event_destroy(event);
}

Result<ConfPtr> make_conf(const ClientOptions& options, const Properties& own) {
  ConfPtr conf(rd_kafka_conf_new());
  std::array<char, 512> why{};
  const auto set = [&](const std::string& name, const std::string& value) {
    return rd_kafka_conf_set(conf.get(), name.c_str(), value.c_str(), why.data(), why.size()) == RD_KAFKA_CONF_OK;
  };
  // Whoever comes back shall not wait for long, nor whoever comes in place of one that was killed.
  Properties all{{"client.id", "souk"}, {"reconnect.backoff.max.ms", "2000"}, {"session.timeout.ms", "10000"}};
  all.insert(all.end(), options.properties.begin(), options.properties.end());
  if (!options.brokers.empty()) all.emplace_back("bootstrap.servers", options.brokers);
  all.insert(all.end(), own.begin(), own.end());
  for (const auto& [name, value] : all) {
    if (!set(name, value)) return invalid(name + ": " + why.data());
  }
  return conf;
}

Properties guarantees_of_producers() {
  return {{"enable.idempotence", "true"},
          {"enable.gapless.guarantee", "true"},
          {"acks", "all"},
          {"message.timeout.ms", "0"}};
}

std::string told(int code) {
  const auto error = static_cast<rd_kafka_resp_err_t>(code);
  return std::string(rd_kafka_err2name(error)) + ": " + rd_kafka_err2str(error);
}

Result<Properties> read_properties(const std::string& path) {
  std::ifstream file(path);
  if (!file) return fail(ErrorCode::kInvalid, "kafka.properties_unreadable", path + " cannot be read");
  Properties properties;
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    const auto text = trimmed(line);
    if (text.empty() || text.front() == '#') continue;
    const std::string where = path + ":" + std::to_string(number) + ": ";
    const auto equals = text.find('=');
    if (equals == std::string_view::npos) return invalid(where + "a line is name=value");
    std::string name(trimmed(text.substr(0, equals)));
    if (std::ranges::find(kOwn, name) != kOwn.end()) return invalid(where + name + " is not to be changed");
    properties.emplace_back(std::move(name), trimmed(text.substr(equals + 1)));
  }
  if (file.bad()) return fail(ErrorCode::kInvalid, "kafka.properties_unreadable", path + " cannot be read");
  return properties;
}

Result<void> check_properties(const ClientOptions& options) {
  // Which values go together, and which files can be read, is seen only when a client is made. It knows no brokers, so
  // it asks none.
  const ClientOptions nowhere{{}, options.properties};
  const auto check = [&](rd_kafka_type_t type, const Properties& own) -> Result<void> {
    auto conf = make_conf(nowhere, own);
    if (!conf) return tl::unexpected<Error>(std::move(conf.error()));
    rd_kafka_conf_set_log_cb(conf->get(), nullptr);
    std::array<char, 512> why{};
    auto* client = rd_kafka_new(type, conf->get(), why.data(), why.size());
    if (client == nullptr) return invalid(why.data());
    (void)conf->release();  // it is the client's now
    rd_kafka_destroy(client);
    return {};
  };
  auto checked = check(RD_KAFKA_PRODUCER, guarantees_of_producers());
  return checked ? check(RD_KAFKA_CONSUMER, {{"group.id", "souk"}}) : checked;
}

}  // namespace souk::kafka
