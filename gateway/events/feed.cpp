#include "gateway/events/feed.hpp"

#include <utility>

#include "eventstore/thread_name.hpp"

namespace souk {
namespace {

constexpr std::size_t kBatchMax = 1'000;

}  // namespace

EventFeed::EventFeed(EventLog& log) : log_(log) {
  log_.add_listener(this);
  thread_ = std::thread([this] {
    name_this_thread("souk:feed");
    run();
  });
}

EventFeed::~EventFeed() {
  log_.remove_listener(this);
  stopping_ = true;
  ++news_;
  news_.notify_one();
  thread_.join();
}

EventFeed::Ticket EventFeed::listen(const StreamId& stream, Listener listener) {
  auto shared = std::make_shared<const Listener>(std::move(listener));
  const std::lock_guard lock(mutex_);
  const bool is_first = streams_.empty();
  const Ticket ticket = ++last_ticket_;
  streams_.emplace(ticket, stream);
  by_stream_[stream].emplace(ticket, std::move(shared));
  // In this order: a commit between the two is told although it need not be, never the other way round.
  count_ = streams_.size();
  if (is_first) position_ = log_.head(Visibility::kDurable);
  return ticket;
}

void EventFeed::stop_listening(Ticket ticket) {
  ListenerPtr dropped;  // what it owns must not go while the mutex is held
  const std::lock_guard lock(mutex_);
  const auto found = streams_.find(ticket);
  if (found == streams_.end()) return;
  const auto listeners = by_stream_.find(found->second);
  dropped = std::move(listeners->second.at(ticket));
  listeners->second.erase(ticket);
  if (listeners->second.empty()) by_stream_.erase(listeners);
  streams_.erase(found);
  count_ = streams_.size();
}

void EventFeed::durable(Position /*position*/) {
  if (count_ == 0) return;
  ++news_;
  news_.notify_one();
}

void EventFeed::run() {
  std::vector<Telling> tellings;
  for (;;) {
    const auto seen = news_.load();
    const Position head = log_.head(Visibility::kDurable);
    while (!stopping_ && advance(head, tellings)) {
      for (const auto& telling : tellings) (*telling.listener)(telling.record);
      tellings.clear();
    }
    if (stopping_) return;
    news_.wait(seen);
  }
}

bool EventFeed::advance(Position head, std::vector<Telling>& out) {
  const std::lock_guard lock(mutex_);
  if (streams_.empty() || position_ >= head) return false;
  const auto records = log_.read_recent(position_, kBatchMax);
  if (!records) {
    // So far back memory does not go: everybody looks for themselves.
    for (const auto& [stream, listeners] : by_stream_) {
      for (const auto& [ticket, listener] : listeners) out.push_back({listener, nullptr});
    }
    position_ = head;
    return true;
  }
  for (const auto& record : *records) {
    if (record->position > head) break;
    position_ = record->position;
    const auto listeners = by_stream_.find(record->stream);
    if (listeners == by_stream_.end()) continue;
    for (const auto& [ticket, listener] : listeners->second) out.push_back({listener, record});
  }
  return true;
}

}  // namespace souk
