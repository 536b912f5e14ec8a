/// The subcommands of `souk`. Each returns an exit code of exit_codes.hpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "app/live_config.hpp"
#include "app/shop_client.hpp"

namespace souk {

/// Serves until SIGTERM or SIGINT, then drains. Must be called before any thread is begun, for it blocks those signals.
int serve(LiveConfig& config);

/// Takes a catalogue of JSON lines ("-": standard input) into a data directory that nobody serves.
int import_catalogue(const Config& config, const std::string& file);

/// The same into a running server, with progress on standard error.
int import_into_server(const Config& config, const RemoteShop& shop, const std::string& file);

/// Prints the catalogue of a data directory as rows for importing, also while it is served.
int export_catalogue(const Config& config);

/// The same of a running server.
int export_from_server(const Config& config, const RemoteShop& shop);

struct ProjectionsRequest {
  std::string action;  ///< list, show, pause, resume, rebuild, rollback, cancel, retry, policy, diff
  std::string name;    ///< of a projection, or "all"
  std::string policy;  ///< park, retry, stop, default
};

/// Looks after the read models: of a running server, or (list, diff) of a data directory, also while it is served.
int tend_projections(const Config& config, const RemoteShop& shop, const ProjectionsRequest& request);

struct ConfigRequest {
  std::string action;  ///< show, diff, set, unset, history, rollback, reference
  std::string key;     ///< of a setting; to roll back, a version
  std::string value;
  bool has_value = false;
};

/// Shows the configuration of this command line, or shows, compares and changes what a running server has.
int tend_config(const EffectiveConfig& config, const RemoteShop& shop, const ConfigRequest& request);

/// Prints a line to standard output; false if it cannot be written.
bool print_line(std::string line);

/// Prints JSON schemas to standard output, of "events".
int print_schemas(const std::string& of);

struct EventRange {
  std::uint64_t from = 1;             ///< the first position
  std::optional<std::uint64_t> to;    ///< the last one; none: the end
  std::optional<std::string> stream;  ///< only this stream's
};

/// Prints events as JSON lines to standard output, also of a directory that is being served. Secrets are left out;
/// personal data is sealed.
int print_events(const Config& config, const EventRange& range);

}  // namespace souk
