#include "actors/worker_pool.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <future>
#include <latch>
#include <memory>
#include <vector>

namespace souk {
namespace {

TEST_CASE("one worker does what is submitted in its order") {
  std::vector<int> done;
  std::latch all(100);
  WorkerPool pool(1);
  for (int i = 0; i < 100; ++i) {
    pool.submit([&, i] {
      done.push_back(i);
      all.count_down();
    });
  }
  all.wait();
  bool in_order = true;
  for (int i = 0; i < 100; ++i) in_order = in_order && done[static_cast<std::size_t>(i)] == i;
  CHECK(in_order);
}

TEST_CASE("work that blocks holds up one worker and not the others") {
  WorkerPool pool(2);
  std::latch opened(1);
  std::promise<void> reached;
  std::promise<void> blocked_done;
  pool.submit([&] {
    opened.wait();
    blocked_done.set_value();
  });
  pool.submit([&] { reached.set_value(); });
  reached.get_future().wait();
  opened.count_down();
  blocked_done.get_future().wait();
}

TEST_CASE("a pool without threads works when it is told to, oldest first") {
  WorkerPool pool(0);
  std::vector<int> done;
  CHECK_FALSE(pool.run_one());
  pool.submit([&] { done.push_back(1); });
  pool.submit([&] { done.push_back(2); });
  CHECK(done.empty());
  CHECK(pool.size() == 2);
  CHECK(pool.run_one());
  CHECK((done == std::vector<int>{1}));
  CHECK(pool.run_one());
  CHECK_FALSE(pool.run_one());
  CHECK((done == std::vector<int>{1, 2}));
}

TEST_CASE("stopping waits for what has begun, drops what has not, and takes nothing more") {
  auto held = std::make_shared<int>(0);
  std::atomic<bool> finished{false};
  std::promise<void> begun;
  std::latch opened(1);
  WorkerPool pool(1);
  pool.submit([&] {
    begun.set_value();
    opened.wait();
    finished = true;
  });
  pool.submit([held] { ++*held; });
  begun.get_future().wait();
  std::thread stopper([&] { pool.stop(); });
  while (pool.size() > 0) std::this_thread::yield();
  CHECK_FALSE(finished);
  opened.count_down();
  stopper.join();
  CHECK(finished);
  CHECK(*held == 0);
  CHECK(held.use_count() == 1);
  pool.submit([held] { ++*held; });
  CHECK(pool.size() == 0);
  CHECK(held.use_count() == 1);
  pool.stop();
}

}  // namespace
}  // namespace souk
