#include "eventstore/keys.hpp"

#include <cassert>
#include <cstring>

namespace souk::keys {
namespace {

constexpr std::size_t kNumberBytes = 8;
constexpr char kByDue = 'd';
constexpr char kByName = 'n';
constexpr char kSnapshotFormat = 1;
constexpr std::size_t kSnapshotFixedBytes = 1 + 3 * kNumberBytes;
constexpr std::size_t kCommandFixedBytes = 2 * kNumberBytes + sizeof(Fingerprint);

/// Times before 1970 are negative, and must still sort before the others.
std::uint64_t sortable(Time time) {
  return static_cast<std::uint64_t>(time.us) ^ (std::uint64_t{1} << 63);
}
Time from_sortable(std::uint64_t value) {
  return {static_cast<std::int64_t>(value ^ (std::uint64_t{1} << 63))};
}

void add(std::string& out, std::uint64_t value) {
  out.append(Number(value).bytes());
}

std::uint64_t number_at(std::string_view bytes, std::size_t offset) {
  return parse_number(bytes.substr(offset, kNumberBytes)).value_or(0);
}

}  // namespace

Number::Number(std::uint64_t value) {
  const std::uint64_t swapped = __builtin_bswap64(value);
  std::memcpy(bytes_, &swapped, sizeof bytes_);
}

std::optional<std::uint64_t> parse_number(std::string_view bytes) {
  std::uint64_t value = 0;
  if (bytes.size() != sizeof value) return std::nullopt;
  std::memcpy(&value, bytes.data(), sizeof value);
  return __builtin_bswap64(value);
}

StreamVersion::StreamVersion(const StreamId& stream, Version version) {
  const auto text = stream.text();
  assert(text.size() + 1 + kNumberBytes <= sizeof bytes_);
  std::memcpy(bytes_, text.data(), text.size());
  bytes_[text.size()] = '\0';
  std::memcpy(bytes_ + text.size() + 1, Number(version.value).bytes().data(), kNumberBytes);
  size_ = text.size() + 1 + kNumberBytes;
}

std::optional<ParsedStreamVersion> parse_stream_version(std::string_view key) {
  if (key.size() < 1 + kNumberBytes || key[key.size() - kNumberBytes - 1] != '\0') return std::nullopt;
  const auto stream = StreamId::parse(key.substr(0, key.size() - kNumberBytes - 1));
  if (!stream) return std::nullopt;
  return ParsedStreamVersion{*stream, {number_at(key, key.size() - kNumberBytes)}};
}

std::string timer_by_due(Time due, const StreamId& stream, std::string_view name) {
  std::string key(1, kByDue);
  add(key, sortable(due));
  key.append(stream.text()).append(1, '\0').append(name);
  return key;
}

std::string timer_by_name(const StreamId& stream, std::string_view name) {
  std::string key(1, kByName);
  key.append(stream.text()).append(1, '\0').append(name);
  return key;
}

std::string timers_behind(Time until) {
  std::string key(1, kByDue);
  add(key, sortable(until));
  // Stream ids are ASCII, so this sorts behind every one of them.
  key.push_back('\xff');
  return key;
}

std::optional<PendingTimer> parse_timer_by_due(std::string_view key) {
  if (key.size() < 1 + kNumberBytes || key.front() != kByDue) return std::nullopt;
  const auto rest = key.substr(1 + kNumberBytes);
  const auto zero = rest.find('\0');
  if (zero == std::string_view::npos) return std::nullopt;
  const auto stream = StreamId::parse(rest.substr(0, zero));
  if (!stream) return std::nullopt;
  return PendingTimer{*stream, std::string(rest.substr(zero + 1)), from_sortable(number_at(key, 1)), {}};
}

std::string timer_value(const TimerValue& value) {
  std::string out;
  add(out, sortable(value.due));
  add(out, value.set_by.value);
  return out;
}

std::optional<TimerValue> parse_timer_value(std::string_view bytes) {
  if (bytes.size() != 2 * kNumberBytes) return std::nullopt;
  return TimerValue{from_sortable(number_at(bytes, 0)), {number_at(bytes, kNumberBytes)}};
}

std::string command_key(const CommandId& id) {
  std::string key;
  add(key, id.value.high);
  add(key, id.value.low);
  return key;
}

std::string command_value(const KnownCommand& command) {
  std::string out;
  out.reserve(kCommandFixedBytes + command.stream.text().size());
  add(out, command.position.value);
  add(out, sortable(command.recorded_at));
  out.append(reinterpret_cast<const char*>(command.fingerprint.data()), command.fingerprint.size());
  out.append(command.stream.text());
  return out;
}

std::optional<KnownCommand> parse_command_value(std::string_view bytes) {
  if (bytes.size() < kCommandFixedBytes) return std::nullopt;
  const auto stream = StreamId::parse(bytes.substr(kCommandFixedBytes));
  if (!stream) return std::nullopt;
  KnownCommand command{*stream, {number_at(bytes, 0)}, {}, from_sortable(number_at(bytes, kNumberBytes))};
  std::memcpy(command.fingerprint.data(), bytes.data() + 2 * kNumberBytes, command.fingerprint.size());
  return command;
}

std::string snapshot_value(const Snapshot& snapshot) {
  std::string out(1, kSnapshotFormat);
  out.reserve(kSnapshotFixedBytes + snapshot.state.size());
  add(out, snapshot.version.value);
  add(out, snapshot.position.value);
  add(out, snapshot.schema);
  out.append(snapshot.state);
  return out;
}

std::optional<Snapshot> parse_snapshot_value(std::string_view bytes) {
  if (bytes.size() < kSnapshotFixedBytes || bytes.front() != kSnapshotFormat) return std::nullopt;
  return Snapshot{{number_at(bytes, 1)},
                  {number_at(bytes, 1 + kNumberBytes)},
                  static_cast<std::uint32_t>(number_at(bytes, 1 + 2 * kNumberBytes)),
                  std::string(bytes.substr(kSnapshotFixedBytes))};
}

}  // namespace souk::keys
