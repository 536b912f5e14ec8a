// The part of a session that sends an answer which goes on.

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <charconv>

#include "gateway/http/session.hpp"

namespace souk::http {
namespace {

/// A client that reads nothing does not hold up the end of the server for longer.
constexpr std::chrono::seconds kLastWriteMax{1};

/// What the kernel keeps of a stream that its client does not take; left to itself it keeps megabytes.
constexpr int kUnsentBytesMax = 64 * 1024;

/// 0: as much as it likes.
void keep_unsent(Transport::Socket& socket, int bytes_max) {
  ::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &bytes_max, sizeof bytes_max);
}

}  // namespace

void Session::begin_stream(ExchangePtr exchange, Response head, StreamPtr stream) {
  const auto loop = loop_ref_.lock();
  if (loop && loop->is_here()) return open_stream(exchange, head, std::move(stream));
  const auto waiting = std::make_shared<UnopenedStream>(std::move(stream));
  if (!loop) return;
  loop->post([self = shared_from_this(), exchange = std::move(exchange), head = std::move(head), waiting] {
    self->open_stream(exchange, head, std::move(waiting->stream));
  });
}

Session::UnopenedStream::~UnopenedStream() {
  if (stream) stream->close();
}

void Session::go_on(StreamPtr stream) {
  const auto loop = loop_ref_.lock();
  if (!loop) return;
  // Always later, for a stream may be written to where it is told that it may be.
  loop->post([self = shared_from_this(), stream = std::move(stream)] {
    if (self->stream_ != stream) return;
    if (self->state_ == State::kStreaming || stream->is_breaking()) self->pump_stream();
  });
}

void Session::open_stream(const ExchangePtr& exchange, const Response& head, StreamPtr stream) {
  shared_->in_flight.fetch_sub(1, std::memory_order_relaxed);
  exchange->at_deadline_ = nullptr;
  const Request& request = exchange->request();
  if (state_ != State::kHandling) {
    stream->close();
    return tell_finished(*exchange, head.status, 0);
  }
  current_.reset();
  auto context = wire_context(head, request, &exchange->route());
  context.framing = is_http10_ ? BodyFraming::kUntilClose : BodyFraming::kChunked;
  append_wire(out_, head, context);
  const std::size_t size = out_.size();
  const bool has_body = !context.head;
  state_ = State::kStreaming;
  if (has_body) {
    stream_ = std::move(stream);
    stream_request_id_ = request.request_id;
    keep_unsent(transport_->socket(), kUnsentBytesMax);
    wait_readable();
  }
  if (write_out()) after_write();
  tell_finished(*exchange, head.status, state_ == State::kClosed ? 0 : size);
  if (!has_body) return stream->close();
  // It was asked for before the draining began, and began after.
  if (stream_ && shared_->draining.load(std::memory_order_relaxed)) drain();
}

void Session::pump_stream() {
  for (;;) {
    auto turn = stream_->take();
    if (!turn.fault.empty()) {
      shared_->observe([&](Observer& observer) { observer.internal_error(stream_request_id_, turn.fault); });
    }
    if (turn.breaks) return close();
    if (turn.is_last) {
      drop_stream();
      keep_unsent(transport_->socket(), 0);
      append_chunk(turn.bytes, true);
      if (write_out()) return after_write();
      if (shared_->draining.load(std::memory_order_relaxed)) deadline_ = Clock::now() + kLastWriteMax;
      return;
    }
    state_ = State::kStreaming;
    idle_text_due_ = Clock::now() + stream_->options_.idle_after;
    if (turn.bytes.empty()) {
      if (stream_->options_.on_taken) stream_->options_.on_taken();
      return;
    }
    append_chunk(turn.bytes, false);
    if (!write_out()) return;
    out_.clear();
  }
}

void Session::append_chunk(std::string_view bytes, bool is_last) {
  if (is_http10_) {
    out_.append(bytes);
    return;
  }
  if (!bytes.empty()) {
    std::array<char, 16> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), bytes.size(), 16).ptr;
    out_.append(digits.data(), end).append("\r\n").append(bytes).append("\r\n");
  }
  if (is_last) out_.append("0\r\n\r\n");
}

void Session::check_stream(Clock::time_point now) {
  const auto& options = stream_->options_;
  if (now >= options.ends_at) return stream_->end();
  if (options.idle_text.empty() || now < idle_text_due_) return;
  append_chunk(options.idle_text, false);
  if (write_out()) after_write();
}

void Session::read_beside_stream() {
  auto& scratch = loop_.scratch();
  boost::system::error_code ec;
  const std::size_t size = transport_->read_some(scratch.data(), scratch.size(), ec);
  if (ec && ec != net::error::would_block) return close();
  // What a client sends ahead waits for the end of the stream. Nobody has reason to send much.
  pending_.append(scratch.data(), size);
  if (pending_.size() > shared_->limits.read_ahead_bytes_max) return close();
  wait_readable();
}

void Session::drop_stream() {
  if (const auto stream = std::move(stream_)) stream->close();
  stream_.reset();
}

}  // namespace souk::http
