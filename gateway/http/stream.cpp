#include "gateway/http/stream.hpp"

#include "gateway/http/exchange.hpp"

namespace souk::http {

bool Stream::write(std::string_view bytes) {
  std::unique_lock lock(mutex_);
  if (!sink_ || is_ending_) return false;
  if (waiting_.size() + under_way_bytes_ >= options_.waiting_bytes_max) {
    is_ending_ = breaks_ = true;
    tell(std::move(lock));
    return false;
  }
  waiting_.append(bytes);
  tell(std::move(lock));
  return true;
}

void Stream::end() {
  std::unique_lock lock(mutex_);
  if (!sink_ || is_ending_) return;
  is_ending_ = true;
  tell(std::move(lock));
}

void Stream::fail(std::string what) {
  std::unique_lock lock(mutex_);
  if (!sink_ || is_ending_) return;
  is_ending_ = breaks_ = true;
  fault_ = std::move(what);
  tell(std::move(lock));
}

bool Stream::is_open() const {
  const std::lock_guard lock(mutex_);
  return sink_ && !is_ending_;
}

bool Stream::is_breaking() const {
  const std::lock_guard lock(mutex_);
  return breaks_;
}

void Stream::tell(std::unique_lock<std::mutex> lock) {
  // What was told while a write was under way is heard when it is done, which a client that takes nothing prevents.
  if (is_told_ && !breaks_) return;
  is_told_ = true;
  const auto sink = sink_;
  lock.unlock();
  sink->go_on(shared_from_this());
}

Stream::Turn Stream::take() {
  const std::lock_guard lock(mutex_);
  is_told_ = false;
  Turn turn{std::move(waiting_), is_ending_, breaks_, std::move(fault_)};
  waiting_.clear();
  under_way_bytes_ = turn.bytes.size();
  return turn;
}

void Stream::close() {
  std::shared_ptr<ExchangeSink> sink;
  StreamOptions done;
  {
    const std::lock_guard lock(mutex_);
    if (!sink_) return;
    sink.swap(sink_);
    waiting_ = {};
    done.on_closed.swap(options_.on_closed);
    done.on_taken.swap(options_.on_taken);
  }
  if (done.on_closed) done.on_closed();
}

}  // namespace souk::http
