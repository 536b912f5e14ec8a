/// The feed: events as messages of Kafka topics, one topic for each kind of entity, keyed by stream.
///
/// Nothing is lost and each stream keeps its order. An event may be sent twice, after a crash or when a producer had to
/// be replaced; then the same position comes again in the same stream, and whoever drops what is not behind the
/// position that the stream had come to sees each event once. While brokers are away what is under way waits and the
/// follower pauses when it is as much as it may be.
///
/// An event that is refused (too large, its topic not to be written to) stops everything behind it in its partition.
/// All that is not acknowledged is sent anew, first one event alone, then ever more of them at a time, until the
/// refused one stands alone: so it is known which event is to blame, and what becomes of that one is the follower's
/// policy. Where producers fail one after the other and nothing gets through, the next one is waited with ever longer.
///
/// Checkpoint and parked events are in a file (ProjectionStore) that has no other rows. The checkpoint moves after the
/// acknowledgement, a few times a second.
///
/// Thread-safety: as FollowerTarget.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/base/clock.hpp"
#include "eventstore/event_log.hpp"
#include "kafka/careful_window.hpp"
#include "kafka/feed_options.hpp"
#include "kafka/producer.hpp"
#include "projections/follower_target.hpp"
#include "projections/projection_store.hpp"

namespace souk::kafka {

class FeedTarget final : public FollowerTarget {
 public:
  static constexpr std::string_view kName = "kafka";

  /// Errors: as ProjectionStore::open and Producer::open.
  static Result<std::unique_ptr<FeedTarget>> open(const EventLog& log, Clock& clock, FeedOptions options,
                                                  const std::string& path);
  ~FeedTarget() override;

  [[nodiscard]] std::string_view name() const override { return kName; }
  [[nodiscard]] std::vector<std::string_view> kinds() const override;
  [[nodiscard]] Position accepted() const override { return accepted_; }
  [[nodiscard]] Position held() const override { return Position{held_.load(std::memory_order_acquire)}; }
  [[nodiscard]] Position checkpoint() const override { return store_.checkpoint(); }
  [[nodiscard]] Position complete_at() const override { return store_.complete_at(); }
  Result<std::size_t> room() override;
  Result<Taken> take(const std::vector<RecordPtr>& records, Position upto, OnPoison policy, Time now) override;
  Result<void> reload() override;
  [[nodiscard]] std::size_t parked_count() const override { return store_.parked_count(); }
  Result<std::vector<ParkedEvent>> parked(std::size_t limit) override { return store_.parked(limit); }
  /// Sends them one at a time and waits for each. Errors: kUnavailable "kafka.busy": what is under way has to be
  /// acknowledged first, and is not.
  Result<Retried> retry_parked(EventLog& log, Position from) override;
  void finish(Time now) override;
  void on_change(std::function<void()> tell) override;

 private:
  /// The store asks it of each event that has to be parked, or that was.
  class Judge;

  /// An event that was accepted and is not held yet, or that waits for those before it.
  struct Entry {
    RecordPtr record;
    std::string changed;  ///< its payload, where it is not the stored one
    std::size_t bytes = 0;
    bool is_done = false;
    bool is_parked = false;
  };

  /// For so long a broker is asked about a topic.
  static constexpr std::chrono::milliseconds kAskTopic{1'000};

  FeedTarget(Clock& clock, FeedOptions options, std::string path, std::unique_ptr<Judge> judge, ProjectionStore store);

  [[nodiscard]] bool wanted(const EventRecord& record) const;
  [[nodiscard]] bool is_parked(const StreamId& stream) const;
  [[nodiscard]] bool is_full() const;
  [[nodiscard]] const std::string& topic_of(const StreamId& stream);
  Result<void> make_producer();
  /// False: nobody has said in this time which cluster it is. Errors: as check_cluster.
  Result<bool> knows_cluster(std::chrono::milliseconds longest);
  /// Why it would be refused, as far as is known by now.
  [[nodiscard]] std::optional<Error> known_refusal(const EventRecord& record, OnPoison policy);
  /// Whoever resumes wants a try; by itself it is not tried all the time.
  void forget_refusal(const EventRecord& record, OnPoison policy);
  /// Of the event found to be to blame, or of its topic.
  void note_refusal();
  /// Another producer in place of one that has failed; what was under way will be accepted again.
  Result<void> renew();
  /// Until when it would be too early for that, since the one before.
  [[nodiscard]] std::chrono::milliseconds pause_before_renewal() const;
  /// While it is careful this waits until what is under way is acknowledged, but not beyond `end`. False: not now.
  bool await_turn(std::chrono::steady_clock::time_point end);
  Result<void> send(const RecordPtr& record);
  void park_later(const RecordPtr& record);
  /// On the producer's thread.
  void answered(const std::vector<Delivery>& answers);
  /// With the lock held.
  void drop_done();
  /// Writes down what is held by now; if not at once, then not for each event.
  Result<void> write_down(bool at_once);
  /// For the judge: sends one event again and waits for its answer.
  Result<void> send_and_wait(const EventRecord& record);

  Clock& clock_;
  const FeedOptions options_;
  const std::string path_;
  const std::unique_ptr<Judge> judge_;
  ProjectionStore store_;
  std::unique_ptr<Producer> producer_;
  std::map<std::string, std::string, std::less<>> topics_;  ///< by kind
  OutboundMessage message_;                                 ///< the one that is sent

  CarefulWindow window_;
  std::chrono::steady_clock::time_point written_at_;
  std::chrono::steady_clock::time_point renewed_at_;
  Position held_at_renewal_;
  unsigned vain_renewals_ = 0;  ///< in a row: nothing was held since the one before, and none was found to be to blame
  /// Why an event was refused, until it is parked or tried again.
  struct Refused {
    Error error;
    std::chrono::steady_clock::time_point at;
  };
  std::map<Position, Refused> refused_;
  std::map<std::string, Refused, std::less<>> refused_topics_;
  std::set<std::string> asked_topics_;  ///< in this turn of a retry
  bool is_cluster_known_ = false;
  std::vector<ParkedEvent> parked_now_;  ///< not told to the follower yet

  mutable std::mutex mutex_;  ///< guards what follows
  std::condition_variable answered_;
  Position accepted_;          ///< changed by the thread that accepts
  std::deque<Entry> entries_;  ///< in the order of the log
  std::size_t bytes_ = 0;
  std::vector<RecordPtr> to_park_;                     ///< held, and not written down yet
  std::unordered_map<StreamId, std::size_t> parking_;  ///< of how many events that are to be parked
  /// The first that was refused since the producer is there.
  struct Refusal {
    Position position;
    Error error;
    StreamId stream;
    bool is_topics_fault = false;
  };
  std::optional<Refusal> refusal_;
  std::atomic<std::uint64_t> held_;

  std::mutex tell_mutex_;  ///< held while somebody is told
  std::function<void()> tell_;
};

}  // namespace souk::kafka
