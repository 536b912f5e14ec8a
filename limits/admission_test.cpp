#include "limits/admission.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <thread>
#include <vector>

#include "engine/testing/random.hpp"

using namespace souk;
using namespace souk::limits;

namespace {

constexpr std::int64_t kSecond = 1'000'000;

/// One server that serves in order, a thousand requests a second, and clients who give up after a second.
class Shop {
 public:
  explicit Shop(Admission::Options options = {}) : admission_(options) {}

  struct Came {
    std::int64_t asked = 0;
    std::int64_t in_time = 0;
  };
  struct Stretch {
    std::array<Came, 5> by_class{};
    std::int64_t in_time = 0;  ///< answered while their clients still waited
    std::int64_t delay_worst_us = 0;
    [[nodiscard]] double goodput(std::int64_t seconds) const {
      return static_cast<double>(in_time) / static_cast<double>(seconds);
    }
    [[nodiscard]] double share(Priority priority) const {
      const Came& came = by_class[static_cast<std::size_t>(priority)];
      return static_cast<double>(came.in_time) / static_cast<double>(std::max<std::int64_t>(1, came.asked));
    }
  };

  /// So many times what can be served, for so long.
  Stretch open(double load, std::int64_t seconds) { return open_ms(load, seconds * 1'000); }
  Stretch open_ms(double load, std::int64_t milliseconds) {
    Stretch stretch;
    const std::int64_t end_us = now_us_ + milliseconds * 1'000;
    while (true) {
      next_us_ = std::max(next_us_, now_us_);
      next_us_ += exponential(kServiceUs / load);
      serve_until(std::min(next_us_, end_us), stretch);
      now_us_ = std::min(next_us_, end_us);
      if (now_us_ == end_us) return stretch;
      arrive(stretch);
    }
  }

  /// From now on each request costs so many times what it did.
  void serve_slower(double times) { slower_ = times; }
  /// Nothing is begun for so long.
  void stall(std::int64_t us) { free_at_us_ = std::max(free_at_us_, now_us_) + us; }
  /// Those who wait go away, and nobody measures for how long they have waited.
  void leave() { queue_.clear(); }
  [[nodiscard]] const Admission& admission() const { return admission_; }

 private:
  static constexpr double kServiceUs = 1'000;
  static constexpr std::int64_t kPatienceUs = kSecond;

  struct Waiting {
    Admission::Admitted admitted;
    Priority priority;
    std::int64_t since_us;
  };

  std::int64_t exponential(double mean_us) {
    const double chance = static_cast<double>((random_.next() >> 11) + 1) / 9007199254740993.0;
    return static_cast<std::int64_t>(-mean_us * std::log(chance));
  }

  void arrive(Stretch& stretch) {
    const std::uint64_t dice = random_.below(1'000);
    const Priority priority = dice < 5     ? Priority::kAlways
                              : dice < 15  ? Priority::kMoney
                              : dice < 45  ? Priority::kCommitted
                              : dice < 200 ? Priority::kNormal
                                           : Priority::kBrowsing;
    ++stretch.by_class[static_cast<std::size_t>(priority)].asked;
    if (auto admitted = admission_.admit(priority, random_.below(100'000), Time{now_us_})) {
      queue_.push_back({std::move(*admitted), priority, now_us_});
    }
  }

  void serve_until(std::int64_t end_us, Stretch& stretch) {
    while (!queue_.empty()) {
      const std::int64_t begin_us = std::max(free_at_us_, queue_.front().since_us);
      if (begin_us >= end_us) return;
      Waiting served = std::move(queue_.front());
      queue_.pop_front();
      served.admitted.begun(Time{begin_us});
      free_at_us_ = begin_us + exponential(kServiceUs * slower_);
      stretch.delay_worst_us = std::max(stretch.delay_worst_us, begin_us - served.since_us);
      if (free_at_us_ - served.since_us > kPatienceUs) continue;
      ++stretch.in_time;
      ++stretch.by_class[static_cast<std::size_t>(served.priority)].in_time;
    }
  }

  Admission admission_;
  souk::testing::Random random_{souk::testing::seed_of_tests()};
  std::deque<Waiting> queue_;
  std::int64_t now_us_ = kSecond;
  std::int64_t next_us_ = 0;
  std::int64_t free_at_us_ = 0;
  double slower_ = 1;
};

double peak() {
  double best = 0;
  for (const double load : {0.9, 1.0, 1.1}) best = std::max(best, Shop().open(load, 60).goodput(60));
  return best;
}

}  // namespace

TEST_CASE("a load that can be served is served, with no request shed") {
  Shop shop;
  const auto day = shop.open(0.7, 60);
  CHECK(day.share(Priority::kBrowsing) == doctest::Approx(1.0).epsilon(0.001));
  CHECK(shop.admission().figures().shed_ever == std::array<std::uint64_t, 5>{});
}

TEST_CASE("under twenty times the load as much is served in time as at the peak, from the first second on") {
  INFO("SOUK_SEED=" << souk::testing::seed_of_tests());
  const double best = peak();
  CHECK(best > 900);
  for (const double load : {1.5, 2.0, 5.0, 20.0, 50.0}) {
    Shop shop;
    shop.open(0.7, 10);
    const double first = shop.open(load, 1).goodput(1);
    const auto flood = shop.open(load, 30);
    MESSAGE(load << " times the load: " << first << ", then " << flood.goodput(30) << " of " << best << " a second");
    CHECK(flood.goodput(30) >= 0.9 * best);
    CHECK(first + flood.goodput(30) * 30 >= 0.9 * best * 31);
  }
}

TEST_CASE("a server that becomes slower, or faster, is given what it can serve") {
  Shop shop;
  shop.open(0.7, 10);
  shop.serve_slower(3);
  CHECK(shop.open(5, 30).goodput(30) >= 0.9 * peak() / 3);
  shop.serve_slower(1);
  shop.open(5, 10);
  CHECK(shop.open(5, 30).goodput(30) >= 0.9 * peak());
}

TEST_CASE("what is shed is the least important, and what must not be shed is not") {
  Shop shop;
  shop.open(0.7, 10);
  const auto flood = shop.open(20, 30);
  CHECK(flood.share(Priority::kAlways) >= 0.99);
  CHECK(flood.share(Priority::kMoney) >= 0.99);
  CHECK(flood.share(Priority::kCommitted) >= 0.9);
  CHECK(flood.share(Priority::kNormal) < 0.2);
  CHECK(flood.share(Priority::kBrowsing) < 0.02);
  CHECK(shop.admission().figures().shed_ever[0] == 0);
}

TEST_CASE("who is let in does not wait for long") {
  Shop shop;
  shop.open(0.7, 10);
  shop.open(20, 5);
  CHECK(shop.open(20, 20).delay_worst_us < kSecond / 4);
}

TEST_CASE("when the flood is over nobody is shed any more") {
  Shop shop;
  shop.open(20, 20);
  CHECK(shop.admission().figures().is_shedding);
  shop.open(0.7, 10);
  CHECK_FALSE(shop.admission().figures().is_shedding);
  CHECK(shop.open(0.7, 10).share(Priority::kBrowsing) == doctest::Approx(1.0).epsilon(0.001));
}

TEST_CASE("when a stall is over nobody is shed any more, however long it was") {
  INFO("SOUK_SEED=" << souk::testing::seed_of_tests());
  for (const std::int64_t stall_ms : {90, 100, 105, 110, 115, 120, 130, 150, 200, 300, 500, 900}) {
    INFO("a stall of " << stall_ms << " ms");
    Shop shop;
    shop.open(0.7, 10);
    shop.stall(stall_ms * 1'000);
    CHECK(shop.open(0.7, 3).share(Priority::kBrowsing) > 0.4);
    CHECK(shop.open(0.7, 10).share(Priority::kBrowsing) == doctest::Approx(1.0).epsilon(0.001));
    CHECK_FALSE(shop.admission().figures().is_shedding);
  }
}

TEST_CASE("who waits in a stall and goes away leaves no line behind") {
  INFO("SOUK_SEED=" << souk::testing::seed_of_tests());
  for (const std::int64_t stall_ms : {110, 250, 900}) {
    INFO("a stall of " << stall_ms << " ms");
    Shop shop;
    shop.open(0.7, 10);
    shop.stall(stall_ms * 1'000);
    shop.open_ms(0.7, stall_ms - 5);
    shop.leave();
    shop.open(0.7, 3);
    CHECK(shop.open(0.7, 10).share(Priority::kBrowsing) == doctest::Approx(1.0).epsilon(0.001));
  }
}

TEST_CASE("a stall in a flood costs seconds, not minutes") {
  INFO("SOUK_SEED=" << souk::testing::seed_of_tests());
  const double best = peak();
  for (const std::int64_t stall_ms : {95, 110, 300}) {
    INFO("a stall of " << stall_ms << " ms");
    Shop shop;
    shop.open(0.7, 10);
    shop.open(20, 10);
    shop.stall(stall_ms * 1'000);
    shop.open(20, 6);
    CHECK(shop.open(20, 10).goodput(10) >= 0.9 * best);
  }
}

TEST_CASE("a request that has just come is no queue that nobody serves") {
  Admission admission({});
  REQUIRE(admission.admit(Priority::kNormal, 1, Time{kSecond}).has_value());  // and is gone
  const auto last = admission.admit(Priority::kNormal, 1, Time{kSecond + 99'000});
  REQUIRE(last.has_value());
  CHECK(admission.admit(Priority::kBrowsing, 1, Time{kSecond + 100'000}).has_value());
  CHECK_FALSE(admission.figures().is_overloaded);
  CHECK(admission.figures().delay == Duration::milliseconds(1));
}

TEST_CASE("one who is let in is let in with all that belongs together") {
  Admission admission({.order_for = Duration::minutes(5)});
  Time now{kSecond};
  // Overloaded: each waits for 50 ms.
  std::vector<int> let_in(200);
  std::deque<std::pair<Admission::Admitted, Time>> queue;
  for (int round = 0; round < 2'000; ++round) {
    for (std::uint64_t user = 0; user < 200; ++user) {
      auto admitted = admission.admit(Priority::kNormal, user, now);
      if (!admitted) continue;
      if (round >= 1'000) ++let_in[user];
      queue.emplace_back(std::move(*admitted), now);
    }
    now = now + Duration::milliseconds(10);
    for (int i = 0; i < 50 && !queue.empty(); ++i) {
      queue.front().first.begun(now);
      queue.pop_front();
    }
  }
  const auto always = std::count_if(let_in.begin(), let_in.end(), [](int times) { return times > 900; });
  const auto never = std::count_if(let_in.begin(), let_in.end(), [](int times) { return times < 100; });
  CHECK(always >= 30);
  CHECK(always + never >= 160);
}

TEST_CASE("what waits is bounded, and the important find room when others do not") {
  Admission admission({.waiting_min = 100});
  std::vector<Admission::Admitted> held;
  const auto fill = [&](Priority priority) {
    int count = 0;
    while (count < 1'000) {
      auto admitted = admission.admit(priority, 7, Time{kSecond});
      if (!admitted) break;
      held.push_back(std::move(*admitted));
      ++count;
    }
    return count;
  };
  CHECK(fill(Priority::kBrowsing) == 50);
  CHECK(fill(Priority::kNormal) == 16);
  CHECK(fill(Priority::kMoney) == 34);
  CHECK(fill(Priority::kAlways) == 1'000);
  held.clear();
  CHECK(admission.figures().waiting == 0);
}

TEST_CASE("a queue that nobody serves is overload") {
  Admission admission({});
  auto first = admission.admit(Priority::kNormal, 1, Time{kSecond});
  REQUIRE(first.has_value());
  CHECK(admission.admit(Priority::kBrowsing, 1, Time{kSecond + 1}).has_value());
  // One interval, in which nothing was begun.
  CHECK_FALSE(admission.admit(Priority::kBrowsing, 1, Time{kSecond + 200'000}).has_value());
  CHECK(admission.admit(Priority::kAlways, 1, Time{kSecond + 200'001}).has_value());
  CHECK(admission.figures().is_overloaded);
}

TEST_CASE("threads that come and go at once leave nothing behind") {
  Admission admission({});
  std::vector<std::thread> threads;
  for (std::uint64_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (std::int64_t i = 0; i < 20'000; ++i) {
        auto admitted = admission.admit(Priority::kNormal, t, Time{kSecond + i * 100});
        if (admitted && i % 3 != 0) admitted->begun(Time{kSecond + i * 100 + 50});
      }
    });
  }
  for (auto& thread : threads) thread.join();
  const auto figures = admission.figures();
  CHECK(figures.waiting == 0);
  CHECK(figures.admitted_ever + figures.shed_ever[3] == 80'000);
}

TEST_CASE("few requests are no overload, however slowly they are served") {
  Admission::Options options;
  options.waiting_harmless = 10;
  for (const std::int64_t waiting : {9, 10}) {
    Admission admission(options);
    std::vector<Admission::Admitted> in_progress;
    for (std::int64_t i = 0; i < waiting; ++i) {
      in_progress.push_back(std::move(*admission.admit(Priority::kNormal, 1, Time{kSecond})));
    }
    admission.waited(Duration::milliseconds(90));
    const bool is_let_in = admission.admit(Priority::kBrowsing, 1, Time{kSecond + 100'000}).has_value();
    CHECK(admission.figures().is_overloaded == (waiting == 10));
    CHECK(admission.figures().is_shedding == (waiting == 10));
    CHECK((is_let_in || waiting == 10));
  }
}

TEST_CASE("a request that is served is in the queue no more, however its delay is measured") {
  Admission admission({});
  auto admitted = admission.admit(Priority::kNormal, 1, Time{kSecond});
  REQUIRE(admitted.has_value());
  CHECK(admission.figures().waiting == 1);
  admitted->served();
  admitted->served();
  CHECK(admission.figures().waiting == 0);
  admission.waited(Duration::milliseconds(3));
  admission.waited(Duration::milliseconds(2));
  auto next = admission.admit(Priority::kNormal, 1, Time{kSecond + 100'000});
  REQUIRE(next.has_value());
  CHECK(admission.figures().delay == Duration::milliseconds(2));
}
