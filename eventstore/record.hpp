/// One event as the log keeps it: where it stands, what it is, who and what caused it, and its payload.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/id.hpp"
#include "engine/base/position.hpp"
#include "engine/base/stream_id.hpp"
#include "engine/base/time.hpp"

namespace souk {

using Hash256 = std::array<std::uint8_t, 32>;

/// A keyed hash of the request that carried an idempotency key; zero where there was none.
using Fingerprint = std::array<std::uint8_t, 16>;

/// What made an entity obey a command. Values are stored: do not change.
enum class Cause : std::uint8_t {
  kRequest = 0,  ///< somebody outside asked
  kEffect = 1,   ///< the reaction to another event; `causation` is that event's position
  kTimer = 2,    ///< a timer that fell due; `causation` is the position of the event that set it
  kCall = 3,     ///< the answer of a peer outside the process; `causation` is the position of the event that asked
};
inline constexpr Cause kLastCause = Cause::kCall;

/// What an event does to its own entity's timers. Values are stored: do not change.
struct TimerChange {
  enum class Kind : std::uint8_t { kSet = 0, kCleared = 1 };
  Kind kind = Kind::kSet;
  std::string name;  ///< unique within the entity; setting it again moves it
  Time due;          ///< of a cleared timer: the due time it had

  friend bool operator==(const TimerChange&, const TimerChange&) = default;
};

/// What is the same for all events of one command.
struct CommandMeta {
  CommandId command_id;  ///< with a key: a keyed hash of account, route and key; else random
  bool has_key = false;  ///< whether the caller may repeat the command by the same key
  Fingerprint fingerprint{};
  Cause cause = Cause::kRequest;
  Position causation;
  std::string principal;    ///< who acts, such as "account:01h…" or "system:timer"; no personal data
  std::string correlation;  ///< the id of the request at the beginning of it all
  std::string trace;        ///< W3C trace id, or empty

  friend bool operator==(const CommandMeta&, const CommandMeta&) = default;
};

struct EventRecord {
  std::uint32_t epoch = 0;
  Position position;
  StreamId stream;
  Version version;
  std::uint32_t tenant = 0;
  std::string type;  ///< frozen wire name, such as "cart.item_added"
  std::uint16_t schema = 1;
  Time recorded_at;  ///< never goes back along the log
  CommandMeta meta;
  bool last_of_command = true;
  std::vector<TimerChange> timers;
  std::string payload;  ///< JSON

  /// Known to ask nothing of anybody, so that it need not be decoded to find out. In memory only, never stored.
  bool effect_free = false;

  /// Chained over the previous record's hash and this record's stored bytes. Set when the record becomes durable: may
  /// be read only of a record at or before the durable head.
  Hash256 hash{};

  /// The first half of the hash: two records of any logs have the same id only if they are the same.
  [[nodiscard]] Id128 event_id() const { return Id128::from_bytes(hash.data()); }
};

using RecordPtr = std::shared_ptr<const EventRecord>;

}  // namespace souk
