/// The keys and small values of the families, as bytes whose order is the order wanted. Stored: do not change.
///
///   log          position (8, big-endian)                      → stored record (record_codec.hpp)
///   streams      stream 0x00 version (8, big-endian)           → position (8, big-endian)
///   timers       'd' due (8, big-endian, sign flipped) stream 0x00 name → position that set it (8)
///                'n' stream 0x00 name                          → due (8, as above), position that set it (8)
///   idempotency  command id (16)                               → position (8), record time (8), fingerprint (16),
///   stream snapshots    stream                                        → 1, version (8), position (8), schema (8),
///   state meta         "format", "log_id", "epoch", "checkpoint/…"   → text, or numbers of 8 bytes big-endian
///
/// streams, timers and idempotency hold under kHighKey the position up to which they cover the log.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "eventstore/event_log.hpp"

namespace souk::keys {

/// No stream, timer or command key begins like it and is as long.
inline constexpr std::string_view kHighKey{"\0high", 5};
inline constexpr std::string_view kCheckpointPrefix = "checkpoint/";
inline constexpr std::string_view kFormat = "format";
inline constexpr std::string_view kLogId = "log_id";
inline constexpr std::string_view kEpoch = "epoch";

/// Eight bytes, big-endian, without an allocation.
class Number {
 public:
  explicit Number(std::uint64_t value);
  explicit Number(Position position) : Number(position.value) {}
  [[nodiscard]] std::string_view bytes() const { return {bytes_, sizeof bytes_}; }

 private:
  char bytes_[8];
};
/// Nothing where the size is not eight.
[[nodiscard]] std::optional<std::uint64_t> parse_number(std::string_view bytes);

/// The place of one version in a stream, without an allocation.
class StreamVersion {
 public:
  StreamVersion(const StreamId& stream, Version version);
  [[nodiscard]] std::string_view bytes() const { return {bytes_, size_}; }

 private:
  char bytes_[sizeof(StreamId) + 9];
  std::size_t size_;
};
struct ParsedStreamVersion {
  StreamId stream;
  Version version;
};
[[nodiscard]] std::optional<ParsedStreamVersion> parse_stream_version(std::string_view key);

[[nodiscard]] std::string timer_by_due(Time due, const StreamId& stream, std::string_view name);
[[nodiscard]] std::string timer_by_name(const StreamId& stream, std::string_view name);
/// The first key that is behind all timers due at or before `until`.
[[nodiscard]] std::string timers_behind(Time until);
/// Of a key by due time; `set_by` stays zero.
[[nodiscard]] std::optional<PendingTimer> parse_timer_by_due(std::string_view key);

struct TimerValue {
  Time due;
  Position set_by;
};
[[nodiscard]] std::string timer_value(const TimerValue& value);
[[nodiscard]] std::optional<TimerValue> parse_timer_value(std::string_view bytes);

[[nodiscard]] std::string command_key(const CommandId& id);
[[nodiscard]] std::string command_value(const KnownCommand& command);
[[nodiscard]] std::optional<KnownCommand> parse_command_value(std::string_view bytes);

[[nodiscard]] std::string snapshot_value(const Snapshot& snapshot);
[[nodiscard]] std::optional<Snapshot> parse_snapshot_value(std::string_view bytes);

}  // namespace souk::keys
