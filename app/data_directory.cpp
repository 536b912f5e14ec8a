#include "app/data_directory.hpp"

#include <cstdio>
#include <filesystem>

#include "app/exit_codes.hpp"

namespace souk {

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

int report(const Error& error) {
  std::fprintf(stderr, "souk: %s: %s\n", error.reason.c_str(), error.detail.c_str());
  const auto is_about = [&](std::string_view area) { return error.reason.starts_with(area); };
  if (is_about("config.")) return exit_code::kBadConfig;
  const bool unusable = error.code == ErrorCode::kUnavailable || is_about("store.") || is_about("projection.") ||
                        is_about("messages.") || is_about("install_key.") || is_about("privacy.");
  return unusable ? exit_code::kUnavailable : exit_code::kInternal;
}

}  // namespace souk
