/// What the configuration says of Kafka: the feed of events, and commands that come as messages.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "app/config.hpp"
#include "engine/base/clock.hpp"
#include "eventstore/event_log.hpp"
#include "kafka/command_intake.hpp"
#include "kafka/feed_options.hpp"

namespace souk {

class Api;
class Metrics;
class Supervisor;

/// Whether these are names of entities, or types of events, separated by commas; or none at all.
bool are_kinds(std::string_view text);
bool are_event_types(std::string_view text);

/// What can be wrong with it before anything is opened: names of topics, the file of properties.
/// Errors: kInvalid "config.invalid".
Result<void> check_kafka(const Config& config);

/// Adds the feed to the followers, if there are brokers and it is wanted; before they start. Null: there is none.
/// `report` is told when no broker can be reached. Errors: as FollowerSource::open; those of check_kafka.
Result<std::shared_ptr<kafka::FeedFigures>> add_kafka_feed(const Config& config, EventLog& log, Clock& clock,
                                                           Supervisor& supervisor,
                                                           std::function<void(const std::string& what)> report);

/// Takes commands from their topic, if one is named, once it is started. Null: none is. `report` is told what is wrong.
/// Errors: those of check_kafka and CommandIntake::open.
Result<std::unique_ptr<kafka::CommandIntake>> open_kafka_commands(
    const Config& config, Api& api, std::shared_ptr<kafka::IntakeFigures> figures,
    const std::function<void(const std::string& what)>& report);

/// Those of what is there.
void add_kafka_figures(Metrics& metrics, const Config& config, std::shared_ptr<kafka::FeedFigures> feed,
                       std::shared_ptr<kafka::IntakeFigures> commands);

}  // namespace souk
