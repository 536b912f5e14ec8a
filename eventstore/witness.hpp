/// The witness: a lower bound of the log's head, kept in a synced file of its own, outside the database.
///
/// A database whose newest write-ahead log was deleted opens without complaint, as if it had never held more; the
/// witness is what tells. It is written behind durability, at most every 100 ms, and nobody waits for it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "engine/base/id.hpp"
#include "engine/base/result.hpp"
#include "eventstore/fatal.hpp"
#include "eventstore/record.hpp"

namespace souk {

struct Witness {
  Id128 log_id;
  std::uint32_t epoch = 1;
  Position position;
  Hash256 hash{};

  friend bool operator==(const Witness&, const Witness&) = default;
};

inline constexpr const char* kWitnessFile = "witness";

[[nodiscard]] std::string encode_witness(const Witness& witness);
/// Errors: kInternal "store.witness_damaged".
[[nodiscard]] Result<Witness> decode_witness(std::string_view bytes);

/// Writes the witness of a growing log. Thread-safety: `note` from one thread.
class WitnessKeeper {
 public:
  WitnessKeeper(std::string directory, Witness start, std::chrono::milliseconds interval, FailStop& fail_stop);
  /// Writes the last one, unless something failed before.
  ~WitnessKeeper();
  WitnessKeeper(const WitnessKeeper&) = delete;
  WitnessKeeper& operator=(const WitnessKeeper&) = delete;

  /// All up to `position`, whose hash this is, has become durable. Never blocks on the disk.
  void note(Position position, const Hash256& hash);

 private:
  void run();

  const std::string directory_;
  const std::chrono::milliseconds interval_;
  FailStop& fail_stop_;

  std::mutex mutex_;
  std::condition_variable wake_;
  Witness latest_;
  Position written_;
  bool closing_ = false;
  std::thread thread_;
};

}  // namespace souk
