/// Whoever does the work of jobs: called only about durable runs, at least once for each.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/entities.hpp"

namespace souk {

/// What came of a run.
struct JobResult {
  std::optional<std::string> problem = {};  ///< why it failed; none: it is done
  std::vector<job::Figure> figures = {};
};

/// Thread-safety: called on any thread, answers on any thread, during the call or later.
class JobRunner {
 public:
  JobRunner() = default;
  JobRunner(const JobRunner&) = delete;
  JobRunner& operator=(const JobRunner&) = delete;
  virtual ~JobRunner() = default;

  /// Must not block. A run that is given twice may be done twice. An answer behind its `answer_due` is heard by nobody.
  /// It comes on the thread that found the run durable, which lives longer than the host: asking entities, and
  /// answering, is for another one.
  virtual void run(const RunJob& wanted, std::function<void(JobResult)> answer) = 0;
  /// Must not block. The same may be told twice.
  virtual void tell(const JobNews& news) = 0;
};

/// Says of everything that there is nobody to do it.
class JobsUndone final : public JobRunner {
 public:
  void run(const RunJob& /*wanted*/, std::function<void(JobResult)> answer) override {
    answer({"job.nobody_runs_it", {}});
  }
  void tell(const JobNews& /*news*/) override {}
};

}  // namespace souk
