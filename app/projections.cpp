#include "projections/projections.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <mutex>
#include <thread>

#include "app/commands.hpp"
#include "app/data_directory.hpp"
#include "app/exit_codes.hpp"
#include "app/search_setup.hpp"
#include "app/shop_client.hpp"
#include "app/system_clock.hpp"
#include "engine/base/codec.hpp"
#include "eventstore/rocks_log_view.hpp"
#include "projections/diff.hpp"
#include "projections/follower_control.hpp"
#include "projections/read_model_source.hpp"

namespace souk {
namespace {

constexpr std::string_view kAll = "all";
constexpr std::string_view kRoute = "/api/v1/admin/projections";

/// Of the server's answers, what is printed in one line.
struct Summary {
  std::string name;
  std::string state;
  Position position;
  std::optional<std::int64_t> lag_events;  ///< none: nobody feeds the file, and it need not say how far it has looked
  std::int64_t parked_events = 0;
  std::int64_t generation = 0;
  struct Building {
    std::string kind;
    std::int64_t generation = 0;
    std::int64_t lag_events = 0;
    static constexpr auto fields() {
      return field_list(field("kind", &Building::kind), field("generation", &Building::generation),
                        field("lag_events", &Building::lag_events));
    }
  };
  std::optional<Building> building;
  static constexpr auto fields() {
    return field_list(field("name", &Summary::name), field("state", &Summary::state),
                      field("position", &Summary::position), field("lag_events", &Summary::lag_events),
                      field("parked_events", &Summary::parked_events), field("generation", &Summary::generation),
                      field("building", &Summary::building));
  }
};

struct Listed {
  std::vector<Summary> items;
  static constexpr auto fields() { return field_list(field("items", &Listed::items)); }
};

bool print(const Summary& one) {
  std::string line = one.name + "\t" + one.state + "\tposition " + std::to_string(one.position.value);
  if (one.lag_events) line += "\tbehind " + std::to_string(*one.lag_events);
  line += "\tparked " + std::to_string(one.parked_events) + "\tgeneration " + std::to_string(one.generation);
  if (one.building) {
    line += "\t" + one.building->kind + " of generation " + std::to_string(one.building->generation) + ", behind " +
            std::to_string(one.building->lag_events);
  }
  return print_line(std::move(line));
}

int finished(bool printed) {
  return printed && std::fflush(stdout) == 0 ? exit_code::kOk : exit_code::kDiskFailed;
}

int list_of_server(ShopClient& client) {
  const auto answer = client.get(std::string(kRoute));
  if (!answer) return report(answer.error());
  const auto listed = decode<Listed>(*answer, UnknownFields::kIgnored);
  if (!listed) return report(listed.error());
  return finished(std::ranges::all_of(listed->items, print));
}

/// What the file itself says; nobody need feed it.
Result<Summary> summary_of_file(const std::string& path, std::string_view name, bool paused) {
  Summary summary;
  summary.name = name;
  summary.state = paused ? "paused" : "file";
  auto db = sqlite::Database::open(path, sqlite::Database::Mode::kReader);
  if (!db) return tl::unexpected<Error>(std::move(db.error()));
  auto query = db->query("SELECT position, (SELECT count(*) FROM souk_parked) FROM souk_checkpoint");
  if (!query) return tl::unexpected<Error>(std::move(query.error()));
  const auto row = query->step();
  if (!row) return tl::unexpected<Error>(row.error());
  summary.position = Position{static_cast<std::uint64_t>(query->integer(0))};
  summary.parked_events = query->integer(1);
  std::error_code none;
  const auto file = std::filesystem::read_symlink(path, none).stem().extension().string();
  if (file.size() > 1) summary.generation = std::strtoll(file.c_str() + 1, nullptr, 10);
  return summary;
}

std::string file_of(const Config& config, std::string_view name) {
  return projections_directory(config) + "/" + std::string(name) + ".sqlite";
}

int list_of_files(const Config& config) {
  std::vector<std::pair<std::string, std::string>> files;
  for (const auto& make : all_projections()) {
    const std::string name(make()->name());
    files.emplace_back(name, file_of(config, name));
  }
  // The feed is there only where it was ever wanted.
  const std::string feed = projections_directory(config) + "/kafka.1.sqlite";
  std::error_code none;
  if (std::filesystem::exists(feed, none)) files.emplace_back("kafka", feed);
  const auto control = ControlFile::open(projections_directory(config) + "/control.json", false);
  if (!control) return report(control.error());
  for (const auto& [name, path] : files) {
    const auto told = control->find(name);
    const auto summary = summary_of_file(path, name, told && told->paused);
    if (!summary) return report(summary.error());
    if (!print(*summary)) return exit_code::kDiskFailed;
  }
  return finished(true);
}

/// The log as several read at a time, also beside a server that goes on writing.
class SharedView {
 public:
  explicit SharedView(std::string directory) : directory_(std::move(directory)) {}

  Result<std::vector<RecordPtr>> read(Position after, std::size_t limit) {
    std::shared_ptr<const RocksLogView> seen;
    for (int opened = 0;; ++opened) {
      {
        const std::lock_guard lock(mutex_);
        // A view ends where the log ended when it was opened; a file may be further by now.
        if (!view_ || view_ == seen) {
          auto view = RocksLogView::open(directory_, clock_);
          if (!view) return tl::unexpected<Error>(std::move(view.error()));
          view_ = std::move(*view);
        }
        seen = view_;
      }
      auto records = seen->read(after, limit);
      if (!records || !records->empty() || opened > 0) return records;
    }
  }

 private:
  const std::string directory_;
  SystemClock clock_;
  std::mutex mutex_;
  std::shared_ptr<const RocksLogView> view_;
};

std::string text_of(const std::string& name, const DiffReport& found) {
  if (!found.first && !found.part_at) {
    return name + " is as the log says up to position " + std::to_string(found.position.value) + "\n";
  }
  if (!found.first) {
    return name + " is as the log says, and the hash that it kept at position " + std::to_string(found.part_at->value) +
           " is not\n";
  }
  const auto& row = *found.first;
  std::string text = name + " differs from the log at position " + std::to_string(found.position.value) + ": table " +
                     row.table + ", key " + row.key + "\n  file:    " + row.in_file.value_or("(no such row)") +
                     "\n  rebuilt: " + row.rebuilt.value_or("(no such row)") + "\n  event:   " +
                     (row.event ? std::to_string(row.event->value) : std::string("none writes this row")) + "\n";
  if (found.changed_outside) text += "  the rows were changed by somebody else than the follower\n";
  if (found.part_at) {
    text += "  the hashes agree up to position " + std::to_string(found.agree_at.value) + " and differ at " +
            std::to_string(found.part_at->value) + "\n";
  }
  return text;
}

struct Compared {
  std::string text;
  int code = exit_code::kOk;
};

Compared compare(const Config& config, const MakeProjection& make, SharedView& log) {
  const std::string name(make()->name());
  const std::string scratch = projections_directory(config) + "/" + name + ".diff.sqlite";
  const auto found = diff_projection(file_of(config, name), scratch, make,
                                     [&log](Position after, std::size_t limit) { return log.read(after, limit); });
  if (!found) return {{}, report(found.error())};
  return {text_of(name, *found), found->first || found->part_at ? exit_code::kRowsDiffer : exit_code::kOk};
}

/// Two at a time, where there is room for the two largest copies that are made for it.
std::size_t threads_for(const Config& config, const std::vector<MakeProjection>& models) {
  std::vector<std::uint64_t> sizes;
  for (const auto& make : models) sizes.push_back(bytes_of_file(file_of(config, make()->name())) + kBuildLogBytes);
  if (sizes.size() < 2) return 1;
  std::ranges::sort(sizes, std::greater<>());
  return check_room_in(projections_directory(config), sizes[0] + sizes[1]) ? 2 : 1;
}

int diff(const Config& config, const std::string& name) {
  const bool has_elastic = !elastic_options(config).urls.empty();
  if (has_elastic && name == "elasticsearch") return diff_elastic(config);
  auto models = all_projections();
  if (name != kAll) std::erase_if(models, [&](const MakeProjection& make) { return make()->name() != name; });
  if (models.empty()) {
    std::fprintf(stderr,
                 "souk: projections: %s is no read model; a search engine is compared with the settings of its server, "
                 "such as --config FILE\n",
                 name.c_str());
    return exit_code::kUsage;
  }
  SharedView log(log_directory(config));
  std::vector<Compared> compared(models.size());
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (auto i = next++; i < models.size(); i = next++) compared[i] = compare(config, models[i], log);
  };
  std::vector<std::thread> threads;
  for (auto left = threads_for(config, models); left > 0; --left) threads.emplace_back(work);
  for (auto& thread : threads) thread.join();
  int worst = exit_code::kOk;
  for (const auto& one : compared) {
    worst = std::max(worst, one.code);
    std::fputs(one.text.c_str(), stdout);
  }
  if (has_elastic && name == kAll) worst = std::max(worst, diff_elastic(config));
  return std::fflush(stdout) == 0 ? worst : exit_code::kDiskFailed;
}

Result<std::string> tell_one(ShopClient& client, const ProjectionsRequest& request, const std::string& path) {
  if (request.action == "show") return client.get(path);
  if (request.action != "policy") return client.post(path + "/" + request.action, "application/json", "{}");
  const auto policy = request.policy == "default" ? std::string("null") : encode(request.policy);
  return client.patch(path, "{\"on_poison\":" + policy + "}");
}

int tell_server(ShopClient& client, const ProjectionsRequest& request) {
  std::vector<std::string> names{request.name};
  if (request.name == kAll) {
    const auto answer = client.get(std::string(kRoute));
    if (!answer) return report(answer.error());
    const auto listed = decode<Listed>(*answer, UnknownFields::kIgnored);
    if (!listed) return report(listed.error());
    names.clear();
    for (const auto& one : listed->items) names.push_back(one.name);
  }
  // What one of them refuses need not keep the others from it.
  int worst = exit_code::kOk;
  for (const auto& name : names) {
    auto answer = tell_one(client, request, std::string(kRoute) + "/" + name);
    if (!answer) {
      answer.error().detail = name + ": " + answer.error().detail;
      worst = std::max(worst, report(answer.error()));
    } else if (!print_line(*answer)) {
      return exit_code::kDiskFailed;
    }
  }
  return std::max(worst, finished(true));
}

}  // namespace

int tend_projections(const Config& config, const RemoteShop& shop, const ProjectionsRequest& request) {
  const bool is_list = request.action == "list";
  if (request.action == "diff" && shop.url.empty())
    return diff(config, request.name.empty() ? std::string(kAll) : request.name);
  if (is_list && shop.url.empty()) return list_of_files(config);
  if (request.action == "diff") {
    std::fputs("souk: projections: diff reads a data directory, also beside its server\n", stderr);
    return exit_code::kUsage;
  }
  if (shop.url.empty() || (!is_list && request.name.empty())) {
    std::fprintf(stderr, "souk: projections: %s needs %s\n", request.action.c_str(),
                 shop.url.empty() ? "--url, a running server" : "the name of a projection, or all");
    return exit_code::kUsage;
  }
  if ((request.action == "policy") == request.policy.empty()) {
    std::fputs("souk: projections: policy needs a name and one of park, retry, stop, default\n", stderr);
    return exit_code::kUsage;
  }
  const auto client = ShopClient::connect(shop, config);
  if (!client) return report(client.error());
  return is_list ? list_of_server(**client) : tell_server(**client, request);
}

}  // namespace souk
