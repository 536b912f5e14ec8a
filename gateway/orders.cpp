#include "gateway/orders.hpp"

#include "gateway/views.hpp"

namespace souk {
namespace {

void ask_order(const ApiCallPtr& call, OrderId id, const Order::Command& command, AskOptions<Order> options,
               int status) {
  call->api.host.ask<Order>(id, command, call->meta(), std::move(options),
                            [call, id, status](const Judged<Order>& judged) {
                              if (judged.refusal == nullptr) {
                                answer_order(call, id, judged, status);
                                return;
                              }
                              http::Problem problem(*judged.refusal);
                              if (judged.refusal->code == ErrorCode::kConflict)
                                problem = with_next_steps(std::move(problem), judged.state);
                              call->refuse(judged.position, problem);
                            });
}

}  // namespace

Error no_such_order() {
  return {ErrorCode::kNotFound, "order.not_found", "there is no such order"};
}

void answer_order(const ApiCallPtr& call, OrderId id, const Judged<Order>& judged, int status) {
  // Opening the address may read the disk, which an actor's thread must not wait for.
  call->api.queries.submit([call, view = view_of(id, judged.state), sealed = judged.state.address,
                            account = judged.state.account, position = judged.position, version = judged.version,
                            status]() mutable {
    auto address = call->api.vault.open(account, sealed);
    if (!address && address.error().code == ErrorCode::kInternal) {
      call->refuse(position, address.error());
      return;
    }
    if (address) view.address = std::move(*address);
    call->answer_entity(position, version, encode(view), status);
  });
}

void change_order(const ApiCallPtr& call, Order::Command command, bool only_own, int status) {
  const auto id = call->id<OrderTag>("id", "order.not_found");
  auto only_at = call->if_match();
  if (!id || !only_at) {
    call->refuse(id ? only_at.error() : id.error());
    return;
  }
  auto options = call->options<Order>();
  options.only_at = std::move(*only_at);
  if (!only_own) {
    ask_order(call, *id, command, std::move(options), status);
    return;
  }
  call->api.host.read<Order>(
      *id, {},
      [call, id = *id, command = std::move(command), options = std::move(options),
       status](const Judged<Order>& judged) {
        if (judged.refusal != nullptr) {
          call->refuse(judged.position, *judged.refusal);
        } else if (judged.state.state == order::OrderState::kNone || judged.state.account != call->account()) {
          call->refuse(Position{}, no_such_order());
        } else {
          ask_order(call, id, command, options, status);
        }
      });
}

bool says_nothing(const ApiCallPtr& call) {
  if (call->request().body.empty()) return true;
  const auto body = call->body<Nothing>();
  if (!body) call->refuse(body.error());
  return body.has_value();
}

}  // namespace souk
