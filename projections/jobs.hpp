/// Read model: all scheduled jobs as they stand, and what ever became of their runs and occurrences.
#pragma once

#include <memory>
#include <vector>

#include "engine/job/job.hpp"
#include "projections/page.hpp"
#include "projections/projection.hpp"
#include "projections/read_model.hpp"

namespace souk {

std::unique_ptr<Projection> make_jobs_projection();

struct JobRecord {
  Position position;  ///< of the event that it became known by: the key of the list
  job::Record record;
};

struct JobList {
  std::vector<job::State> items;  ///< by name
  Position position;              ///< of the log, at which this was the answer
};

/// Thread-safety: any thread.
class Jobs {
 public:
  static Result<std::unique_ptr<Jobs>> open(const Follower& follower);

  /// There are few of them.
  Result<JobList> list();
  /// At most `limit` (≥ 1) of a job's records, the newest first, behind the one with the key `after`.
  Result<PageOf<JobRecord>> records(JobId job, std::size_t limit, std::optional<Position> after = {});

 private:
  explicit Jobs(std::unique_ptr<ReadModel> model) : model_(std::move(model)) {}

  std::unique_ptr<ReadModel> model_;
};

}  // namespace souk
