#include "app/data_directory.hpp"

#include <cstdio>
#include <filesystem>

#include "app/exit_codes.hpp"
#include "engine/entities.hpp"

namespace souk {
namespace {

Result<bool> knows_people(EventLog& log) {
  constexpr std::size_t kBatch = 1'000;
  for (Position seen;;) {
    const auto records = log.read(seen, kBatch, Visibility::kDurable);
    if (!records) return tl::unexpected<Error>(records.error());
    if (records->empty()) return false;
    for (const auto& record : *records) {
      if (record->stream.kind() == Account::kKind) return true;
    }
    seen = records->back()->position;
  }
}

}  // namespace

std::string log_directory(const Config& config) {
  return config.data_dir + "/log";
}
std::string projections_directory(const Config& config) {
  return config.data_dir + "/projections";
}

Result<std::unique_ptr<RocksEventLog>> open_log(const Config& config, Clock& clock) {
  std::error_code error;
  std::filesystem::create_directories(config.data_dir, error);
  if (error) {
    return fail(ErrorCode::kUnavailable, "data.cannot_create", config.data_dir + ": " + error.message());
  }
  RocksLogOptions options;
  options.directory = log_directory(config);
  options.idempotency_retention = Duration::seconds(config.idempotency_retention_s);
  return RocksEventLog::open(std::move(options), clock);
}

Result<InstallKeys> open_keys(const Config& config, const EventLog& log) {
  const bool is_new = log.head(Visibility::kDurable) == Position{};
  return open_install_keys(config.data_dir, is_new ? MissingKey::kCreate : MissingKey::kRefuse);
}

Result<std::unique_ptr<SqliteVault>> open_vault(const Config& config, EventLog& log) {
  auto if_missing = MissingKey::kCreate;
  if (!SqliteVault::exists(config.data_dir)) {
    const auto people = knows_people(log);
    if (!people) return tl::unexpected<Error>(people.error());
    if (*people) if_missing = MissingKey::kRefuse;
  }
  return SqliteVault::open(config.data_dir, if_missing, static_cast<std::size_t>(config.privacy_keys_cached_max));
}

int report(const Error& error) {
  std::fprintf(stderr, "souk: %s: %s\n", error.reason.c_str(), error.detail.c_str());
  const auto is_about = [&](std::string_view area) { return error.reason.starts_with(area); };
  if (is_about("config.") || is_about("settings.")) return exit_code::kBadConfig;
  const bool unusable = error.code == ErrorCode::kUnavailable || is_about("store.") || is_about("projection.") ||
                        is_about("elasticsearch.") || is_about("messages.") || is_about("install_key.") ||
                        is_about("privacy.");
  return unusable ? exit_code::kUnavailable : exit_code::kInternal;
}

}  // namespace souk
