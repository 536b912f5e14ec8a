/// How the cluster is reached: its brokers, and whatever else librdkafka can be told (TLS, SASL, time limits).
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/result.hpp"

namespace souk::kafka {

/// Names and values as librdkafka's CONFIGURATION.md has them.
using Properties = std::vector<std::pair<std::string, std::string>>;

struct ClientOptions {
  std::string brokers;  ///< "host:port,host:port"
  Properties properties;
};

/// Reads a file of lines "name=value"; empty lines and those that begin with '#' do not count.
/// Errors: kInvalid "kafka.properties_invalid" with the line, also for what Souk decides itself, because the guarantees
/// of the feed rest on it; kInvalid "kafka.properties_unreadable".
Result<Properties> read_properties(const std::string& path);

/// Whether librdkafka takes them all, and makes clients of them. Asks no broker. Errors: kInvalid
/// "kafka.properties_invalid".
Result<void> check_properties(const ClientOptions& options);

}  // namespace souk::kafka
