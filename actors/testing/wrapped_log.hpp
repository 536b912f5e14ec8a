/// An event log that passes everything on to another: tests override what they want to be different.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "eventstore/memory_event_log.hpp"

namespace souk::testing {

class WrappedLog : public EventLog {
 public:
  explicit WrappedLog(Clock& clock, MemoryLogOptions options = {}) : inner(clock, std::move(options)) {}

  tl::expected<Appended, Conflict> append(AppendRequest request) override { return inner.append(std::move(request)); }
  void forget_timer(const PendingTimer& timer) override { inner.forget_timer(timer); }
  void set_checkpoint(std::string_view consumer, Position position) override {
    inner.set_checkpoint(consumer, position);
  }
  void save_snapshot(const StreamId& stream, Snapshot snapshot) override {
    inner.save_snapshot(stream, std::move(snapshot));
  }
  Result<LoadedStream> load(const StreamId& stream, std::uint32_t state_schema) override {
    return inner.load(stream, state_schema);
  }
  Result<std::vector<RecordPtr>> read_stream(const StreamId& stream, Version after, std::size_t limit) override {
    return inner.read_stream(stream, after, limit);
  }
  Result<std::vector<RecordPtr>> read(Position after, std::size_t limit, Visibility visibility) override {
    return inner.read(after, limit, visibility);
  }
  std::optional<std::vector<RecordPtr>> read_recent(Position after, std::size_t limit) override {
    return inner.read_recent(after, limit);
  }
  Position head(Visibility visibility) const override { return inner.head(visibility); }
  std::optional<KnownCommand> find_command(const CommandId& id) override { return inner.find_command(id); }
  std::vector<PendingTimer> due_timers(Time until, std::size_t limit) override {
    return inner.due_timers(until, limit);
  }
  Position checkpoint(std::string_view consumer) const override { return inner.checkpoint(consumer); }
  Id128 log_id() const override { return inner.log_id(); }
  std::uint32_t epoch() const override { return inner.epoch(); }
  LogStats stats() const override { return inner.stats(); }
  void add_listener(LogListener* listener) override { inner.add_listener(listener); }
  void remove_listener(LogListener* listener) override { inner.remove_listener(listener); }

  MemoryEventLog inner;
};

}  // namespace souk::testing
