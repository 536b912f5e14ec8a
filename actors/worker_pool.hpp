/// A few threads for work that may block on the disk: loading streams, reading the log, saving snapshots.
///
/// Thread-safety: `submit` from any thread. Work is begun in the order of submission.
/// With zero threads nothing runs by itself: the owner calls `run_one`, which is how a simulation decides when a load
/// comes back.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace souk {

class WorkerPool {
 public:
  using Work = std::function<void()>;

  /// `name`: of the threads, at most 15 characters.
  explicit WorkerPool(std::size_t threads, std::string name = "souk:load");
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;
  ~WorkerPool();

  void submit(Work work);
  /// Runs the oldest piece of work on the caller's thread; false when there is none.
  bool run_one();
  [[nodiscard]] std::size_t size() const;
  /// Drops what has not begun and waits for what has. Later submissions are dropped.
  void stop();

 private:
  void run();

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Work> queue_;
  bool stopped_ = false;
  const std::string name_;
  std::vector<std::thread> threads_;
};

}  // namespace souk
