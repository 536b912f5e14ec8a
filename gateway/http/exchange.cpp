#include "gateway/http/exchange.hpp"

namespace souk::http {

Exchange::~Exchange() {
  if (answered_.load(std::memory_order_acquire)) return;
  // This object can no longer be shared, so its insides move into one that can.
  auto rescued = std::make_shared<Exchange>(std::move(sink_), std::move(request_), route_);
  rescued->account_ = std::move(account_);
  rescued->sink_->report(*rescued, "a handler dropped its exchange without an answer");
  rescued->refuse(Problem(Error{ErrorCode::kInternal, "server.no_answer", {}}));
}

bool Exchange::respond(Response response) {
  if (answered_.exchange(true, std::memory_order_acq_rel)) return false;
  sink_->answer(shared_from_this(), std::move(response));
  return true;
}

bool Exchange::refuse(const Problem& problem) {
  return respond(problem_response(problem, request_->request_id));
}

bool Exchange::refuse(const Error& error) {
  if (error.code == ErrorCode::kInternal) sink_->report(*this, error.reason + ": " + error.detail);
  return refuse(Problem(error));
}

StreamPtr Exchange::begin_stream(Response head, StreamOptions options) {
  if (answered_.exchange(true, std::memory_order_acq_rel)) return nullptr;
  auto stream = std::make_shared<Stream>(sink_, std::move(options));
  sink_->begin_stream(shared_from_this(), std::move(head), stream);
  return stream;
}

void Exchange::on_deadline(std::chrono::milliseconds delay, std::function<void(Exchange&)> fn) {
  sink_->set_deadline(shared_from_this(), std::chrono::steady_clock::now() + delay, std::move(fn));
}

}  // namespace souk::http
