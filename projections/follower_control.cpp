#include "projections/follower_control.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <utility>

#include "eventstore/small_file.hpp"

namespace souk {

namespace {

struct Contents {
  std::vector<FollowerControl> followers;
  static constexpr auto fields() { return field_list(field("followers", &Contents::followers)); }
};

}  // namespace

std::optional<OnPoison> on_poison_of(std::string_view name) {
  const auto& names = EnumNames<OnPoison>::values;
  const auto* found = std::ranges::find(names, name);
  if (found == names.end()) return std::nullopt;
  return static_cast<OnPoison>(found - names.begin());
}

Result<ControlFile> ControlFile::open(std::string path, bool anew) {
  ControlFile file(std::move(path));
  const auto text = read_small_file(file.path_);
  if (!text) return fail(ErrorCode::kInternal, "projection.control_unreadable", text.error().detail);
  if (!*text) return file;
  auto contents = decode<Contents>(**text, UnknownFields::kIgnored);
  if (contents) {
    file.all_ = std::move(contents->followers);
  } else if (!anew) {
    return fail(ErrorCode::kInternal, "projection.control_unreadable",
                file.path_ + ": " + contents.error().detail +
                    "; start with the setting projections.rebuild, and the newest files are used as they are");
  }
  return file;
}

std::optional<FollowerControl> ControlFile::find(std::string_view name) const {
  const auto found = std::ranges::find(all_, name, &FollowerControl::name);
  return found == all_.end() ? std::nullopt : std::optional(*found);
}

Result<void> ControlFile::put(const FollowerControl& control) {
  auto all = all_;
  const auto found = std::ranges::find(all, control.name, &FollowerControl::name);
  if (found == all.end()) {
    all.push_back(control);
  } else {
    *found = control;
  }
  auto written = write(all);
  if (written) all_ = std::move(all);
  return written;
}

Result<void> ControlFile::write(const std::vector<FollowerControl>& all) const {
  const std::filesystem::path path(path_);
  auto written = replace_file(path.parent_path().string(), path.filename().string(), encode(Contents{all}) + "\n");
  if (written) return {};
  return fail(ErrorCode::kUnavailable, "projections.directory", std::move(written.error().detail));
}

std::string boot_id() {
  std::ifstream in("/proc/sys/kernel/random/boot_id");
  std::string id;
  std::getline(in, id);
  return id;
}

}  // namespace souk
