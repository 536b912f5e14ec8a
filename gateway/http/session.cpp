#include "gateway/http/session.hpp"

#include <algorithm>

namespace souk::http {
namespace {

constexpr std::size_t kLingeredBytesMax = 4 * 1024 * 1024;

}  // namespace

Session::Session(const std::shared_ptr<Loop>& loop, std::shared_ptr<Shared> shared, Transport transport,
                 std::string peer)
    : loop_ref_(loop),
      loop_(*loop),
      shared_(std::move(shared)),
      transport_(std::move(transport)),
      peer_(std::make_shared<const std::string>(std::move(peer))) {}

void Session::start() {
  if (transport_->tls() != nullptr) state_ = State::kHandshake;
  deadline_ = Clock::now() + (state_ == State::kHandshake ? shared_->limits.handshake : shared_->limits.idle);
  wait_readable();
}

void Session::wait_readable(Transport::Socket::wait_type wait) {
  if (is_waiting_) return;
  is_waiting_ = true;
  const auto go_on = [self = shared_from_this()](const boost::system::error_code& ec) {
    self->is_waiting_ = false;
    if (!ec && self->state_ != State::kClosed) self->on_readable();
  };
  if (transport_->is_readable_now()) return loop_.post([go_on] { go_on({}); });
  // Waiting needs no buffer: an idle connection holds none.
  transport_->socket().async_wait(wait, go_on);
}

void Session::shake_hands() {
  using Status = TlsConnection::Status;
  const Status status = transport_->tls()->handshake();
  if (status == Status::kWantsRead) return wait_readable();
  if (status == Status::kWantsWrite) return wait_readable(Transport::Socket::wait_write);
  if (status == Status::kDone) {
    state_ = State::kHead;
    deadline_ = Clock::now() + shared_->limits.idle;
    // The first request may have come with the last of the handshake.
    return on_readable();
  }
  shared_->observe([](Observer& observer) { observer.handshake_failed(); });
  if (status != Status::kPlain) return close();
  transport_->drop_tls();
  fresh_request();
  refuse(Problem(400, "request.needs_tls", "this port speaks TLS: use https"));
}

void Session::on_readable() {
  if (state_ == State::kHandshake) return shake_hands();
  if (stream_) return read_beside_stream();
  // While a request is handled nothing more is read: what the client sends ahead stays in the kernel and with it.
  if (!is_reading() && state_ != State::kLingering) return;
  auto& scratch = loop_.scratch();
  const std::size_t size_max =
      state_ == State::kHead ? std::min(scratch.size(), shared_->limits.read_ahead_bytes_max) : scratch.size();
  boost::system::error_code ec;
  const std::size_t size = transport_->read_some(scratch.data(), size_max, ec);
  if (ec == net::error::would_block) return wait_readable(transport_->waits_for());
  if (ec) return close();
  if (state_ != State::kLingering) return take({scratch.data(), size});
  lingered_bytes_ += size;
  if (lingered_bytes_ > kLingeredBytesMax) return close();
  wait_readable();
}

void Session::take(std::string_view bytes) {
  if (!pending_.empty()) {
    pending_.append(bytes);
    bytes = pending_;
  }
  is_taking_ = true;
  int served = 0;
  while (is_reading() && !bytes.empty() && served < kServedAtOnceMax) {
    const bool was_head = state_ == State::kHead;
    if (!(was_head ? take_head(bytes) : take_body(bytes))) break;
    if (state_ == State::kHead) ++served;
  }
  is_taking_ = false;
  keep_rest(bytes);
  if (!is_reading()) return;
  if (served == kServedAtOnceMax && !pending_.empty()) {
    // Others have their turn before a client that sends many requests ahead.
    loop_.post([self = shared_from_this()] {
      if (self->is_reading()) self->take({});
    });
    return;
  }
  if (state_ == State::kHead && !pending_.empty() && !has_begun_head_) {
    has_begun_head_ = true;
    deadline_ = Clock::now() + shared_->limits.head_read;
  }
  wait_readable();
}

void Session::keep_rest(std::string_view rest) {
  if (state_ == State::kLingering || state_ == State::kClosed) rest = {};
  if (rest.empty()) {
    pending_.clear();
    if (pending_.capacity() > 64) std::string().swap(pending_);
  } else if (rest.data() >= pending_.data() && rest.data() < pending_.data() + pending_.size()) {
    pending_.erase(0, pending_.size() - rest.size());
  } else {
    pending_.assign(rest);
  }
}

bool Session::take_head(std::string_view& bytes) {
  // One empty line before a request is forgiven, as RFC 9112 (2.2) asks.
  if (scanner_.size() == 0 && bytes.front() == '\r') {
    if (bytes.size() == 1) return false;
    if (bytes[1] == '\n') {
      bytes.remove_prefix(2);
      return true;
    }
  }
  const auto& limits = shared_->limits;
  switch (scanner_.scan(bytes, limits)) {
    case HeadScanner::Status::kNeedMore: return false;
    case HeadScanner::Status::kFound: break;
    case HeadScanner::Status::kMalformed:
      fresh_request();
      refuse(Problem(400, "request.malformed", "the head of the request has a broken line"));
      return false;
    case HeadScanner::Status::kLineTooLong:
      fresh_request();
      refuse(Problem(414, "request.target_too_long", "the request line has too many bytes"));
      return false;
    case HeadScanner::Status::kTooLarge:
      fresh_request();
      refuse(Problem(431, "request.header_too_large",
                     "the headers have more than " + std::to_string(limits.head_bytes_max) + " bytes"));
      return false;
  }
  const auto head = bytes.substr(0, scanner_.size());
  bytes.remove_prefix(head.size());
  scanner_.reset();
  has_begun_head_ = false;
  return begin_request(head, bytes.empty());
}

void Session::fresh_request() {
  request_ = std::make_unique<Request>();
  request_->received = Clock::now();
  request_->peer_text_ = peer_;
  request_->peer = *peer_;
  match_ = {};
  close_after_ = false;
}

bool Session::begin_request(std::string_view head, bool nothing_follows) {
  fresh_request();
  const auto framing = RequestReader(shared_->limits).read_head(head, *request_);
  if (!framing) {
    refuse(framing.error());
    return false;
  }
  close_after_ = !framing->keep_alive;
  is_http10_ = framing->http10;
  match_ = shared_->router.match(*request_);
  if (!framing->chunked && framing->content_length == 0) {
    dispatch();
    return true;
  }
  const std::size_t own_max = match_.route != nullptr ? match_.route->info.body_bytes_max : 0;
  const std::size_t bytes_max = own_max != 0 ? own_max : shared_->limits.body_bytes_max;
  if (framing->content_length > bytes_max) {
    refuse(Problem(413, "request.body_too_large", "the body has more than " + std::to_string(bytes_max) + " bytes"));
    return false;
  }
  begin_body(*framing, bytes_max, nothing_follows);
  return true;
}

void Session::begin_body(const Framing& framing, std::size_t bytes_max, bool nothing_follows) {
  state_ = State::kBody;
  deadline_ = request_->received + shared_->limits.body_read;
  chunks_.reset();
  request_->body_account_ = shared_->body_bytes;
  if (framing.chunked) {
    chunks_.emplace(bytes_max, shared_->limits.chunk_overhead_bytes_max);
  } else {
    body_left_ = framing.content_length;
    // No more than a little is set aside on a client's word alone.
    request_->body_bytes_.reserve(static_cast<std::size_t>(std::min<std::uint64_t>(body_left_, 16 * 1024)));
  }
  if (!framing.expects_continue || !nothing_follows) return;
  boost::system::error_code ec;
  // A client whose buffers are full gets none and sends its body after a while all the same (RFC 9110, 10.1.1). Half
  // a record cannot be left behind like that.
  transport_->write_some("HTTP/1.1 100 Continue\r\n\r\n", ec);
  if (ec && transport_->tls() != nullptr) close();
}

bool Session::take_body(std::string_view& bytes) {
  auto& body = request_->body_bytes_;
  const std::size_t size_before = body.size();
  const std::size_t left_before = bytes.size();
  auto status = ChunkDecoder::Status::kDone;
  if (chunks_) {
    status = chunks_->feed(bytes, body);
  } else {
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(body_left_, bytes.size()));
    body.append(bytes.substr(0, size));
    bytes.remove_prefix(size);
    body_left_ -= size;
    if (body_left_ > 0) status = ChunkDecoder::Status::kNeedMore;
  }
  request_->size_bytes_ += left_before - bytes.size();
  const std::size_t grown = body.size() - size_before;
  const std::size_t others = shared_->body_bytes->fetch_add(grown, std::memory_order_relaxed);
  if (others + grown > shared_->limits.all_bodies_bytes_max) {
    Problem problem(503, "server.overloaded", "too many bytes of requests are in progress; nothing was done");
    problem.retry_after_s = 1;
    refuse(problem);
    return false;
  }
  switch (status) {
    case ChunkDecoder::Status::kNeedMore: return false;
    case ChunkDecoder::Status::kDone: dispatch(); return true;
    case ChunkDecoder::Status::kMalformed:
      refuse(Problem(400, "request.malformed", "the chunks of the body are broken"));
      return false;
    case ChunkDecoder::Status::kTooLarge:
      refuse(Problem(413, "request.body_too_large", "the body has too many bytes"));
      return false;
  }
  return false;
}

void Session::check(Clock::time_point now) {
  if (state_ == State::kHandling) {
    const auto exchange = current_.lock();
    if (!exchange || exchange->deadline_ > now) return;
    exchange->deadline_ = Clock::time_point::max();
    const auto fn = std::move(exchange->at_deadline_);
    if (fn && !exchange->answered()) fn(*exchange);
    return;
  }
  if (state_ == State::kStreaming) return check_stream(now);
  if (now < deadline_) return;
  switch (state_) {
    case State::kHead:
      if (!has_begun_head_) return close();
      fresh_request();
      return refuse(Problem(408, "request.timeout", "the headers took too long"));
    case State::kBody: return refuse(Problem(408, "request.timeout", "the body took too long"));
    case State::kHandshake: shared_->observe([](Observer& observer) { observer.handshake_failed(); }); return close();
    default: return close();
  }
}

void Session::drain() {
  if (stream_) {
    deadline_ = std::min(deadline_, Clock::now() + std::chrono::seconds(1));
    return stream_->end();
  }
  if (state_ == State::kHandshake) return close();
  if (state_ == State::kHead && pending_.empty()) {
    boost::system::error_code ec;
    if (!transport_->is_readable_now() && (transport_->socket().available(ec) == 0 || ec)) return close();
    // A request that has arrived already is answered.
    on_readable();
  }
  if (is_reading()) deadline_ = std::min(deadline_, Clock::now() + std::chrono::seconds(1));
}

void Session::close() {
  if (state_ == State::kClosed) return;
  if (state_ == State::kLingering) loop_.lingering(-1);
  const auto self = shared_from_this();
  // Where an answer breaks off, an end that looks intended would deceive.
  if (transport_->tls() != nullptr && is_reading()) transport_->tls()->say_goodbye();
  state_ = State::kClosed;
  boost::system::error_code ignored;
  transport_->socket().close(ignored);
  // The socket goes now: an exchange may keep this object alive longer than the loop.
  transport_.reset();
  drop_stream();
  loop_.forget(*this);
}

}  // namespace souk::http
