/// Makes the copies of what a follower feeds, each with a number: its generation. One is live, another may be built
/// beside it.
///
/// Thread-safety: one thread at a time, save `generations`, `remove` and what is the same for ever, which any thread
/// may ask.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"
#include "projections/follower_target.hpp"

namespace souk {

class FollowerSource {
 public:
  enum class Use : std::uint8_t {
    kLive,       ///< it serves
    kReturning,  ///< it serves again, and may have missed what another one has shown: it has to catch up first
    kBuilding,   ///< nobody reads it before it is settled; after a power cut it may be of no use
  };

  FollowerSource() = default;
  FollowerSource(const FollowerSource&) = delete;
  FollowerSource& operator=(const FollowerSource&) = delete;
  virtual ~FollowerSource() = default;

  [[nodiscard]] virtual std::string_view name() const = 0;
  /// Whether there can be two at a time, and what is behind can be made anew from the log.
  [[nodiscard]] virtual bool can_be_rebuilt() const { return true; }
  /// It feeds something that others do without while it is slow or away. Nobody waits for it with a lock held, and the
  /// node is of use without it.
  [[nodiscard]] virtual bool is_elsewhere() const { return false; }
  /// Whether an error of a copy's has this reason because it is of no use to this program, for ever: another one is
  /// made in its place.
  [[nodiscard]] virtual bool is_of_no_use(std::string_view reason) const { return reason == "projection.other_schema"; }
  /// What becomes of an event that it cannot take in, where nobody says otherwise; none: as for all followers.
  [[nodiscard]] virtual std::optional<OnPoison> on_poison() const { return std::nullopt; }
  /// Those that are there, in any order.
  virtual std::vector<std::uint64_t> generations() = 0;
  /// Makes it if it is not there.
  /// Errors: kInternal "projection.other_schema": it is of another program, and of no use to this one; others.
  virtual Result<std::unique_ptr<FollowerTarget>> open(std::uint64_t generation, Use use) = 0;
  /// Whether there is one that is all of use: one that is built is not before it is settled.
  [[nodiscard]] virtual bool is_settled(std::uint64_t /*generation*/) { return true; }
  /// Whoever reads without asking the follower finds this one from now on.
  virtual Result<void> publish(std::uint64_t generation) = 0;
  /// What it takes of this node's disk.
  [[nodiscard]] virtual std::uint64_t bytes_of(std::uint64_t /*generation*/) { return 0; }
  /// What another one as large as this one takes while it is built.
  [[nodiscard]] virtual std::uint64_t bytes_to_build(std::uint64_t /*generation*/) { return 0; }
  /// Whether so many more bytes fit, and what is to be left in any case. Errors: kConflict "projection.no_room".
  virtual Result<void> check_room(std::uint64_t bytes) = 0;
  /// Nothing happens where there is none.
  virtual void remove(std::uint64_t generation) = 0;
};

}  // namespace souk
