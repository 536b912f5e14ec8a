/// The feed as a follower of the node: its file is `kafka.1.sqlite` beside the read models.
///
/// It cannot be rebuilt beside itself, for there is one set of topics. Without its file, all events are sent again.
///
/// Thread-safety: as FollowerSource.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/base/clock.hpp"
#include "eventstore/event_log.hpp"
#include "kafka/feed_options.hpp"
#include "projections/follower_source.hpp"

namespace souk::kafka {

class FeedSource final : public FollowerSource {
 public:
  FeedSource(const EventLog& log, Clock& clock, std::string directory, FeedOptions options, OnPoison on_poison);

  [[nodiscard]] std::string_view name() const override;
  [[nodiscard]] bool can_be_rebuilt() const override { return false; }
  [[nodiscard]] std::optional<OnPoison> on_poison() const override { return on_poison_; }
  std::vector<std::uint64_t> generations() override;
  Result<std::unique_ptr<FollowerTarget>> open(std::uint64_t generation, Use use) override;
  Result<void> publish(std::uint64_t /*generation*/) override { return {}; }
  Result<void> check_room(std::uint64_t /*bytes*/) override { return {}; }
  void remove(std::uint64_t generation) override;

 private:
  [[nodiscard]] std::string path(std::uint64_t generation) const;

  const EventLog& log_;
  Clock& clock_;
  const std::string directory_;
  const FeedOptions options_;
  const OnPoison on_poison_;
};

}  // namespace souk::kafka
