#include "kafka/feed_source.hpp"

#include <filesystem>
#include <utility>

#include "kafka/feed_target.hpp"
#include "projections/sqlite.hpp"

namespace souk::kafka {

namespace {

namespace fs = std::filesystem;

}  // namespace

FeedSource::FeedSource(const EventLog& log, Clock& clock, std::string directory, FeedOptions options,
                       OnPoison on_poison)
    : log_(log), clock_(clock), directory_(std::move(directory)), options_(std::move(options)), on_poison_(on_poison) {}

std::string_view FeedSource::name() const {
  return FeedTarget::kName;
}

std::string FeedSource::path(std::uint64_t generation) const {
  return (fs::path(directory_) / (std::string(name()) + "." + std::to_string(generation) + ".sqlite")).string();
}

std::vector<std::uint64_t> FeedSource::generations() {
  std::error_code none;
  if (fs::exists(path(1), none)) return {1};
  return {};
}

Result<std::unique_ptr<FollowerTarget>> FeedSource::open(std::uint64_t generation, Use /*use*/) {
  auto target = FeedTarget::open(log_, clock_, options_, path(generation));
  if (!target) return tl::unexpected<Error>(std::move(target.error()));
  return std::unique_ptr<FollowerTarget>(std::move(*target));
}

void FeedSource::remove(std::uint64_t generation) {
  // What cannot be removed now is found unusable again at the next start.
  try {
    sqlite::remove_database(path(generation));
  } catch (const fs::filesystem_error&) {
  }
}

}  // namespace souk::kafka
