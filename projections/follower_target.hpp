/// What a follower feeds: the file of a read model, an index of a search engine, a topic of a broker.
///
/// Three places in the log, each at or behind the one before it:
///
///   accepted    handed over: the next batch begins behind it
///   held        in the target for good, as its readers see it, or parked: whoever waits for a position waits for this
///   checkpoint  written down: a process that begins now begins behind it
///
/// In a file the three are one, save that events of no interest are not written down at once. A target that answers
/// later accepts first, bounds by `room` what is under way, and moves the other two as the answers come; what lies
/// between checkpoint and accepted when the process ends is handed over again. Then it must do no harm twice.
///
/// Thread-safety: one thread at a time, save `held`, `complete_at` and `path`, which any thread may ask, and the
/// callback of `on_change`, which the target may call on any thread of its own, though not within a call of the
/// follower's.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/position.hpp"
#include "engine/base/result.hpp"
#include "engine/base/time.hpp"
#include "eventstore/event_log.hpp"
#include "eventstore/record.hpp"

namespace souk {

/// An event that its target could not take in, or that came later in the stream of such a one.
struct ParkedEvent {
  Position position;
  StreamId stream;
  std::string type;
  std::string reason;  ///< of the Error; "projection.behind_parked" for the later ones
  std::string detail;
  Time parked_at;
};

/// What becomes of an event that a target cannot take in, where neither the disk nor a peer is to blame.
enum class OnPoison : std::uint8_t {
  kPark,   ///< it is set aside with the later ones of its stream, all else goes on
  kRetry,  ///< it is tried again, ever more slowly, and nothing goes on before it
  kStop,   ///< nothing goes on until somebody resumes
};

class FollowerTarget {
 public:
  static constexpr std::size_t kAnyNumber = std::numeric_limits<std::size_t>::max();

  FollowerTarget() = default;
  FollowerTarget(const FollowerTarget&) = delete;
  FollowerTarget& operator=(const FollowerTarget&) = delete;
  virtual ~FollowerTarget() = default;

  /// a–z, 0–9 and '_'.
  [[nodiscard]] virtual std::string_view name() const = 0;
  /// The kinds of entities whose events it is given; none means all.
  [[nodiscard]] virtual std::vector<std::string_view> kinds() const = 0;
  /// A file that its readers open; empty: there is none.
  [[nodiscard]] virtual std::string path() const { return {}; }

  [[nodiscard]] virtual Position accepted() const = 0;
  [[nodiscard]] virtual Position held() const = 0;
  [[nodiscard]] virtual Position checkpoint() const = 0;
  /// Where the log had come to when it was made: before it holds that, what its readers see is not all there was.
  [[nodiscard]] virtual Position complete_at() const { return {}; }

  /// How many events it would accept now; after none it says by `on_change` that there is room again.
  /// Error: something that it accepted has failed; `reload` comes next.
  [[nodiscard]] virtual Result<std::size_t> room() { return kAnyNumber; }
  /// Whether `take` is to be called although no event is new: there is something else that it has to write.
  [[nodiscard]] virtual bool has_work() { return false; }

  struct Taken {
    Position upto;                      ///< accepted now
    std::size_t applied = 0;            ///< events taken in
    bool wrote = false;                 ///< something was written for it
    std::vector<ParkedEvent> parked;    ///< set aside just now
    std::optional<ParkedEvent> poison;  ///< what stands behind `upto`, if it could not be taken in and not be parked
  };
  /// Takes the records, which are all there are of its kinds behind `accepted` up to `upto`. None: only the place
  /// moves, or it has work of its own. On an Error nothing is known to have happened, and `reload` comes before the
  /// next call.
  virtual Result<Taken> take(const std::vector<RecordPtr>& records, Position upto, OnPoison policy, Time now) = 0;
  /// Goes back to what is written down, after a failure.
  virtual Result<void> reload() = 0;

  [[nodiscard]] virtual std::size_t parked_count() const = 0;
  /// The earliest ones, in the order of the log.
  virtual Result<std::vector<ParkedEvent>> parked(std::size_t limit) = 0;
  /// For so long parked events are tried again, until others may use the target in between.
  static constexpr std::chrono::milliseconds kRetryTurn{1'000};
  struct Retried {
    std::size_t applied = 0;       ///< events taken in
    std::optional<Position> next;  ///< where another turn goes on; none: all have been tried
  };
  /// Tries parked events again, stream by stream in order, from the first stream that has none before `from`; each
  /// stream stops at its first failure. Error: no event is to blame, and the others would fail, too.
  virtual Result<Retried> retry_parked(EventLog& log, Position from) = 0;

  /// It was made from the beginning in one go and shall serve from now on: what it holds survives a power cut.
  virtual Result<void> settle() { return {}; }
  /// The follower ends: writes down what saves work at the next start. Must end in bounded time.
  virtual void finish(Time now) { (void)now; }

  /// To be called when `held` has moved by itself, when there is room again, or when something accepted has failed.
  /// Set before the first `take`; null: nobody is there any more.
  virtual void on_change(std::function<void()> tell) { (void)tell; }
};

}  // namespace souk
