/// The one program: reads the command line and the configuration, and runs a subcommand.
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>

#include "app/commands.hpp"
#include "app/data_directory.hpp"
#include "app/exit_codes.hpp"
#include "app/setup_checks.hpp"
#include "engine/base/json_reader.hpp"

namespace souk {
namespace {

struct Flags {
  std::string data;
  std::string listen;
  std::string config;
  std::vector<std::string> set;
  bool check_config = false;
  bool print_reference = false;
};

void add_common(CLI::App& command, Flags& flags) {
  command.add_option("--data", flags.data, "the data directory (setting data_dir)");
  command.add_option("--config", flags.config, "a TOML file with settings");
  command.add_option("--set", flags.set, "any setting, as key=value; wins over file and environment");
}

ConfigSources sources_of(const Flags& flags) {
  ConfigSources sources;
  sources.file = flags.config;
  sources.environment = process_environment();
  if (!flags.data.empty()) sources.flags.emplace_back("data_dir", flags.data);
  if (!flags.listen.empty()) sources.flags.emplace_back("listen", flags.listen);
  for (const auto& text : flags.set) {
    const auto equals = text.find('=');
    sources.flags.emplace_back(text.substr(0, equals), equals == std::string::npos ? "" : text.substr(equals + 1));
  }
  return sources;
}

/// For subcommands that can mean a running server instead of a data directory.
void add_remote(CLI::App& command, RemoteShop& shop) {
  command.add_option("--url", shop.url, "a running server, such as https://shop.example; asked as its administrator");
  command.add_option("--ca-file", shop.ca_file, "certificates to trust (default: the system's)");
  command.add_flag("--plain-http", shop.plain_http, "lets the password go to another machine without HTTPS");
}

CLI::App* add_projections(CLI::App& app, Flags& flags, RemoteShop& shop, ProjectionsRequest& request) {
  auto* command =
      app.add_subcommand("projections", "looks after the read models of a data directory or a running server");
  add_common(*command, flags);
  add_remote(*command, shop);
  command
      ->add_option("action", request.action,
                   "list, diff; with --url also show, pause, resume, rebuild, rollback, cancel, retry, policy")
      ->required()
      ->check(CLI::IsMember(
          {"list", "show", "pause", "resume", "rebuild", "rollback", "cancel", "retry", "policy", "diff"}));
  command->add_option("name", request.name, "of a projection, or all");
  command
      ->add_option("policy", request.policy,
                   "what becomes of an event that cannot be taken in: park, retry, stop; default: as the setting says")
      ->check(CLI::IsMember({"park", "retry", "stop", "default"}));
  return command;
}

CLI::App* add_events(CLI::App& app, Flags& flags, EventRange& range) {
  auto* command = app.add_subcommand("events", "prints a range of the log as JSON lines");
  add_common(*command, flags);
  command->add_option("--from", range.from, "the first position (default 1)");
  command->add_option("--to", range.to, "the last position (default: the end)");
  command->add_option("--stream", range.stream, "only this stream, such as order-01h…");
  return command;
}

CLI::App* add_config(CLI::App& app, Flags& flags, RemoteShop& shop, ConfigRequest& request) {
  auto* command =
      app.add_subcommand("config", "shows settings; with --url those of a running server, and changes them");
  add_common(*command, flags);
  add_remote(*command, shop);
  command->add_option("action", request.action, "show, reference; with --url also diff, set, unset, history, rollback")
      ->required()
      ->check(CLI::IsMember({"show", "reference", "diff", "set", "unset", "history", "rollback"}));
  command->add_option("key", request.key, "of a setting; to roll back, a version of the history");
  command->add_option_function<std::string>(
      "value",
      [&request](const std::string& value) {
        request.value = value;
        request.has_value = true;
      },
      "what it shall be");
  return command;
}

void add_serve(CLI::App& app, Flags& flags) {
  auto* command = app.add_subcommand("serve", "serves the shop over HTTP until SIGTERM or SIGINT");
  add_common(*command, flags);
  command->add_option("--listen", flags.listen, "HOST:PORT; port 0 takes a free one (setting listen)");
  command->add_flag("--check-config", flags.check_config, "prints the effective settings and ends");
  command->add_flag("--print-reference", flags.print_reference, "prints all settings with their meaning and ends");
}

constexpr const char* kExitCodes =
    "Exit codes: 0 done; 64 wrong command line; 65 import: some rows were refused, a diff: something differs;\n"
    "66 a file cannot be read;\n"
    "69 the data directory or the port cannot be used; 70 internal error; 74 a write to the disk failed;\n"
    "75 stopped before every request was answered; 78 wrong configuration.";

int print_version() {
  std::printf("souk %s (json kernel %s)\n", SOUK_VERSION, json_kernel().c_str());
  return exit_code::kOk;
}

/// They wait for whoever looks for them (app/serve.cpp).
void hold_hangups() {
  sigset_t hangup;
  sigemptyset(&hangup);
  sigaddset(&hangup, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &hangup, nullptr);
}

int check_and_serve(const Flags& flags, ConfigSources sources, const EffectiveConfig& config) {
  if (const auto checked = check_setup(config); !checked) return report(checked.error());
  if (flags.check_config) {
    std::fputs(print_effective(config).c_str(), stdout);
    return exit_code::kOk;
  }
  LiveConfig live(std::move(sources), config);
  return serve(live);
}

}  // namespace

int run(int argc, char** argv) {
  CLI::App app{"Souk, an event-sourced commerce engine", "souk"};
  app.require_subcommand(1);
  app.footer(kExitCodes);
  Flags flags;

  add_serve(app, flags);

  std::string file;
  RemoteShop shop;
  auto* import_command =
      app.add_subcommand("import", "takes a catalogue of JSON lines into a data directory or a running server");
  add_common(*import_command, flags);
  add_remote(*import_command, shop);
  import_command->add_option("file", file, "the file; - for standard input")->required();

  auto* export_command = app.add_subcommand("export", "prints the catalogue as JSON lines that import takes");
  add_common(*export_command, flags);
  add_remote(*export_command, shop);

  EventRange range;
  auto* events_command = add_events(app, flags, range);

  ProjectionsRequest tended;
  auto* projections_command = add_projections(app, flags, shop, tended);

  ConfigRequest configured;
  auto* config_command = add_config(app, flags, shop, configured);

  std::string schemas_of;
  auto* schema_command = app.add_subcommand("schema", "prints JSON schemas");
  schema_command->add_option("of", schemas_of, "events: what the log and the feed hold")
      ->required()
      ->check(CLI::IsMember({"events"}));

  auto* version_command = app.add_subcommand("version", "prints the version");

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? exit_code::kOk : exit_code::kUsage;
  }
  if (version_command->parsed()) return print_version();
  if (schema_command->parsed()) return print_schemas(schemas_of);
  if (flags.print_reference) {
    std::fputs(print_reference().c_str(), stdout);
    return exit_code::kOk;
  }
  auto sources = sources_of(flags);
  // Read once: what changes meanwhile is another content.
  if (!sources.file.empty()) {
    sources.file_text = read_file(sources.file);
    if (!sources.file_text) return report(unreadable(sources.file));
  }
  const auto config = load_config(sources);
  if (!config) return report(config.error());
  if (import_command->parsed()) {
    return shop.url.empty() ? import_catalogue(config->values, file) : import_into_server(config->values, shop, file);
  }
  if (export_command->parsed()) {
    return shop.url.empty() ? export_catalogue(config->values) : export_from_server(config->values, shop);
  }
  if (projections_command->parsed()) return tend_projections(config->values, shop, tended);
  if (events_command->parsed()) return print_events(config->values, range);
  if (config_command->parsed()) return tend_config(*config, shop, configured);
  return check_and_serve(flags, std::move(sources), *config);
}

}  // namespace souk

int main(int argc, char** argv) {
  // Before anything else of a server: whoever asks it to read its files again need not know how far it has got.
  if (argc > 1 && std::string_view(argv[1]) == "serve") souk::hold_hangups();
  // The log and the read models are the shop's: its group may read them (analysts), nobody else.
  ::umask(::umask(0) | 07);
  // A file at its limit is an error of the write, which the log reports as one; the signal would end us without a word.
  std::signal(SIGXFSZ, SIG_IGN);
  return souk::run(argc, argv);
}
