// Of an ApiCall: how it stands to limits.

#include "gateway/api_call.hpp"

namespace souk {

bool ApiCall::enter() {
  if (api.traffic() == nullptr || !exchange_->insider().empty()) return true;
  auto entered = api.traffic()->enter(*exchange_);
  if (!entered) {
    exchange_->refuse(entered.error());
    return false;
  }
  entered_ = std::move(*entered);
  return true;
}

void ApiCall::refuse_within_limits(const ApiCallPtr& call, const http::Problem& why) {
  within_limits(call, {}, [why](const ApiCallPtr& counted) { counted->refuse(Position{}, why); });
}

void ApiCall::within_limits(const ApiCallPtr& call, const Counted& counted, const Handler& handler) {
  Traffic* traffic = call->api.traffic();
  if (traffic == nullptr || call->entered_.is_exempt || !call->exchange_->insider().empty()) return handler(call);
  auto user = counted.user;
  if (!user && call->caller) user = call->caller->account.value;
  auto begun = traffic->begin(*call->exchange_, call->entered_.client, user, counted.values);
  if (begun.question == nullptr) return obey_limits(call, std::move(begun.decision), handler);
  traffic->limiter().finish(std::move(begun), [call, handler](limits::Decision decision) {
    // Handlers run where requests are read; and a decision can be moved only.
    auto shared = std::make_shared<limits::Decision>(std::move(decision));
    call->api.post([call, handler, shared] { obey_limits(call, std::move(*shared), handler); });
  });
}

void ApiCall::obey_limits(const ApiCallPtr& call, limits::Decision decision, const Handler& handler) {
  call->limited_ = std::move(decision);
  switch (call->limited_.outcome) {
    case limits::Outcome::kAllowed: return handler(call);
    case limits::Outcome::kRefused:
      call->api.traffic()->note_refused();
      return call->refuse(Position{}, exceeded(call->limited_));
    case limits::Outcome::kWait:
      if (!call->waits_for(call->limited_.wait)) {
        // Its client does not wait for so long.
        call->limited_.retry_after = call->limited_.wait;
        call->api.traffic()->note_refused();
        return call->refuse(Position{}, exceeded(call->limited_));
      }
      call->leave_queue();
      return call->at_deadline(call->limited_.wait, [call, handler] {
        if (call->deadline_) call->deadline_ = call->until(call->api.options.command_deadline);
        handler(call);
      });
  }
}

void ApiCall::note_answered() {
  if (was_answered_.exchange(true)) return;
  if (!has_left_.exchange(true)) entered_.admitted.served();
  // Whoever watches for what becomes of it may keep the call for long.
  limited_.hold = {};
}

void ApiCall::leave_queue() {
  if (!has_left_.exchange(true)) entered_.admitted = {};
}

}  // namespace souk
