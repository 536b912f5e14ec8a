/// Commands that come as messages: each is handed to somebody who obeys it, those of one key one after the other.
///
/// A message's offset is committed once all before it in its partition are dealt with: obeyed, durably, or refused and
/// in the topic of dead letters. So none is lost; after a crash or when a partition changes hands some come again, and
/// whoever obeys has to know them by their ids. What cannot be done now is tried again, ever more slowly, and what has
/// the same key waits for it.
///
/// Thread-safety: `open`, `start` and `stop` by the program's main thread; figures by any.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "kafka/consumer.hpp"
#include "kafka/producer.hpp"

namespace souk::kafka {

/// What became of a command.
struct CommandOutcome {
  enum class Kind : std::uint8_t {
    kObeyed,   ///< durably, now or before
    kRefused,  ///< and it would be again
    kLater,    ///< it has to be tried again
    kFailed,   ///< likewise, but not for ever
  };
  Kind kind = Kind::kObeyed;
  std::string reason = {};
  std::string detail = {};
};

struct IntakeFigures {
  std::atomic<std::uint64_t> obeyed{0};
  std::atomic<std::uint64_t> refused{0};
  std::atomic<std::uint64_t> retried{0};
  std::atomic<std::int64_t> behind{0};  ///< messages, as far as it is known
};

struct IntakeOptions {
  ClientOptions client;
  std::string topic;
  std::string dead_letter_topic;
  std::string group = "souk";
  std::size_t at_a_time_max = 200;
  /// Of one partition, read and not dealt with; then no more of it is read until half of that is left. It is much more
  /// than are obeyed at a time, as what librdkafka has read ahead is read again after each pause.
  std::size_t ahead_max = 2'000;
  std::size_t ahead_bytes_max = 8'388'608;
  int failures_max = 10;
  /// What was written longer ago is refused: whoever obeys may have forgotten that it did already.
  std::chrono::milliseconds age_max = std::chrono::hours(24 * 7);
  std::chrono::milliseconds backoff_min{50};
  std::chrono::milliseconds backoff_max{5'000};
  std::chrono::milliseconds commit_every{250};
  using Then = std::function<void(CommandOutcome)>;
  /// Obeys; calls back once, on any thread, at once or later. The last try does not end with kFailed. Must not call
  /// back after `stop`'s return is waited for by its owner.
  std::function<void(const InboundMessage&, bool is_last_try, Then then)> obey;
  /// Told once when something begins to be wrong.
  std::function<void(const std::string& what)> on_trouble;
  std::shared_ptr<IntakeFigures> figures = std::make_shared<IntakeFigures>();
};

class CommandIntake {
 public:
  /// Errors: those of Consumer::open and Producer::open.
  static Result<std::unique_ptr<CommandIntake>> open(IntakeOptions options);
  ~CommandIntake();

  void start();
  /// Takes no more, and forgets what is under way: it comes again.
  void stop();

 private:
  using Clock = std::chrono::steady_clock;

  struct Work {
    InboundMessage message;
    bool is_dealt_with = false;
    int failures = 0;
    std::chrono::milliseconds backoff{0};
    CommandOutcome outcome;
    bool is_cut = false;  ///< its letter is, for the whole one was too large
  };
  using WorkPtr = std::shared_ptr<Work>;
  /// Which have to wait for each other.
  using Lane = std::pair<std::int32_t, std::string>;
  enum class Step : std::uint8_t { kAnswered, kBuried, kNotBuried, kTooLarge };
  using LetterId = std::uintptr_t;

  /// Where answers are left; it outlives the intake, for they may come late.
  struct Inbox {
    std::mutex mutex;
    std::vector<std::pair<WorkPtr, CommandOutcome>> outcomes;
    std::vector<std::pair<LetterId, Step>> letters;
    Consumer* consumer = nullptr;  ///< to be woken; null: nobody is there any more
    void put(WorkPtr work, CommandOutcome outcome);
    void put(LetterId letter, Step step);
  };

  explicit CommandIntake(IntakeOptions options) : options_(std::move(options)) {}
  Result<std::unique_ptr<Consumer>> open_consumer();
  /// In place of one that failed, ever more slowly while that does no good.
  void renew_consumer();
  Result<void> make_undertaker();
  /// Whether letters can be sent just now. One that failed is replaced, ever more slowly while it does no good.
  bool have_undertaker();
  void loop();
  /// What was left in the inbox; false: nothing.
  bool take_answers();
  static Lane lane_of(const Work& work) { return {work.message.partition, work.message.key.value_or("")}; }
  void take(InboundMessage message);
  /// What is ready, as many as may be under way.
  void begin_ready();
  void begin_work(const WorkPtr& work);
  void go_on(const WorkPtr& work, Step step);
  void bury(const WorkPtr& work);
  void later(const WorkPtr& work);
  void finish(const WorkPtr& work);
  /// Reads on or not, by what there is of a partition.
  void steer(std::int32_t partition);
  /// Commits what is dealt with, if it is time.
  void commit();
  Offsets drop_all();
  void tell_trouble(const std::string& what);

  const IntakeOptions options_;
  const std::shared_ptr<Inbox> inbox_ = std::make_shared<Inbox>();
  std::unique_ptr<Consumer> consumer_;
  std::unique_ptr<Producer> undertaker_;  ///< sends dead letters
  /// What the undertaker has on its way, also of partitions that are somebody else's by now: it reads their payloads.
  std::map<LetterId, WorkPtr> letters_;
  LetterId last_letter_ = 0;
  std::chrono::milliseconds renewal_backoff_{0};
  Clock::time_point renew_at_;
  struct Window {
    std::deque<WorkPtr> works;  ///< from the first that is not dealt with
    std::size_t bytes = 0;      ///< of those that are not
  };
  std::map<std::int32_t, Window> windows_;     ///< by partition
  std::map<Lane, std::deque<WorkPtr>> lanes_;  ///< the first of each is ready, under way or in `again_`
  std::deque<WorkPtr> ready_;
  std::size_t under_way_ = 0;
  std::multimap<Clock::time_point, WorkPtr> again_;
  Offsets dealt_with_;
  Offsets committed_;
  Clock::time_point committed_at_;
  Clock::time_point counted_at_;
  std::chrono::milliseconds reopening_backoff_{0};
  Clock::time_point reopen_at_;
  std::string last_trouble_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace souk::kafka
