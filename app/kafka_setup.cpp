#include "app/kafka_setup.hpp"

#include <algorithm>

#include "app/data_directory.hpp"
#include "engine/entities.hpp"
#include "gateway/commands/command_desk.hpp"
#include "gateway/metrics.hpp"
#include "kafka/feed_source.hpp"
#include "projections/follower_control.hpp"
#include "projections/supervisor.hpp"

namespace souk {
namespace {

tl::unexpected<Error> invalid(std::string detail) {
  return fail(ErrorCode::kInvalid, "config.invalid", std::move(detail));
}

/// "cart, order" without spaces, as a list.
std::vector<std::string> names_in(std::string_view text) {
  std::vector<std::string> names;
  while (!text.empty()) {
    const auto end = text.find(',');
    std::string name(text.substr(0, end));
    std::erase(name, ' ');
    if (!name.empty()) names.push_back(std::move(name));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return names;
}

std::string dead_letter_topic(const Config& config) {
  return config.kafka_dead_letter_topic.empty() ? config.kafka_commands_topic + ".dead"
                                                : config.kafka_dead_letter_topic;
}

std::vector<std::string> all_kinds() {
  std::vector<std::string> kinds;
  for_each_entity([&]<class E>() { kinds.emplace_back(E::kKind); });
  return kinds;
}

/// What would come back as a command, or stand among events, is nobody's wish.
Result<void> check_topics(const Config& config) {
  const auto& commands = config.kafka_commands_topic;
  if (commands.empty()) return {};
  const auto dead = dead_letter_topic(config);
  if (commands == dead) {
    return invalid("kafka.dead_letter_topic is kafka.commands_topic: what is refused would come again as a command");
  }
  if (!config.kafka_feed_enabled) return {};
  auto kinds = names_in(config.kafka_kinds);
  if (kinds.empty()) kinds = all_kinds();
  for (const auto& kind : kinds) {
    const auto events = config.kafka_topic_prefix + kind;
    if (events == commands) return invalid("kafka.commands_topic: events of the feed go to " + events);
    if (events == dead) return invalid("kafka.dead_letter_topic: events of the feed go to " + events);
  }
  return {};
}

Result<kafka::ClientOptions> client_options(const Config& config) {
  kafka::ClientOptions client;
  client.brokers = config.kafka_brokers;
  if (!config.kafka_properties_file.empty()) {
    auto properties = kafka::read_properties(config.kafka_properties_file);
    if (!properties) return invalid("kafka.properties_file: " + properties.error().detail);
    client.properties = std::move(*properties);
  }
  const auto checked = kafka::check_properties(client);
  if (!checked) return invalid("kafka.properties_file: " + checked.error().detail);
  return client;
}

bool takes_commands(const Config& config) {
  return !config.kafka_brokers.empty() && !config.kafka_commands_topic.empty();
}

/// Whether all names in it are among them.
bool are_among(std::string_view text, const std::vector<std::string>& known) {
  return std::ranges::all_of(names_in(text),
                             [&](const auto& name) { return std::ranges::find(known, name) != known.end(); });
}

}  // namespace

bool are_kinds(std::string_view text) {
  return are_among(text, all_kinds());
}

bool are_event_types(std::string_view text) {
  std::vector<std::string> types;
  for_each_entity([&]<class E>() {
    [&]<class... Events>(std::variant<Events...>* /*tag*/) {
      (types.emplace_back(Events::kType), ...);
    }(static_cast<typename E::Event*>(nullptr));
  });
  return are_among(text, types);
}

Result<void> check_kafka(const Config& config) {
  if (config.kafka_brokers.empty()) {
    if (config.kafka_commands_topic.empty()) return {};
    return invalid("kafka.commands_topic needs kafka.brokers: there is no cluster to take commands from");
  }
  const auto topics = check_topics(config);
  if (!topics) return topics;
  const auto client = client_options(config);
  if (!client) return tl::unexpected<Error>(client.error());
  return {};
}

Result<std::shared_ptr<kafka::FeedFigures>> add_kafka_feed(const Config& config, EventLog& log, Clock& clock,
                                                           Supervisor& supervisor,
                                                           std::function<void(const std::string& what)> report) {
  if (config.kafka_brokers.empty() || !config.kafka_feed_enabled) return std::shared_ptr<kafka::FeedFigures>();
  if (const auto checked = check_kafka(config); !checked) return tl::unexpected<Error>(checked.error());
  kafka::FeedOptions options;
  options.client = client_options(config).value();
  options.topic_prefix = config.kafka_topic_prefix;
  options.kinds = names_in(config.kafka_kinds);
  options.types = names_in(config.kafka_types);
  options.compression = config.kafka_compression;
  options.linger_ms = config.kafka_linger_ms;
  options.message_bytes_max = config.kafka_message_bytes_max;
  options.in_flight_events_max = static_cast<std::size_t>(config.kafka_in_flight_events_max);
  options.in_flight_bytes_max = static_cast<std::size_t>(config.kafka_in_flight_bytes_max);
  options.on_trouble = std::move(report);
  const auto policy = on_poison_of(config.kafka_on_poison).value_or(OnPoison::kRetry);
  auto figures = options.figures;
  auto added = supervisor.add(
      std::make_unique<kafka::FeedSource>(log, clock, projections_directory(config), std::move(options), policy));
  if (!added) return tl::unexpected<Error>(std::move(added.error()));
  return figures;
}

Result<std::unique_ptr<kafka::CommandIntake>> open_kafka_commands(
    const Config& config, Api& api, std::shared_ptr<kafka::IntakeFigures> figures,
    const std::function<void(const std::string& what)>& report) {
  if (!takes_commands(config)) return std::unique_ptr<kafka::CommandIntake>();
  auto client = client_options(config);
  if (!client) return tl::unexpected<Error>(std::move(client.error()));
  kafka::IntakeOptions options;
  options.client = std::move(*client);
  options.topic = config.kafka_commands_topic;
  options.group = config.kafka_commands_group;
  options.dead_letter_topic = dead_letter_topic(config);
  options.figures = std::move(figures);
  options.on_trouble = report;
  auto desk = std::make_shared<const CommandDesk>(api, "kafka", report);
  options.age_max = std::chrono::seconds(config.idempotency_retention_s);
  options.obey = [desk](const kafka::InboundMessage& message, bool is_last_try, kafka::IntakeOptions::Then then) {
    using Kind = kafka::CommandOutcome::Kind;
    desk->obey(message.payload.value_or(""), is_last_try, [then = std::move(then)](const Result<void>& done) {
      if (done) {
        then({Kind::kObeyed});
        return;
      }
      const auto& error = done.error();
      const auto kind = error.code == ErrorCode::kUnavailable ? Kind::kLater
                        : error.code == ErrorCode::kInternal  ? Kind::kFailed
                                                              : Kind::kRefused;
      then({kind, error.reason, error.detail});
    });
  };
  return kafka::CommandIntake::open(std::move(options));
}

void add_kafka_figures(Metrics& metrics, const Config& config, std::shared_ptr<kafka::FeedFigures> feed,
                       std::shared_ptr<kafka::IntakeFigures> commands) {
  if (feed) {
    metrics.counter_of("souk_kafka_acknowledged_total", "Events that brokers have acknowledged",
                       [feed] { return static_cast<double>(feed->acknowledged); });
    metrics.gauge("souk_kafka_in_flight_events", "Events that wait for brokers",
                  [feed] { return static_cast<double>(feed->in_flight_events); });
    metrics.gauge("souk_kafka_in_flight_bytes", "What they hold",
                  [feed] { return static_cast<double>(feed->in_flight_bytes); });
    metrics.counter_of("souk_kafka_producers_renewed_total", "How often sending began anew, for something was refused",
                       [feed] { return static_cast<double>(feed->renewed); });
  }
  if (!takes_commands(config)) return;
  const auto count = [&](const char* result, const std::atomic<std::uint64_t>& figure) {
    metrics.counter_of("souk_kafka_commands_total", "Commands that came as messages, by what became of them",
                       [commands, &figure] { return static_cast<double>(figure); }, {{"result", result}});
  };
  count("obeyed", commands->obeyed);
  count("refused", commands->refused);
  metrics.counter_of("souk_kafka_command_retries_total", "Tries after the first",
                     [commands] { return static_cast<double>(commands->retried); });
  metrics.gauge("souk_kafka_commands_behind", "Commands that wait in their topic, as far as it is known",
                [commands] { return static_cast<double>(commands->behind); });
}

}  // namespace souk
