/// The indices of a shop at a server: generation N of prefix "souk" is souk-products-N, and souk-products stands for
/// the one that serves.
///
/// A server that is away is no reason for the shop not to start: then nothing is known of its indices, and the target
/// finds out later. One that is to be built is not looked at before it is fed.
/// Thread-safety: as FollowerSource. Calls wait for the server, each for a short while.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "projections/elastic/target.hpp"
#include "projections/follower_source.hpp"

namespace souk::elastic {

/// Of documents and mapping; another analyzer makes other documents.
std::string schema_of(const Options& options);

class Source final : public FollowerSource {
 public:
  Source(std::shared_ptr<Shared> shared, EventLog& log, Follower& search);

  [[nodiscard]] std::string_view name() const override { return Target::kName; }
  [[nodiscard]] bool is_elsewhere() const override { return true; }
  [[nodiscard]] bool is_of_no_use(std::string_view reason) const override;
  std::vector<std::uint64_t> generations() override;
  /// Errors besides: kInternal "elasticsearch.foreign_index".
  Result<std::unique_ptr<FollowerTarget>> open(std::uint64_t generation, Use use) override;
  Result<void> publish(std::uint64_t generation) override;
  Result<void> check_room(std::uint64_t /*generation*/) override { return {}; }
  void remove(std::uint64_t generation) override;

 private:
  [[nodiscard]] std::string name_of(std::uint64_t generation) const;
  [[nodiscard]] LogIdentity identity() const { return {log_.log_id(), log_.epoch()}; }

  const std::shared_ptr<Shared> shared_;
  EventLog& log_;
  Follower& search_;
};

}  // namespace souk::elastic
