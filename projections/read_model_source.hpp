/// The files of a read model: `orders.3.sqlite`, and `orders.sqlite`, a link to the one that is live.
///
/// Thread-safety: as FollowerSource.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "projections/follower_source.hpp"
#include "projections/projection.hpp"

namespace souk {

using MakeProjection = std::function<std::unique_ptr<Projection>()>;

class ReadModelSource final : public FollowerSource {
 public:
  ReadModelSource(const EventLog& log, std::string directory, MakeProjection make);

  [[nodiscard]] std::string_view name() const override { return name_; }
  std::vector<std::uint64_t> generations() override;
  Result<std::unique_ptr<FollowerTarget>> open(std::uint64_t generation, Use use) override;
  [[nodiscard]] bool is_settled(std::uint64_t generation) override;
  Result<void> publish(std::uint64_t generation) override;
  Result<void> check_room(std::uint64_t generation) override;
  void remove(std::uint64_t generation) override;

  [[nodiscard]] std::string path(std::uint64_t generation) const;

 private:
  const EventLog& log_;
  const std::string directory_;
  const MakeProjection make_;
  const std::string name_;
};

}  // namespace souk
