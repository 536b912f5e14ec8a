/// Feeds an index of the server's with what the embedded search's file holds.
///
/// The events say that there is something to do; what to write is read from the file, in the order in which products
/// last changed, from where it was read to before. So one sweep is all there is: a new index begins at the first
/// change, one that was away goes on where it was, and whoever changed many times is written once. A sweep is over when
/// nothing is left behind its place; then all of it can be found (`held`), and so it is written down. When the file
/// takes in what it had parked, a sweep begins at the first change, and nobody asks the index before that is over.
///
/// A server that cannot be reached is an error of the batch: the follower tries again, ever more slowly.
/// Thread-safety: as FollowerTarget.
/// Limits: 500 documents and about 1 MiB at a time; 1,000 products parked.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "projections/elastic/index.hpp"
#include "projections/elastic/shared.hpp"
#include "projections/follower_source.hpp"
#include "projections/follower_target.hpp"
#include "projections/read_model.hpp"

namespace souk {
class Follower;
}

namespace souk::elastic {

class Target final : public FollowerTarget {
 public:
  static constexpr std::string_view kName = "elasticsearch";

  struct Parts {
    std::shared_ptr<Shared> shared;
    EventLog& log;
    Follower& search;  ///< of the embedded search's file
    std::unique_ptr<ReadModel> model;
    std::string index;
    IndexShape shape;
    FollowerSource::Use use = FollowerSource::Use::kLive;
  };
  explicit Target(Parts parts);

  /// Finds or makes the index, and where it stands. What fails here is tried again with the first batch.
  /// Errors besides: kInternal "projection.ahead_of_log": it was fed with what is not in the log.
  Result<void> connect();

  [[nodiscard]] std::string_view name() const override { return kName; }
  [[nodiscard]] std::vector<std::string_view> kinds() const override;
  [[nodiscard]] std::string path() const override { return index_.name(); }
  [[nodiscard]] Position accepted() const override { return Position{held_.load(std::memory_order_acquire)}; }
  [[nodiscard]] Position held() const override { return accepted(); }
  [[nodiscard]] Position checkpoint() const override { return state_.position; }
  [[nodiscard]] Position complete_at() const override { return Position{complete_at_}; }
  Result<std::size_t> room() override;
  [[nodiscard]] bool has_work() override;
  Result<Taken> take(const std::vector<RecordPtr>& records, Position upto, OnPoison policy, Time now) override;
  Result<void> reload() override;
  [[nodiscard]] std::size_t parked_count() const override { return state_.parked.size(); }
  Result<std::vector<ParkedEvent>> parked(std::size_t limit) override;
  Result<Retried> retry_parked(EventLog& log, Position from) override;
  Result<void> settle() override;
  void finish(Time now) override;

 private:
  enum class Swept : std::uint8_t { kAll, kPart };

  Result<void> connect_in_time();
  Result<void> check_history(const IndexState& state);
  Result<std::string> event_at(Position position);
  bool wait_for_file(Position upto);
  /// Begins at the first change again if the file has taken in what it had not; whether that is so.
  Result<bool> look_at_file();
  void begin_at(Position position);
  /// Writes what lies behind `place_`, as far as time allows.
  Result<Swept> sweep(OnPoison policy, Time now, Taken& taken);
  /// One page; the position of the file when it was read.
  Result<Position> read_page(DocumentReader::Page& page);
  Result<void> note_refusals(const std::vector<Versioned>& page, const std::vector<Index::Refusal>& refusals,
                             OnPoison policy, Time now, Taken& taken);
  Result<ParkedProduct> parked_of(const Versioned& one, const Index::Refusal& refusal, Time now);
  Result<void> end_sweep(Position position);
  Result<void> save();

  const std::shared_ptr<Shared> shared_;
  EventLog& log_;
  Follower& search_;
  const std::unique_ptr<ReadModel> model_;
  Index index_;
  bool building_;
  bool returning_;  ///< it may have missed what another one has shown

  bool connected_ = false;
  std::chrono::steady_clock::time_point looked_at_;  ///< whether the index is as it was left
  bool dirty_ = true;                                ///< something may lie behind `place_`
  std::uint64_t file_ = 0;                           ///< generation of the file's follower that was looked at last
  PlaceOfChange place_;
  Position swept_;    ///< where the file stood when nothing was left
  IndexState state_;  ///< as it was last written down
  Position saved_;    ///< the furthest that was ever written down
  std::atomic<std::uint64_t> complete_at_{0};
  std::atomic<std::uint64_t> held_{0};
};

}  // namespace souk::elastic
