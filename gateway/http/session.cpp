#include "gateway/http/session.hpp"

#include <algorithm>
#include <boost/asio/write.hpp>
#include <exception>

#include "gateway/http/conditional.hpp"

namespace souk::http {
namespace {

constexpr std::size_t kLingeredBytesMax = 4 * 1024 * 1024;
/// A buffer that grew beyond this is given back, so that many idle connections cost little.
constexpr std::size_t kKeptCapacityMax = 4 * 1024;

bool would_block(const boost::system::error_code& ec) {
  return ec == net::error::would_block || ec == net::error::try_again;
}

}  // namespace

Session::Session(const std::shared_ptr<Loop>& loop, std::shared_ptr<Shared> shared, net::ip::tcp::socket socket,
                 std::string peer)
    : loop_ref_(loop),
      loop_(*loop),
      shared_(std::move(shared)),
      socket_(std::move(socket)),
      peer_(std::make_shared<const std::string>(std::move(peer))) {}

void Session::start() {
  deadline_ = Clock::now() + shared_->limits.idle;
  wait_readable();
}

void Session::wait_readable() {
  if (is_waiting_) return;
  is_waiting_ = true;
  // Waiting needs no buffer: an idle connection holds none.
  socket_->async_wait(net::socket_base::wait_read, [self = shared_from_this()](const boost::system::error_code& ec) {
    self->is_waiting_ = false;
    if (!ec && self->state_ != State::kClosed) self->on_readable();
  });
}

void Session::on_readable() {
  // While a request is handled nothing more is read: what the client sends ahead stays in the kernel and with it.
  if (!is_reading() && state_ != State::kLingering) return;
  auto& scratch = loop_.scratch();
  const std::size_t size_max =
      state_ == State::kHead ? std::min(scratch.size(), shared_->limits.read_ahead_bytes_max) : scratch.size();
  boost::system::error_code ec;
  const std::size_t size = socket_->read_some(net::buffer(scratch.data(), size_max), ec);
  if (would_block(ec)) return wait_readable();
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
  if (!is_reading() && state_ != State::kHandling && state_ != State::kWriting) rest = {};
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
  if (framing.chunked) {
    chunks_.emplace(bytes_max, shared_->limits.chunk_overhead_bytes_max);
  } else {
    body_left_ = framing.content_length;
    // No more than a little is set aside on a client's word alone.
    request_->body_bytes_.reserve(static_cast<std::size_t>(std::min<std::uint64_t>(body_left_, 16 * 1024)));
  }
  if (!framing.expects_continue || !nothing_follows) return;
  boost::system::error_code ignored;
  constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  // A client whose buffers are full gets none and sends its body after a while all the same (RFC 9110, 10.1.1).
  socket_->write_some(net::buffer(kContinue.data(), kContinue.size()), ignored);
}

bool Session::take_body(std::string_view& bytes) {
  auto& body = request_->body_bytes_;
  const std::size_t before = bytes.size();
  if (chunks_) {
    const auto status = chunks_->feed(bytes, body);
    request_->size_bytes_ += before - bytes.size();
    if (status == ChunkDecoder::Status::kNeedMore) return false;
    if (status == ChunkDecoder::Status::kMalformed) {
      refuse(Problem(400, "request.malformed", "the chunks of the body are broken"));
      return false;
    }
    if (status == ChunkDecoder::Status::kTooLarge) {
      refuse(Problem(413, "request.body_too_large", "the body has too many bytes"));
      return false;
    }
  } else {
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(body_left_, bytes.size()));
    body.append(bytes.substr(0, size));
    bytes.remove_prefix(size);
    body_left_ -= size;
    request_->size_bytes_ += size;
    if (body_left_ > 0) return false;
  }
  dispatch();
  return true;
}

std::optional<Problem> Session::refusal() const {
  const Route* route = match_.route;
  if (route == nullptr) {
    if (match_.allow.empty()) return Problem(404, "request.no_such_route", "nothing is served at this path");
    Problem problem(405, "request.method_not_allowed", "this path is not served with this method");
    problem.allow = match_.allow;
    return problem;
  }
  if (!route->info.always_admitted &&
      shared_->in_flight.load(std::memory_order_relaxed) >= shared_->limits.in_flight_max) {
    Problem problem(503, "server.overloaded", "too many requests are in progress; nothing was done");
    problem.retry_after_s = 1;
    return problem;
  }
  if (!route->info.media_type.empty()) {
    if (auto fits = require_content_type(*request_, route->info.media_type); !fits) return fits.error();
  }
  return std::nullopt;
}

void Session::dispatch() {
  request_->body = request_->body_bytes_;
  state_ = State::kHandling;
  deadline_ = Clock::time_point::max();
  if (request_->request_id.empty()) {
    request_->made_id_ = loop_.make_request_id();
    request_->request_id = request_->made_id_;
  }
  if (request_->method == Method::kOptions && !match_.allow.empty()) {
    Response response;
    response.status = 204;
    response.headers.emplace_back("Allow", match_.allow);
    return answer_ourselves(response, {});
  }
  if (const auto problem = refusal()) {
    return answer_ourselves(problem_response(*problem, request_->request_id), problem->reason);
  }
  hand_over();
}

void Session::hand_over() {
  shared_->in_flight.fetch_add(1, std::memory_order_relaxed);
  shared_->observe([](Observer& observer) { observer.started(); });
  const Route* route = match_.route;
  const auto exchange = std::make_shared<Exchange>(shared_from_this(), std::move(request_), route);
  current_ = exchange;
  const auto failed = [&](std::string_view what) {
    report(*exchange, what);
    exchange->refuse(Problem(Error{ErrorCode::kInternal, "server.fault", {}}));
  };
  try {
    route->handler(exchange);
  } catch (const std::exception& error) {
    failed(error.what());
  } catch (...) {
    failed("a handler threw something that is no exception");
  }
}

void Session::answer(ExchangePtr exchange, Response response) {
  // A server that is gone has no connection left to answer on.
  const auto loop = loop_ref_.lock();
  if (!loop) return;
  if (loop->is_here()) return deliver(exchange, std::move(response));
  loop->post([self = shared_from_this(), exchange = std::move(exchange), response = std::move(response)]() mutable {
    self->deliver(exchange, std::move(response));
  });
}

void Session::report(const Exchange& exchange, std::string_view what) noexcept {
  // The observers outlive the server, not its exchanges.
  const auto loop = loop_ref_.lock();
  if (!loop) return;
  shared_->observe([&](Observer& observer) { observer.internal_error(exchange.request().request_id, what); });
}

void Session::deliver(const ExchangePtr& exchange, Response response) {
  shared_->in_flight.fetch_sub(1, std::memory_order_relaxed);
  exchange->at_deadline_ = nullptr;
  const Request& request = exchange->request();
  if (response.status == 200 && !response.etag.empty() && request.target.path().size() > 0 &&
      (request.method == Method::kGet || request.method == Method::kHead)) {
    const auto known = request.header("If-None-Match");
    if (known && etag_matches_weakly(*known, response.etag)) response.status = 304;
  }
  std::size_t written = 0;
  const int status = response.status;
  if (state_ == State::kHandling) {
    current_.reset();
    written = send(response, request, &exchange->route());
  }
  const Finished finished{&exchange->route(),
                          name_of(request.method),
                          request.path(),
                          status,
                          Clock::now() - request.received,
                          request.size_bytes(),
                          written,
                          request.request_id,
                          request.peer,
                          exchange->account(),
                          {}};
  shared_->observe([&](Observer& observer) { observer.finished(finished, true); });
}

void Session::refuse(const Problem& problem) {
  close_after_ = true;
  if (request_->request_id.empty()) {
    request_->made_id_ = loop_.make_request_id();
    request_->request_id = request_->made_id_;
  }
  state_ = State::kHandling;
  answer_ourselves(problem_response(problem, request_->request_id), problem.reason);
}

void Session::answer_ourselves(const Response& response, std::string_view reason) {
  const auto request = std::move(request_);
  const std::size_t written = send(response, *request, match_.route);
  const bool is_read = !request->target.path().empty();
  const Finished finished{match_.route,
                          is_read ? name_of(request->method) : std::string_view{},
                          request->path(),
                          response.status,
                          Clock::now() - request->received,
                          request->size_bytes(),
                          written,
                          request->request_id,
                          request->peer,
                          {},
                          reason};
  shared_->observe([&](Observer& observer) { observer.finished(finished, false); });
}

std::size_t Session::send(const Response& response, const Request& request, const Route* route) {
  close_after_ = close_after_ || shared_->draining.load(std::memory_order_relaxed);
  WireContext context;
  context.request_id = request.request_id;
  context.date = loop_.date();
  context.cache_control = route != nullptr ? route->info.cache_control : std::string_view("no-store");
  context.head = request.method == Method::kHead;
  context.close = close_after_;
  append_wire(out_, response, context);
  const std::size_t size = out_.size();

  // Nearly every answer fits into the kernel's buffer: no need to come back for it.
  boost::system::error_code ec;
  const std::size_t written = socket_->write_some(net::buffer(out_), ec);
  if (ec && !would_block(ec)) {
    close();
    return 0;
  }
  if (written == size) {
    after_write();
  } else {
    write_rest(written);
  }
  return size;
}

void Session::write_rest(std::size_t written) {
  state_ = State::kWriting;
  deadline_ = Clock::now() + shared_->limits.write;
  net::async_write(*socket_, net::buffer(out_.data() + written, out_.size() - written),
                   [self = shared_from_this()](const boost::system::error_code& ec, std::size_t) {
                     if (self->state_ == State::kClosed) return;
                     if (ec) return self->close();
                     self->after_write();
                   });
}

void Session::after_write() {
  out_.clear();
  if (out_.capacity() > kKeptCapacityMax) std::string().swap(out_);
  if (close_after_ || shared_->draining.load(std::memory_order_relaxed)) return linger();
  state_ = State::kHead;
  deadline_ = Clock::now() + shared_->limits.idle;
  if (is_taking_) return;
  if (pending_.empty()) return wait_readable();
  take({});
}

void Session::linger() {
  // Closing with bytes unread would make the kernel take back the answer under way to the client.
  state_ = State::kLingering;
  loop_.lingering(+1);
  deadline_ = Clock::now() + shared_->limits.linger;
  boost::system::error_code ignored;
  socket_->shutdown(net::socket_base::shutdown_send, ignored);
  wait_readable();
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
  if (now < deadline_) return;
  switch (state_) {
    case State::kHead:
      if (!has_begun_head_) return close();
      fresh_request();
      return refuse(Problem(408, "request.timeout", "the headers took too long"));
    case State::kBody: return refuse(Problem(408, "request.timeout", "the body took too long"));
    default: return close();
  }
}

void Session::drain() {
  if (state_ == State::kHead && pending_.empty()) {
    // A request that has arrived already is answered.
    boost::system::error_code ec;
    const std::size_t ready = socket_->available(ec);
    return !ec && ready > 0 ? on_readable() : close();
  }
  if (is_reading()) deadline_ = std::min(deadline_, Clock::now() + std::chrono::seconds(1));
}

void Session::close() {
  if (state_ == State::kClosed) return;
  if (state_ == State::kLingering) loop_.lingering(-1);
  state_ = State::kClosed;
  const auto self = shared_from_this();
  boost::system::error_code ignored;
  socket_->close(ignored);
  // The socket goes now: an exchange may keep this object alive longer than the loop.
  socket_.reset();
  loop_.forget(*this);
}

}  // namespace souk::http
