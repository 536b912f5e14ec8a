/// One client that follows one order: its events as Server-Sent Events, those behind a version first, then each as it
/// becomes durable.
///
/// An event's id is its version, so a client that comes back with the last one it saw misses none and sees none twice.
/// What was heard of from the feed is sent as it is while the client keeps up; else the log is read again, a batch at a
/// time, when the client has taken the last. So however much there is to say and however slow the client, no more than
/// a batch waits for it.
/// Source: HTML Living Standard, 9.2 Server-sent events.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "gateway/api_call.hpp"
#include "gateway/events/streams.hpp"

namespace souk {

class OrderStream : public std::enable_shared_from_this<OrderStream> {
 public:
  /// Answers the call with the events of `order` behind `after`. The caller may see them, and its position is durable.
  static void open(const ApiCallPtr& call, OrderId order, Version after, std::unique_ptr<EventStreams::Place> place);

  OrderStream(Api& api, OrderId order, Version after, std::unique_ptr<EventStreams::Place> place);
  OrderStream(const OrderStream&) = delete;
  OrderStream& operator=(const OrderStream&) = delete;

 private:
  enum class State : std::uint8_t {
    kReading,  ///< the log is read
    kSending,  ///< the client has not taken all of it yet
    kIdle,     ///< the client has everything
    kClosed
  };

  void begin(http::StreamPtr stream);
  void hear(const RecordPtr& record);
  void taken();
  void close();
  /// On a thread that may wait for the disk.
  void read();
  void read_later();
  void send(const std::string& text);
  void break_off(const Error& error);
  [[nodiscard]] bool is_behind() const { return must_look_ || heard_ > sent_; }

  Api& api_;
  const StreamId stream_id_;
  EventFeed::Ticket ticket_ = 0;

  std::mutex mutex_;
  State state_ = State::kReading;
  Version sent_;            ///< everything up to here was given to the stream
  Version heard_;           ///< the last that the feed told of
  bool must_look_ = false;  ///< the feed may have told less than there is, or the last batch was full
  std::unique_ptr<EventStreams::Place> place_;
  http::StreamPtr stream_;
};

}  // namespace souk
