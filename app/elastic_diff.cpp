#include <cstdio>
#include <memory>
#include <utility>

#include "app/commands.hpp"
#include "app/data_directory.hpp"
#include "app/exit_codes.hpp"
#include "app/search_setup.hpp"
#include "app/system_clock.hpp"
#include "eventstore/rocks_log_view.hpp"
#include "projections/elastic/diff.hpp"
#include "projections/follower_control.hpp"

namespace souk {

namespace {

/// It is opened once something is read: a view ends where the log ended then.
ReadLog log_of(const Config& config, Clock& clock) {
  return [&config, &clock, log = std::shared_ptr<RocksLogView>()](
             Position after, std::size_t limit) mutable -> Result<std::vector<RecordPtr>> {
    if (!log) {
      auto opened = RocksLogView::open(log_directory(config), clock);
      if (!opened) return tl::unexpected<Error>(std::move(opened.error()));
      log = std::move(*opened);
    }
    return log->read(after, limit);
  };
}

/// Of which log the read models are.
Result<LogIdentity> identity_of(const Config& config) {
  auto db = sqlite::Database::open(projections_directory(config) + "/search.sqlite", sqlite::Database::Mode::kReader);
  if (!db) return tl::unexpected<Error>(std::move(db.error()));
  auto query = db->query("SELECT log_id, epoch FROM souk_checkpoint");
  if (!query) return tl::unexpected<Error>(std::move(query.error()));
  const auto row = query->step();
  if (!row) return tl::unexpected<Error>(row.error());
  return LogIdentity{query->id(0), static_cast<std::uint32_t>(query->integer(1))};
}

std::string text_of(const elastic::IndexDiff& found) {
  if (const auto& first = found.first) {
    return "elasticsearch differs from the log: product " + first->product.str() +
           "\n  index:   " + first->in_index.value_or("(no such document)") +
           "\n  rebuilt: " + first->expected.value_or("(no such product)") +
           "\n  event:   " + std::to_string(first->event.value);
  }
  std::string text = "elasticsearch is as the log says up to position " + std::to_string(found.position.value) + ": " +
                     std::to_string(found.compared) + " documents";
  if (found.behind > 0) text += ", " + std::to_string(found.behind) + " that changed later are not there yet";
  if (found.parked > 0) text += ", " + std::to_string(found.parked) + " are parked";
  return text;
}

}  // namespace

int diff_elastic(const Config& config) {
  SystemClock clock;
  const auto log = identity_of(config);
  if (!log) return report(log.error());
  const std::string scratch = projections_directory(config) + "/elasticsearch.diff.sqlite";
  const auto control = ControlFile::open(projections_directory(config) + "/control.json", false);
  if (!control) return report(control.error());
  const auto known = control->find("elasticsearch");
  const auto generation = known ? static_cast<std::uint64_t>(known->live) : 1;
  const auto found = elastic::diff_index(elastic_options(config), generation, *log, scratch, log_of(config, clock));
  if (!found) return report(found.error());
  if (!print_line(text_of(*found)) || std::fflush(stdout) != 0) return exit_code::kDiskFailed;
  return found->first ? exit_code::kRowsDiffer : exit_code::kOk;
}

}  // namespace souk
