// The second half of a session: from a request read whole to its answer written.

#include <exception>

#include "gateway/http/coding.hpp"
#include "gateway/http/conditional.hpp"
#include "gateway/http/session.hpp"

namespace souk::http {
namespace {

/// A buffer that grew beyond this is given back, so that many idle connections cost little.
constexpr std::size_t kKeptCapacityMax = 4 * 1024;

/// More than this many answers waiting to be compressed are sent as they are.
constexpr std::size_t kCompressionsWaitingMax = 64;

void use_gzip(Response& response, std::shared_ptr<const std::string> packed) {
  response.shared_body = std::move(packed);
  response.etag = gzip_etag(response.etag);
  response.headers.emplace_back("Content-Encoding", "gzip");
}

}  // namespace

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
    if (shared_->cors.is_preflight(*request_)) {
      response.headers.emplace_back("Access-Control-Allow-Methods", match_.allow);
      response.headers.emplace_back("Access-Control-Allow-Headers", Cors::kRequestHeaders);
      response.headers.emplace_back("Access-Control-Max-Age", Cors::kPreflightSeconds);
    }
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

void Session::set_deadline(ExchangePtr exchange, Clock::time_point when, std::function<void(Exchange&)> fn) {
  const auto loop = loop_ref_.lock();
  if (!loop) return;
  if (!loop->is_here()) {
    loop->post([self = shared_from_this(), exchange = std::move(exchange), when, fn = std::move(fn)]() mutable {
      self->set_deadline(std::move(exchange), when, std::move(fn));
    });
    return;
  }
  // One that was answered meanwhile would keep what `fn` holds for ever.
  if (exchange->answered()) return;
  exchange->deadline_ = when;
  exchange->at_deadline_ = std::move(fn);
}

void Session::report(const Exchange& exchange, std::string_view what) noexcept {
  // The observers outlive the server, not its exchanges.
  const auto loop = loop_ref_.lock();
  if (!loop) return;
  shared_->observe([&](Observer& observer) { observer.internal_error(exchange.request().request_id, what); });
}

void Session::deliver(const ExchangePtr& exchange, Response response) {
  exchange->at_deadline_ = nullptr;
  compare_etag(exchange->request(), response);
  if (!encode(exchange, response)) finish(exchange, response);
}

void Session::compare_etag(const Request& request, Response& response) {
  const bool is_read = request.method == Method::kGet || request.method == Method::kHead;
  if (response.status != 200 || response.etag.empty() || !is_read) return;
  const auto known = request.header("If-None-Match");
  const auto found = known ? find_etag_weakly(*known, response.etag) : std::nullopt;
  if (!found) return;
  response.status = 304;
  // Of the coding that the client has.
  if (plain_etag(*found) != *found) response.etag = gzip_etag(response.etag);
}

bool Session::varies_by_coding(const Response& response, const Route* route) const {
  return shared_->compressed_bytes_min > 0 && route != nullptr && !route->info.holds_secret &&
         is_compressible(response.content_type);
}

bool Session::encode(const ExchangePtr& exchange, Response& response) {
  const auto size = response.body_view().size();
  if (size == 0 || response.status == 304 || !varies_by_coding(response, &exchange->route())) return false;
  const auto wish = coding_wish(exchange->request());
  const bool is_small = size < shared_->compressed_bytes_min;
  if (wish == CodingWish::kIdentity || (wish == CodingWish::kGzip && is_small)) return false;
  if (response.shared_gzip) {
    use_gzip(response, response.shared_gzip);
    return false;
  }
  // Rather long than late.
  auto& compressors = *shared_->compressors;
  if (wish == CodingWish::kGzip && compressors.size() >= kCompressionsWaitingMax) return false;
  compressors.submit([self = shared_from_this(), exchange, response = std::move(response)]() mutable {
    use_gzip(response, std::make_shared<const std::string>(gzip(response.body_view())));
    const auto loop = self->loop_ref_.lock();
    if (!loop) return;
    loop->post([self, exchange, response = std::move(response)] { self->finish(exchange, response); });
  });
  return true;
}

void Session::finish(const ExchangePtr& exchange, const Response& response) {
  shared_->in_flight.fetch_sub(1, std::memory_order_relaxed);
  std::size_t written = 0;
  if (state_ == State::kHandling) {
    current_.reset();
    written = send(response, exchange->request(), &exchange->route());
  }
  tell_finished(*exchange, response.status, written);
}

void Session::tell_finished(const Exchange& exchange, int status, std::size_t written) {
  const Request& request = exchange.request();
  const Finished finished{&exchange.route(),
                          name_of(request.method),
                          request.path(),
                          status,
                          Clock::now() - request.received,
                          request.size_bytes(),
                          written,
                          request.request_id,
                          request.peer,
                          exchange.account(),
                          exchange.client(),
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
                          {},
                          reason};
  shared_->observe([&](Observer& observer) { observer.finished(finished, false); });
}

WireContext Session::wire_context(const Response& response, const Request& request, const Route* route) {
  close_after_ = close_after_ || shared_->draining.load(std::memory_order_relaxed);
  WireContext context;
  context.request_id = request.request_id;
  context.date = loop_.date();
  context.cache_control = "no-store";
  if (route != nullptr) {
    context.cache_control = route->info.cache_control;
    context.deprecation = route->info.deprecation;
    context.sunset = route->info.sunset;
  }
  context.head = request.method == Method::kHead;
  context.close = close_after_;
  context.varies_by_coding = varies_by_coding(response, route);
  context.varies_by_origin = shared_->cors.varies();
  context.allowed_origin = shared_->cors.allowed_origin(request);
  if (transport_ && transport_->tls() != nullptr) context.hsts = shared_->hsts;
  return context;
}

std::size_t Session::send(const Response& response, const Request& request, const Route* route) {
  append_wire(out_, response, wire_context(response, request, route));
  const std::size_t size = out_.size();
  if (write_out()) {
    after_write();
  } else if (state_ == State::kClosed) {
    return 0;
  }
  return size;
}

bool Session::write_out() {
  // Nearly every answer fits into the kernel's buffer: no need to come back for it.
  boost::system::error_code ec;
  const std::size_t written = transport_->write_some(out_, ec);
  if (ec && ec != net::error::would_block) {
    close();
    return false;
  }
  if (written < out_.size()) {
    write_rest(written);
    return false;
  }
  return true;
}

void Session::write_rest(std::size_t written) {
  state_ = State::kWriting;
  deadline_ = Clock::now() + shared_->limits.write;
  wait_writable(written);
}

void Session::wait_writable(std::size_t written) {
  const auto go_on = [self = shared_from_this(), written](boost::system::error_code ec) {
    if (self->state_ == State::kClosed) return;
    if (ec) return self->close();
    const auto rest = std::string_view(self->out_).substr(written);
    const std::size_t size = self->transport_->write_some(rest, ec);
    if (ec && ec != net::error::would_block) return self->close();
    if (size < rest.size()) return self->wait_writable(written + size);
    self->after_write();
  };
  transport_->socket().async_wait(transport_->waits_for(), go_on);
}

void Session::after_write() {
  out_.clear();
  if (out_.capacity() > kKeptCapacityMax) std::string().swap(out_);
  if (stream_) return pump_stream();
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
  transport_->end_writing();
  wait_readable();
}

}  // namespace souk::http
