/// Follows the durable tail of the log while anybody listens, and hands each event to those who listen to its stream.
///
/// What is told is a convenience, not a promise: a listener that is told null may have missed something and reads its
/// stream from the log. So the feed reads memory only, and falls behind for nobody.
/// Thread-safety: any thread may call. Listeners are called on the feed's thread, one at a time, in the order of the
/// log; one that is removed may still be called once more.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

#include "eventstore/event_log.hpp"

namespace souk {

class EventFeed final : public LogListener {
 public:
  /// Must be quick, for others wait.
  using Listener = std::function<void(const RecordPtr& record)>;
  using Ticket = std::uint64_t;

  explicit EventFeed(EventLog& log);
  ~EventFeed() override;

  /// Whatever becomes durable from now on is told.
  Ticket listen(const StreamId& stream, Listener listener);
  void stop_listening(Ticket ticket);

  /// Costs a commit next to nothing: a look at a number when nobody listens, else at most a wake-up.
  void durable(Position position) override;

 private:
  using ListenerPtr = std::shared_ptr<const Listener>;
  struct Telling {
    ListenerPtr listener;
    RecordPtr record;
  };

  void run();
  /// What is to be told next of what lies behind the feed's position; false when it has come to `head`.
  bool advance(Position head, std::vector<Telling>& out);

  EventLog& log_;
  std::atomic<std::size_t> count_{0};  ///< of listeners
  std::atomic<std::uint32_t> news_{0};
  std::atomic<bool> stopping_{false};

  std::mutex mutex_;
  std::unordered_map<StreamId, std::map<Ticket, ListenerPtr>> by_stream_;
  std::unordered_map<Ticket, StreamId> streams_;
  Ticket last_ticket_ = 0;
  Position position_;  ///< everything up to here was told
  std::thread thread_;
};

}  // namespace souk
