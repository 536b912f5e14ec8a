/// A read model as the target of a follower: a projection and its file. Rows, checkpoint and what is parked share a
/// transaction.
///
/// Thread-safety: as FollowerTarget.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "projections/follower_target.hpp"
#include "projections/projection_store.hpp"

namespace souk {

class ProjectionTarget final : public FollowerTarget {
 public:
  /// Errors: as ProjectionStore::open.
  static Result<std::unique_ptr<ProjectionTarget>> open(const EventLog& log, std::unique_ptr<Projection> projection,
                                                        const ProjectionStore::OpenOptions& options);

  [[nodiscard]] std::string_view name() const override { return projection_->name(); }
  [[nodiscard]] std::vector<std::string_view> kinds() const override { return projection_->kinds(); }
  [[nodiscard]] std::string path() const override { return path_; }
  [[nodiscard]] Position accepted() const override { return held(); }
  [[nodiscard]] Position held() const override { return Position{accepted_.load(std::memory_order_acquire)}; }
  [[nodiscard]] Position checkpoint() const override { return store_.checkpoint(); }
  [[nodiscard]] Position complete_at() const override { return store_.complete_at(); }
  Result<Taken> take(const std::vector<RecordPtr>& records, Position upto, OnPoison policy, Time now) override;
  Result<void> reload() override;
  [[nodiscard]] std::size_t parked_count() const override { return store_.parked_count(); }
  Result<std::vector<ParkedEvent>> parked(std::size_t limit) override { return store_.parked(limit); }
  Result<Retried> retry_parked(EventLog& log, Position from) override;
  Result<void> settle() override;
  void finish(Time now) override;

  ProjectionStore& store() { return store_; }

 private:
  ProjectionTarget(std::unique_ptr<Projection> projection, std::string path, ProjectionStore store);
  void merge_if_due(std::uint64_t events);

  const std::unique_ptr<Projection> projection_;
  const std::string path_;
  ProjectionStore store_;
  std::atomic<std::uint64_t> accepted_;
  std::uint64_t last_batch_ = 0;  ///< how many events it covered
  Position merged_at_;
};

}  // namespace souk
