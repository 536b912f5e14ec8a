/// The order's decisions behind its payment, put together by order.cpp. Nothing outside of engine/order includes this.
#pragma once

#include "engine/order/order.hpp"

namespace souk::order {

using Events = std::vector<Order::Event>;

/// The index of the product's line, or the number of lines.
std::size_t line_of(const State& state, ProductId product);

/// kNotFound for an order that is not there, otherwise kConflict `reason` with what can be done instead.
tl::unexpected<Error> illegal(const State& state, std::string_view reason);

/// Of shipments or refunds by line.
tl::unexpected<Error> too_many_parts();

/// Gives back all that was not given back yet.
Events refund_rest(const State& state, RefundId refund, bool restock, std::string reason, Time at);

Result<Events> on(const State& state, const Ship& command);
Result<Events> on(const State& state, const MarkDelivered& command);
Result<Events> on(const State& state, const ConfirmReceipt& command);
Result<Events> on(const State& state, const Complete& command);
Result<Events> on(const State& state, const RequestRefund& command);
Result<Events> on(const State& state, const RecordRefunded& command);

void apply(State& state, const Shipped& event);
void apply(State& state, const Delivered& event);
void apply(State& state, const Completed& event);
void apply(State& state, const RefundRequested& event);
void apply(State& state, const Refunded& event);
void apply(State& state, const ClosedRefunded& event);

}  // namespace souk::order
