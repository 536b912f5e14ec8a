/// What the followers of this node have been told and shall still know after a restart: one small file beside what they
/// feed, replaced as a whole.
///
/// It is no event of the shop, for it is about this node's copies alone: another node, or this one with its copies
/// removed, has others.
///
/// Thread-safety: one thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/codec.hpp"
#include "engine/base/result.hpp"
#include "engine/base/time.hpp"
#include "projections/follower_target.hpp"

namespace souk {

template <>
struct EnumNames<OnPoison> {
  static constexpr std::array<std::string_view, 3> values{"park", "retry", "stop"};
};

[[nodiscard]] std::optional<OnPoison> on_poison_of(std::string_view name);

struct FollowerControl {
  std::string name;
  std::int64_t live = 1;                 ///< the generation that serves
  std::int64_t newest = 1;               ///< that was ever made: no number is used twice, for readers may be late
  std::optional<std::int64_t> building;  ///< the one that shall take its place
  bool rolls_back = false;               ///< what is being built was live before
  std::optional<std::int64_t> previous;  ///< the one that was live before, kept for one roll back
  std::optional<Time> replaced_at;       ///< since when
  /// Of the run of the machine in which it is built: what is not settled does not survive a power cut.
  std::string boot;
  bool paused = false;
  std::optional<OnPoison> on_poison;  ///< none: as the setting says

  static constexpr auto fields() {
    return field_list(field("name", &FollowerControl::name), field("live", &FollowerControl::live),
                      defaulted("newest", &FollowerControl::newest), field("building", &FollowerControl::building),
                      field("rolls_back", &FollowerControl::rolls_back), field("previous", &FollowerControl::previous),
                      field("replaced_at", &FollowerControl::replaced_at), field("boot", &FollowerControl::boot),
                      field("paused", &FollowerControl::paused), field("on_poison", &FollowerControl::on_poison));
  }
  friend bool operator==(const FollowerControl&, const FollowerControl&) = default;
};

class ControlFile {
 public:
  /// A file that is not there is empty. Errors: kInternal "projection.control_unreadable"; `anew` takes one whose
  /// contents make no sense for empty.
  static Result<ControlFile> open(std::string path, bool anew);

  [[nodiscard]] std::optional<FollowerControl> find(std::string_view name) const;
  /// On disk when it returns. Errors: kUnavailable "projections.directory"; then all is as it was.
  Result<void> put(const FollowerControl& control);

 private:
  explicit ControlFile(std::string path) : path_(std::move(path)) {}
  [[nodiscard]] Result<void> write(const std::vector<FollowerControl>& all) const;

  std::string path_;
  std::vector<FollowerControl> all_;
};

/// Of the run of this machine; another one after it was started anew.
std::string boot_id();

}  // namespace souk
