/// A time, a peer and a clock that a test owns.
#pragma once

#include <deque>
#include <map>

#include "engine/base/clock.hpp"
#include "peers/http_client.hpp"
#include "peers/scheduler.hpp"

namespace souk::testing {

/// Nothing happens until `advance` or `run`.
class ManualScheduler final : public Scheduler {
 public:
  [[nodiscard]] Time now() override { return now_; }
  void after(Duration delay, std::function<void()> task) override {
    tasks_.emplace((now_ + delay).us, std::move(task));
  }
  /// Runs what is due, and what becomes due by it.
  void run() { advance({}); }
  /// The same after a time in which nothing ran: what was due is late.
  void oversleep(Duration by) {
    now_ = now_ + by;
    run();
  }
  void advance(Duration by) {
    const Time end = now_ + by;
    while (!tasks_.empty() && tasks_.begin()->first <= end.us) {
      now_ = Time{std::max(now_.us, tasks_.begin()->first)};
      const auto task = std::move(tasks_.begin()->second);
      tasks_.erase(tasks_.begin());
      task();
    }
    now_ = end;
  }

 private:
  Time now_;
  std::multimap<std::int64_t, std::function<void()>> tasks_;
};

class ScheduledClock final : public Clock {
 public:
  explicit ScheduledClock(Time now) : now_(now) {}
  [[nodiscard]] Time now() override { return now_; }
  void set(Time now) { now_ = now; }

 private:
  Time now_;
};

/// Answers with what it was given, in that order, and keeps what it was asked.
class ScriptedClient final : public HttpClient {
 public:
  void send(HttpRequest request, HttpThen then) override {
    asked.push_back(std::move(request));
    if (answers.empty()) {
      then(fail(ErrorCode::kUnavailable, "http.unreachable", "the script is over"));
      return;
    }
    auto answer = std::move(answers.front());
    answers.pop_front();
    then(std::move(answer));
  }

  std::deque<Result<HttpAnswer>> answers;
  std::vector<HttpRequest> asked;
};

}  // namespace souk::testing
