/// Whether one more request may join a queue that is served in order: sheds early, the least important first, when what
/// leaves the queue has waited for too long.
///
/// The measure is the delay in the queue, as CoDel has it: what counts is the least of an interval. A queue that was
/// once short in it takes in bursts; one that stayed long is overload, however short it is in requests. Then, as in
/// DAGOR, a line is drawn behind which requests are shed, where as many came before it in the last interval as were
/// served, and fewer while there is something to drain. When the delay is right again the line moves back, step by
/// step, and is gone at once when no more is asked than was served lately: a stall is over when it is over. Requests
/// stand in the order of their classes, and within each in one of their users that chance has made: who
/// is let in is let in with all that belongs together, and another not at all. The order is made anew every few
/// minutes. What waits is bounded besides, since a flood is faster than an interval. `kAlways` is never shed.
///
/// One user who asks as much as all others is no matter of order: limit users as well (limiter.hpp).
///
/// It knows no clock: times come in.
/// Thread-safety: every function from any thread. Few instructions and no lock, but for one thread once an interval.
/// Ownership: an `Admitted` must not outlive its Admission.
/// Source: Nichols and Jacobson, "Controlling Queue Delay", ACM Queue 10 (2012); Zhou et al., "Overload Control for
/// Scaling WeChat Microservices", SoCC 2018 (DAGOR).
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>

#include "engine/base/time.hpp"

namespace souk::limits {

/// What is shed last comes first.
enum class Priority : std::uint8_t {
  kAlways,     ///< probes, administrators: the way out of trouble
  kMoney,      ///< callbacks of payments: somebody has paid
  kCommitted,  ///< placing an order, paying: what began already
  kNormal,
  kBrowsing,
};

class Admission {
 public:
  struct Options {
    Duration target = Duration::milliseconds(20);      ///< a delay that is no overload
    Duration interval = Duration::milliseconds(100);   ///< how long it may be above
    Duration delay_max = Duration::milliseconds(250);  ///< half of it for the least important
    std::int64_t waiting_harmless = 0;                 ///< so few are no overload, however slowly they are served
    std::int64_t waiting_min = 200;                    ///< so many may wait, however little was served lately
    std::int64_t waiting_max = 20'000;                 ///< and no more than so many
    Duration order_for = Duration::minutes(5);         ///< how long a user stays where it is
  };

  /// A request in the queue. It leaves it once: when it is begun, or else without being measured when it is destroyed.
  class Admitted {
   public:
    Admitted() = default;
    Admitted(Admitted&& other) noexcept { *this = std::move(other); }
    Admitted& operator=(Admitted&& other) noexcept;
    Admitted(const Admitted&) = delete;
    Admitted& operator=(const Admitted&) = delete;
    ~Admitted() { leave(); }

    void begun(Time now);
    /// Likewise, where the delay in the queue is measured apart from requests, by `waited`.
    void served();

   private:
    friend class Admission;
    Admitted(Admission* admission, Time since) : admission_(admission), since_(since) {}
    void leave();

    Admission* admission_ = nullptr;
    Time since_;
  };

  struct Figures {
    std::uint64_t admitted_ever = 0;
    std::array<std::uint64_t, 5> shed_ever{};  ///< by priority
    std::int64_t waiting = 0;
    Duration delay;  ///< the least of the last interval
    bool is_overloaded = false;
    Priority line = Priority::kBrowsing;  ///< of the first request that is shed, if any is
    bool is_shedding = false;
  };

  explicit Admission(Options options) : options_(options), room_(options.waiting_min) {}

  /// `user`: any number that is the same for all that belongs together. Nothing: shed it, with 503.
  std::optional<Admitted> admit(Priority priority, std::uint64_t user, Time now);

  /// How long something that has left the queue had been in it.
  void waited(Duration delay);

  [[nodiscard]] Figures figures() const;

 private:
  static constexpr std::size_t kClasses = 5;
  static constexpr std::size_t kBinsOfClass = 64;
  static constexpr std::size_t kBins = kClasses * kBinsOfClass;
  static constexpr int kBinShift = 26;  ///< a class is 2^32 places long
  static constexpr std::uint64_t kEnd = std::uint64_t{kClasses} << 32;
  static constexpr std::int64_t kNoDelay = INT64_MAX;

  [[nodiscard]] std::uint64_t place_of(Priority priority, std::uint64_t user, Time now) const;
  [[nodiscard]] bool has_room(Priority priority) const;
  void look(Time now);
  void judge(Time now, std::int64_t elapsed_us);
  /// The least delay in the interval that is over.
  [[nodiscard]] std::int64_t take_least(Time now, std::int64_t elapsed_us);
  /// The place before which `wanted` requests came in the last interval, or the end.
  [[nodiscard]] std::uint64_t line_for(double wanted, const std::array<double, kBins>& asked) const;

  const Options options_;
  std::atomic<std::int64_t> waiting_{0};
  std::atomic<std::int64_t> waiting_since_us_{0};  ///< when somebody came to an empty queue
  std::atomic<std::uint64_t> line_{kEnd};
  std::array<std::atomic<std::uint32_t>, kBins> asked_{};
  std::atomic<std::int64_t> served_{0};
  std::atomic<std::int64_t> least_us_{kNoDelay};
  std::atomic<std::int64_t> interval_began_us_{INT64_MIN};

  std::atomic<std::int64_t> room_;
  std::mutex mutex_;     ///< held by who ends an interval
  double best_ = 0;      ///< served in an interval, lately
  double capacity_ = 0;  ///< served in an interval when it was last overloaded
  double budget_ = 0;    ///< to be let in in an interval, while it sheds

  std::atomic<std::uint64_t> admitted_ever_{0};
  std::array<std::atomic<std::uint64_t>, kClasses> shed_ever_{};
  std::atomic<std::int64_t> last_least_us_{0};
  std::atomic<bool> is_overloaded_{false};
};

}  // namespace souk::limits
