#include <cstdio>

#include "app/commands.hpp"
#include "app/data_directory.hpp"
#include "app/exit_codes.hpp"
#include "app/system_clock.hpp"
#include "engine/base/json_writer.hpp"
#include "eventstore/record_text.hpp"
#include "eventstore/rocks_log_view.hpp"

namespace souk {
namespace {

constexpr std::size_t kBatch = 1'000;

void write_timers(JsonWriter& json, const EventRecord& record) {
  if (record.timers.empty()) return;
  json.key("timers");
  json.begin_array();
  for (const auto& change : record.timers) {
    json.begin_object();
    json.key(change.kind == TimerChange::Kind::kSet ? "set" : "cleared");
    json.string(change.name);
    json.key("due");
    json.string(change.due.str());
    json.end_object();
  }
  json.end_array();
}

std::string render(const EventRecord& record) {
  std::string line;
  JsonWriter json(line);
  json.begin_object();
  json.key("position");
  json.unsigned_integer(record.position.value);
  json.key("epoch");
  json.unsigned_integer(record.epoch);
  json.key("stream");
  json.string(record.stream.text());
  json.key("version");
  json.unsigned_integer(record.version.value);
  json.key("type");
  json.string(record.type);
  json.key("schema");
  json.unsigned_integer(record.schema);
  json.key("recorded_at");
  json.string(record.recorded_at.str());
  json.key("event_id");
  json.string(record.event_id().str());
  json.key("command_id");
  json.string(record.meta.command_id.str());
  json.key("cause");
  json.string(name_of(record.meta.cause));
  if (record.meta.causation.value > 0) {
    json.key("causation");
    json.unsigned_integer(record.meta.causation.value);
  }
  json.key("principal");
  json.string(record.meta.principal);
  json.key("correlation");
  json.string(record.meta.correlation);
  json.key("last_of_command");
  json.boolean(record.last_of_command);
  write_timers(json, record);
  json.key("payload");
  json.raw(without_secrets(record.payload));
  json.end_object();
  line.push_back('\n');
  return line;
}

}  // namespace

int print_events(const Config& config, const EventRange& range) {
  std::optional<StreamId> stream;
  if (range.stream) {
    stream = StreamId::parse(*range.stream);
    if (!stream) {
      std::fprintf(stderr, "souk: events: '%s' is no stream; one looks like order-01h…\n", range.stream->c_str());
      return exit_code::kUsage;
    }
  }
  SystemClock clock;
  const auto log = RocksLogView::open(log_directory(config), clock);
  if (!log) return report(log.error());
  const std::uint64_t to = range.to.value_or(~std::uint64_t{0});
  Position after{range.from > 0 ? range.from - 1 : 0};
  while (after.value < to) {
    const auto records = (*log)->read(after, kBatch);
    if (!records) return report(records.error());
    if (records->empty()) break;
    for (const auto& record : *records) {
      after = record->position;
      if (after.value > to) break;
      if (stream && record->stream != *stream) continue;
      const std::string line = render(*record);
      if (std::fwrite(line.data(), 1, line.size(), stdout) != line.size()) return exit_code::kDiskFailed;
    }
  }
  return std::fflush(stdout) == 0 ? exit_code::kOk : exit_code::kDiskFailed;
}

}  // namespace souk
