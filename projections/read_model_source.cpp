#include "projections/read_model_source.hpp"

#include <charconv>
#include <filesystem>
#include <utility>

#include "projections/projection_target.hpp"
#include "projections/sqlite.hpp"

namespace souk {

namespace {

namespace fs = std::filesystem;

/// What the log and the system shall have left while a copy is made.
constexpr std::uint64_t kReserveBytes = 64 << 20;

std::uint64_t size_of(const std::string& path) {
  std::error_code none;
  const auto size = fs::file_size(path, none);
  return none ? 0 : size;
}

}  // namespace

std::uint64_t bytes_of_file(const std::string& path) {
  return size_of(path) + size_of(path + "-wal");
}

Result<void> check_room_in(const std::string& directory, std::uint64_t bytes) {
  std::error_code failure;
  const auto space = fs::space(directory, failure);
  if (failure) return fail(ErrorCode::kUnavailable, "projections.directory", directory + ": " + failure.message());
  if (space.available >= bytes + kReserveBytes) return {};
  return fail(ErrorCode::kConflict, "projection.no_room",
              std::to_string((bytes + kReserveBytes) >> 20) + " MiB are needed, and " +
                  std::to_string(space.available >> 20) + " MiB are left");
}

ReadModelSource::ReadModelSource(const EventLog& log, std::string directory, MakeProjection make)
    : log_(log), directory_(std::move(directory)), make_(std::move(make)), name_(make_()->name()) {}

std::string ReadModelSource::path(std::uint64_t generation) const {
  return (fs::path(directory_) / (name_ + "." + std::to_string(generation) + ".sqlite")).string();
}

std::vector<std::uint64_t> ReadModelSource::generations() {
  std::vector<std::uint64_t> found;
  const std::string prefix = name_ + ".";
  const std::string suffix = ".sqlite";
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(directory_, none)) {
    const std::string file = entry.path().filename().string();
    if (!file.starts_with(prefix) || !file.ends_with(suffix) || file.size() <= prefix.size() + suffix.size()) continue;
    const char* end = file.data() + file.size() - suffix.size();
    std::uint64_t generation = 0;
    const auto parsed = std::from_chars(file.data() + prefix.size(), end, generation);
    if (parsed.ec == std::errc{} && parsed.ptr == end) found.push_back(generation);
  }
  return found;
}

Result<std::unique_ptr<FollowerTarget>> ReadModelSource::open(std::uint64_t generation, Use use) {
  ProjectionStore::OpenOptions options;
  options.path = path(generation);
  options.building = use == Use::kBuilding;
  options.complete_at_head = use == Use::kReturning;
  options.keeps_other_schema = true;
  auto target = ProjectionTarget::open(log_, make_(), options);
  if (!target) return tl::unexpected<Error>(std::move(target.error()));
  return std::unique_ptr<FollowerTarget>(std::move(*target));
}

bool ReadModelSource::is_settled(std::uint64_t generation) {
  return ProjectionStore::is_settled(path(generation));
}

Result<void> ReadModelSource::publish(std::uint64_t generation) {
  const fs::path link = fs::path(directory_) / (name_ + ".sqlite");
  const fs::path fresh = fs::path(directory_) / (name_ + ".sqlite.new");
  const fs::path target = fs::path(path(generation)).filename();
  std::error_code failure;
  if (fs::read_symlink(link, failure) == target) return {};
  // Before there were generations the file itself stood there.
  for (const char* beside : {"-wal", "-shm"}) fs::remove(link.string() + beside, failure);
  fs::remove(fresh, failure);
  fs::create_symlink(target, fresh, failure);
  if (!failure) fs::rename(fresh, link, failure);
  if (failure) return fail(ErrorCode::kUnavailable, "projections.directory", link.string() + ": " + failure.message());
  return {};
}

std::uint64_t ReadModelSource::bytes_of(std::uint64_t generation) {
  return bytes_of_file(path(generation));
}

std::uint64_t ReadModelSource::bytes_to_build(std::uint64_t generation) {
  return bytes_of(generation) + kBuildLogBytes;
}

Result<void> ReadModelSource::check_room(std::uint64_t bytes) {
  return check_room_in(directory_, bytes);
}

void ReadModelSource::remove(std::uint64_t generation) {
  // What cannot be removed now is in nobody's way: it is found and removed at the next start.
  try {
    sqlite::remove_database(path(generation));
  } catch (const fs::filesystem_error&) {
  }
}

}  // namespace souk
