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

/// How large the write-ahead log becomes of a file that is built.
inline constexpr std::uint64_t kBuildLogBytes = 64 << 20;

/// With its write-ahead log; 0 where there is none.
std::uint64_t bytes_of_file(const std::string& path);
/// As FollowerSource::check_room.
Result<void> check_room_in(const std::string& directory, std::uint64_t bytes);

class ReadModelSource final : public FollowerSource {
 public:
  ReadModelSource(const EventLog& log, std::string directory, MakeProjection make);

  [[nodiscard]] std::string_view name() const override { return name_; }
  std::vector<std::uint64_t> generations() override;
  Result<std::unique_ptr<FollowerTarget>> open(std::uint64_t generation, Use use) override;
  [[nodiscard]] bool is_settled(std::uint64_t generation) override;
  Result<void> publish(std::uint64_t generation) override;
  [[nodiscard]] std::uint64_t bytes_of(std::uint64_t generation) override;
  [[nodiscard]] std::uint64_t bytes_to_build(std::uint64_t generation) override;
  Result<void> check_room(std::uint64_t bytes) override;
  void remove(std::uint64_t generation) override;

  [[nodiscard]] std::string path(std::uint64_t generation) const;

 private:
  const EventLog& log_;
  const std::string directory_;
  const MakeProjection make_;
  const std::string name_;
};

}  // namespace souk
