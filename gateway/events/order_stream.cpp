#include "gateway/events/order_stream.hpp"

#include "engine/entities.hpp"
#include "gateway/events/order_events.hpp"

namespace souk {
namespace {

constexpr std::size_t kBatchEventsMax = 100;
constexpr std::size_t kBatchBytesMax = 64 * 1024;

Result<void> append_event(std::string& out, const EventRecord& record) {
  return render_order_event(record).map([&](const std::string& event) {
    out.append("id: ").append(std::to_string(record.version.value)).append("\ndata: ").append(event).append("\n\n");
  });
}

/// When the caller's token expires, by the clock that the server goes by.
std::chrono::steady_clock::time_point expiry_of(const ApiCall& call) {
  return std::chrono::steady_clock::now() + std::chrono::microseconds((call.caller->expires_at - call.now()).us);
}

}  // namespace

OrderStream::OrderStream(Api& api, OrderId order, Version after, std::unique_ptr<EventStreams::Place> place)
    : api_(api), stream_id_(stream_of<Order>(order)), sent_(after), place_(std::move(place)) {}

void OrderStream::open(const ApiCallPtr& call, OrderId order, Version after,
                       std::unique_ptr<EventStreams::Place> place) {
  const auto self = std::make_shared<OrderStream>(call->api, order, after, std::move(place));
  // Before the log is read, so that nothing falls between.
  self->ticket_ = call->api.feed.listen(self->stream_id_, [self](const RecordPtr& record) { self->hear(record); });
  http::StreamOptions options;
  options.idle_text = ":\n\n";
  options.idle_after = std::chrono::milliseconds(call->api.options.event_heartbeat.get().us / 1000);
  options.ends_at = expiry_of(*call);
  options.on_taken = [self] { self->taken(); };
  options.on_closed = [self] { self->close(); };
  http::Response head;
  head.content_type = "text/event-stream";
  head.headers.emplace_back("X-Accel-Buffering", "no");
  call->note_answered();
  auto stream = call->exchange().begin_stream(std::move(head), std::move(options));
  if (!stream) return self->close();
  self->begin(std::move(stream));
}

void OrderStream::begin(http::StreamPtr stream) {
  {
    const std::lock_guard lock(mutex_);
    if (state_ == State::kClosed) return;
    stream_ = stream;
    place_->hold(stream);
  }
  // How long a client waits before it comes back, in milliseconds. Something to send at once also shows those on the
  // way that this is a stream.
  stream->write("retry: 2000\n\n");
  read_later();
}

void OrderStream::close() {
  std::unique_ptr<EventStreams::Place> place;
  http::StreamPtr stream;
  {
    const std::lock_guard lock(mutex_);
    state_ = State::kClosed;
    place.swap(place_);
    stream.swap(stream_);
  }
  api_.feed.stop_listening(ticket_);
}

void OrderStream::hear(const RecordPtr& record) {
  bool is_next = false;
  {
    const std::lock_guard lock(mutex_);
    if (record) {
      heard_ = std::max(heard_, record->version);
    } else {
      must_look_ = true;
    }
    if (state_ != State::kIdle || !is_behind()) return;
    is_next = record && record->version.value == sent_.value + 1 && !must_look_;
    state_ = is_next ? State::kSending : State::kReading;
    if (is_next) sent_ = record->version;
  }
  if (!is_next) return read_later();
  std::string text;
  if (auto appended = append_event(text, *record); !appended) return break_off(appended.error());
  send(text);
}

void OrderStream::taken() {
  {
    const std::lock_guard lock(mutex_);
    if (state_ != State::kSending) return;
    state_ = is_behind() ? State::kReading : State::kIdle;
    if (state_ == State::kIdle) return;
  }
  read_later();
}

void OrderStream::read_later() {
  api_.queries.submit([self = shared_from_this()] { self->read(); });
}

void OrderStream::read() {
  Version after;
  {
    const std::lock_guard lock(mutex_);
    if (state_ == State::kClosed) return;
    must_look_ = false;
    after = sent_;
  }
  const auto records = api_.log.read_stream(stream_id_, after, kBatchEventsMax);
  if (!records) return break_off(records.error());
  std::string text;
  bool is_full = records->size() == kBatchEventsMax;
  for (const auto& record : *records) {
    if (text.size() > kBatchBytesMax) {
      is_full = true;
      break;
    }
    if (auto appended = append_event(text, *record); !appended) return break_off(appended.error());
    after = record->version;
  }
  {
    const std::lock_guard lock(mutex_);
    if (state_ == State::kClosed) return;
    sent_ = after;
    must_look_ = must_look_ || is_full;
    state_ = !text.empty() ? State::kSending : is_behind() ? State::kReading : State::kIdle;
    if (state_ == State::kIdle) return;
  }
  if (text.empty()) return read_later();
  send(text);
}

void OrderStream::send(const std::string& text) {
  http::StreamPtr stream;
  {
    const std::lock_guard lock(mutex_);
    stream = stream_;
  }
  if (stream) stream->write(text);
}

void OrderStream::break_off(const Error& error) {
  http::StreamPtr stream;
  {
    const std::lock_guard lock(mutex_);
    stream = stream_;
  }
  if (stream) stream->fail(error.reason + ": " + error.detail);
}

}  // namespace souk
