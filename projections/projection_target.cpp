#include "projections/projection_target.hpp"

#include <algorithm>
#include <utility>

#include "projections/full_text.hpp"

namespace souk {

namespace {

/// Events of no interest move the place in memory only, until they are so many that reading them again after a crash
/// would be felt.
constexpr std::uint64_t kUnwrittenEventsMax = 50'000;
/// More than a batch has that follows live.
constexpr std::uint64_t kLongWayEvents = 2'000;

}  // namespace

Result<std::unique_ptr<ProjectionTarget>> ProjectionTarget::open(const EventLog& log,
                                                                 std::unique_ptr<Projection> projection,
                                                                 const ProjectionStore::OpenOptions& options) {
  std::string path = options.path;
  auto store = ProjectionStore::open(options, *projection, LogIdentity{log.log_id(), log.epoch()},
                                     log.head(Visibility::kDurable));
  if (!store) return tl::unexpected<Error>(std::move(store.error()));
  return std::unique_ptr<ProjectionTarget>(
      new ProjectionTarget(std::move(projection), std::move(path), std::move(*store)));
}

ProjectionTarget::ProjectionTarget(std::unique_ptr<Projection> projection, std::string path, ProjectionStore store)
    : projection_(std::move(projection)),
      path_(std::move(path)),
      store_(std::move(store)),
      accepted_(store_.checkpoint().value),
      merged_at_(store_.checkpoint()) {}

Result<FollowerTarget::Taken> ProjectionTarget::take(const std::vector<RecordPtr>& records, Position upto,
                                                     OnPoison policy, Time now) {
  Taken taken;
  taken.upto = upto;
  if (!records.empty() || upto.value - store_.checkpoint().value >= kUnwrittenEventsMax) {
    auto done = store_.apply_batch(*projection_, records, upto, policy, now);
    if (!done) return done;
    taken = std::move(*done);
  }
  const auto before = accepted_.exchange(taken.upto.value, std::memory_order_acq_rel);
  merge_if_due(taken.upto.value - before);
  return taken;
}

/// Once a long way is behind it, and not again before the log is longer by a third: all there is may be written anew.
void ProjectionTarget::merge_if_due(std::uint64_t events) {
  const bool has_arrived = std::exchange(last_batch_, events) >= kLongWayEvents && events < kLongWayEvents;
  const auto upto = accepted_.load();
  if (!has_arrived || upto - merged_at_.value < std::max(kLongWayEvents, merged_at_.value / 3)) return;
  merged_at_ = Position{upto};
  // Only makes reading faster, so a failure means nothing.
  (void)merge_full_text(path_);
}

Result<void> ProjectionTarget::reload() {
  auto reloaded = store_.reload();
  // What a failed commit left in the file may be further than what was believed, never less.
  if (reloaded) accepted_ = std::max(accepted_.load(), store_.checkpoint().value);
  return reloaded;
}

Result<void> ProjectionTarget::settle() {
  auto done = store_.create_indexes(*projection_);
  return done ? store_.settle() : done;
}

void ProjectionTarget::finish(Time now) {
  // Only saves reading events of no interest again at the next start, so a failure means nothing.
  if (held() > store_.checkpoint()) (void)store_.apply_batch(*projection_, {}, held(), OnPoison::kPark, now);
}

Result<FollowerTarget::Retried> ProjectionTarget::retry_parked(EventLog& log, Position from) {
  return store_.retry_parked(*projection_, log, from, kRetryTurn);
}

}  // namespace souk
