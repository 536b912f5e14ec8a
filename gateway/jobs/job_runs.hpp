/// Does what jobs are for, counts what became of them, and tells those who run the shop of what went wrong.
///
/// Thread-safety: `attach` before the host starts; everything else on any thread.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "actors/job_runner.hpp"

namespace souk {

class Api;

/// The one job of this name.
JobId job_id(const Api& api, std::string_view name);

class JobRuns final : public JobRunner {
 public:
  using Alert = std::function<void(const std::string& what)>;

  explicit JobRuns(Alert alert) : alert_(std::move(alert)) {}

  /// Whose shop it is; it outlives the host.
  void attach(Api& api) { api_ = &api; }

  void run(const RunJob& wanted, std::function<void(JobResult)> answer) override;
  void tell(const JobNews& news) override;

  /// Of one job, since the process began.
  struct Figures {
    std::atomic<std::uint64_t> done{0};
    std::atomic<std::uint64_t> failed{0};
    std::atomic<std::uint64_t> no_answer{0};
    std::atomic<std::uint64_t> skipped{0};       ///< occurrences
    std::atomic<std::int64_t> last_delay_ms{0};  ///< of the last run that was due
    std::atomic<int> running{0};
  };
  /// Stays where it is.
  Figures& figures(const std::string& name);

 private:
  Alert alert_;
  Api* api_ = nullptr;
  std::mutex mutex_;
  std::map<std::string, Figures> figures_;
};

}  // namespace souk
