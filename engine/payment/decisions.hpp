/// The payment's decisions by subject, put together by payment.cpp. Nothing outside of engine/payment includes this.
#pragma once

#include "engine/payment/payment.hpp"

namespace souk::payment {

using Events = std::vector<Payment::Event>;

/// `first` doubled `tick` times, and no more than `kRepeatMax`.
Duration back_off(Duration first, std::int64_t tick);

/// `text` if it is one line of at most `max` characters; what a provider says may be anything.
std::string line_or_nothing(std::string_view text, std::size_t max);

Result<Events> on(const State& state, const Start& command);
Result<Events> on(const State& state, const RecordCreated& command);
Result<Events> on(const State& state, const RecordReport& command);
Result<Events> on(const State& state, const Close& command);
Result<Events> on(const State& state, const Poll& command);
Result<Events> on(const State& state, const Refund& command);
Result<Events> on(const State& state, const RecordRefund& command);
Result<Events> on(const State& state, const RepeatRefunds& command);
Result<Events> on(const State& state, const RetryRefund& command);
Result<Events> on(const State& state, const TakeWrongAmount& command);

}  // namespace souk::payment
