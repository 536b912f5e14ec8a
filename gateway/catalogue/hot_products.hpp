/// The products that are looked at, put into carts and ordered most, over the last hour or so, in bounded memory.
///
/// The hour is six windows of ten minutes. Each has a sketch of its own that counts what it sees and remembers the 64
/// most frequent; the oldest window is dropped as a whole. What is most frequent over all of them is among those that
/// some window remembers, or less frequent in each than its 64th. Only live requests are counted: a read model that is
/// made anew counts nothing.
///
/// Source: HeavyKeeper (Gong et al., "HeavyKeeper: An Accurate Algorithm for Finding Top-k Elephant Flows", USENIX ATC
/// 2018): a counter belongs to one product, and what comes from others takes from it with a chance that falls with its
/// height, so that a frequent product keeps its counter and is never counted too high but for a collision of its mark.
/// Thread-safety: any thread. `count` takes a lock and some tens of nanoseconds.
#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <unordered_set>
#include <vector>

#include "engine/base/id.hpp"
#include "engine/base/time.hpp"

namespace souk {

struct HotProduct {
  ProductId product;
  std::uint64_t points = 0;
};

class HotProducts {
 public:
  static constexpr std::size_t kMax = 64;
  static constexpr std::size_t kWindows = 6;
  static constexpr std::int64_t kWindowUs = 600'000'000;

  /// What a sign of interest is worth.
  static constexpr std::uint32_t kLookedAt = 1;
  static constexpr std::uint32_t kPutIntoCart = 4;
  static constexpr std::uint32_t kOrdered = 10;

  void count(ProductId product, std::uint32_t points, Time now);

  /// The most frequent first.
  [[nodiscard]] std::vector<HotProduct> top(std::size_t limit, Time now) const;
  /// Of the points of the last hour, how many are of the ten most frequent: 0 to 1.
  [[nodiscard]] double share_of_ten(Time now) const;
  /// Whether it is among those that the last two windows remember: the last one may have begun just now.
  [[nodiscard]] bool is_hot(ProductId product) const;

 private:
  static constexpr std::size_t kRows = 2;
  static constexpr std::size_t kColumns = 2'048;

  struct Counter {
    std::uint32_t mark = 0;
    std::uint32_t count = 0;
  };
  struct Window {
    std::int64_t number = -1;  ///< since 1970; −1: nothing yet
    std::uint64_t total = 0;
    std::array<std::array<Counter, kColumns>, kRows> counters{};
    std::vector<HotProduct> most;  ///< at most kMax, in no order
    std::uint64_t least = 0;       ///< of those, once there are kMax
  };

  void begin(Window& window, std::int64_t number) const;
  std::uint32_t add(Window& window, ProductId product, std::uint32_t points);
  static void remember(Window& window, ProductId product, std::uint64_t points);
  bool takes_one(std::uint32_t count);
  template <class Each>
  void each_window(Time now, const Each& each) const;

  mutable std::mutex mutex_;
  std::vector<Window> windows_{kWindows};
  std::size_t current_ = 0;
  std::uint64_t random_ = 0x9E3779B97F4A7C15ULL;
};

}  // namespace souk
