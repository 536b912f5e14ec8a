/// For tests: a log, brokers, and the follower that feeds them.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "kafka/feed_target.hpp"
#include "kafka/testing/mock_cluster.hpp"
#include "projections/follower.hpp"
#include "projections/testing/fixtures.hpp"
#include "projections/testing/scratch.hpp"
#include "projections/testing/shop_log.hpp"

namespace souk::kafka::testing {

/// The positions that a stream has in a topic, in the order of the topic.
using Positions = std::vector<std::uint64_t>;

struct FeedWorld : souk::testing::ShopLog {
  souk::testing::ScratchDirectory scratch;
  MockCluster cluster;
  std::vector<ParkedEvent> parked;
  std::vector<Error> failures;
  std::chrono::milliseconds rest{0};

  FeedWorld() {
    for (const char* topic : {"souk.cart", "souk.order"}) cluster.create_topic(topic, 3);
  }

  [[nodiscard]] FeedOptions feed() const {
    FeedOptions options;
    options.client = cluster.client();
    options.linger_ms = 1;
    return options;
  }

  std::unique_ptr<Follower> open(FeedOptions with, OnPoison policy = OnPoison::kRetry) {
    auto target = FeedTarget::open(log, clock, std::move(with), scratch.file("kafka.1.sqlite"));
    REQUIRE(target);
    FollowerOptions options;
    options.on_poison = policy;
    options.rest = rest;
    options.heartbeat = std::chrono::milliseconds(50);
    options.backoff_min = std::chrono::milliseconds(1);
    options.backoff_max = std::chrono::milliseconds(20);
    options.on_parked = [this](const ParkedEvent& event) { parked.push_back(event); };
    options.on_failure = [this](const Error& error) { failures.push_back(error); };
    return std::make_unique<Follower>(log, clock, std::move(*target), std::move(options));
  }

  Position add(std::string_view kind, std::uint64_t number, const std::string& payload = "{}") {
    return append_raw(StreamId(kind, Id128{0, number}), std::string(kind) + ".changed", 1, payload);
  }

  Positions positions(const std::string& topic, std::size_t at_least) {
    Positions out;
    for (const auto& message : cluster.read(topic, at_least)) {
      out.push_back(std::stoull(message.headers.at("position")));
    }
    return out;
  }
  Positions sorted_positions(const std::string& topic, std::size_t at_least) {
    auto out = positions(topic, at_least);
    std::ranges::sort(out);
    return out;
  }
  /// The events of each key, in the order of the topic, without what comes again.
  std::map<std::string, Positions> by_key(const std::string& topic, std::size_t at_least) {
    std::map<std::string, Positions> out;
    for (const auto& message : cluster.read(topic, at_least)) {
      auto& seen = out[message.key];
      const auto position = std::stoull(message.headers.at("position"));
      if (seen.empty() || position > seen.back()) seen.push_back(position);
    }
    return out;
  }
};

}  // namespace souk::kafka::testing
