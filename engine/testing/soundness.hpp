/// What must hold of the states of entities whenever a command was obeyed.
#pragma once

#include <algorithm>
#include <functional>

#include "engine/entities.hpp"
#include "engine/testing/order_soundness.hpp"

namespace souk::testing {

/// Nothing is known of a state of this kind but that it can be stored.
template <class State>
bool is_sound(const State& /*state*/) {
  return true;
}

inline bool is_sound(const account::State& state) {
  using account::Status;
  if (state.status == Status::kDeleted) {
    return state.username.sealed.empty() && state.password_hash.sealed.empty() && state.deleted_at && !state.change &&
           !state.reset && !state.verification && !state.ban;
  }
  if (state.status == Status::kActive && (state.username_claim == state.email_claim || state.username_claim.empty())) {
    return false;
  }
  if (!state.change) return true;
  const auto& wanted = state.change->details;
  return state.status == Status::kActive && (wanted.username_claim || wanted.email_claim) &&
         wanted.username_claim != state.username_claim && wanted.email_claim != state.email_claim &&
         wanted.username_claim != wanted.email_claim;
}

inline bool is_sound(const address_book::State& state) {
  if (state.entries.size() > address_book::kAddressesMax) return false;
  if (state.entries.empty()) return !state.default_address;
  return state.default_address && address_book::find(state, *state.default_address) != nullptr;
}

inline bool is_sound(const sessions::State& state) {
  if (state.open.size() > sessions::kOpenMax || state.ended.size() > sessions::kEndedMax) return false;
  return std::ranges::all_of(state.open, [&](const sessions::Session& session) {
    return session.generation >= state.generation && sessions::find(state, session.id) == &session;
  });
}

inline bool is_sound(const stock::State& state) {
  std::int64_t sum = 0;
  for (const auto& [order, reservation] : state.reservations) {
    if (reservation.quantity < 1) return false;
    sum += reservation.quantity;
  }
  const bool tracked = state.mode == stock::Mode::kTracked;
  if (state.low != (tracked && state.low_threshold && state.available() <= *state.low_threshold)) return false;
  if (tracked && state.reserved > state.on_hand) return false;
  return state.on_hand == state.received + state.adjusted + state.restocked - state.sold && sum == state.reserved &&
         state.reserved >= 0;
}

inline bool is_sound(const cart::Lines& lines) {
  for (const auto& line : lines) {
    if (line.quantity < 1 || line.quantity > cart::kQuantityMax) return false;
    if (cart::find(lines, line.product) != &line) return false;
  }
  return lines.size() <= cart::kLinesMax;
}

inline bool is_sound(const cart::State& state) {
  return is_sound(state.lines);
}

inline bool is_sound(const guest_cart::State& state) {
  if (state.status != guest_cart::Status::kOpen && !state.lines.empty()) return false;
  const bool spent = state.status == guest_cart::Status::kSpent || state.status == guest_cart::Status::kMerged;
  return is_sound(state.lines) && state.merged_into.has_value() == spent;
}

inline bool is_sound(const payment::State& state) {
  std::int64_t made = 0;
  for (const auto& refund : state.refunds) {
    if (refund.amount.amount < 1 || refund.amount.currency != state.amount.currency) return false;
    if (refund.status == payment::RefundStatus::kRefunded) made += refund.amount.amount;
  }
  const bool is_whole =
      state.captured == state.amount.amount || (state.wrong_amount && state.captured == state.wrong_amount->amount);
  return state.captured >= state.refunded && state.refunded >= 0 && made == state.refunded && state.refundable() >= 0 &&
         (state.status == payment::Status::kSucceeded ? is_whole : state.captured == 0);
}

inline bool is_sound(const limit_policy::State& state) {
  const auto& [rules, networks] = state.content;
  const auto is_before = [](const auto& a, const auto& b) { return a < b; };
  const bool are_rules_in_order =
      std::ranges::adjacent_find(rules, std::not_fn(is_before), &limits::Rule::id) == rules.end();
  const bool are_networks_in_order =
      std::ranges::adjacent_find(networks, std::not_fn(is_before), &limit_policy::Network::network) == networks.end();
  const bool are_valid =
      std::ranges::all_of(rules, [](const auto& rule) { return limits::validate(rule).has_value(); });
  return are_rules_in_order && are_networks_in_order && are_valid;
}

inline bool is_sound(const live_settings::State& state) {
  const auto is_not_before = [](const auto& a, const auto& b) { return a >= b; };
  return state.values.size() <= live_settings::kValuesMax &&
         std::ranges::adjacent_find(state.values, is_not_before, &live_settings::Value::key) == state.values.end();
}

inline bool is_sound(const job::State& state) {
  if (state.recent.size() > job::kRecentMax || state.waiting.size() > job::kWaitingMax) return false;
  if (!state.waiting.empty() && (!std::ranges::is_sorted(state.waiting) || state.waiting.back() > state.accounted ||
                                 !(state.run || state.paused))) {
    return false;
  }
  // By the clock of its time: it may have been set back since.
  if (state.run && state.run->due > std::max(state.accounted, state.run->started_at)) return false;
  if (state.name.empty()) return !state.next_due && !state.run;
  // Whatever the schedule, it is due again unless it is paused.
  return state.paused ? !state.next_due : state.next_due && *state.next_due > state.accounted;
}

inline bool is_sound(const access_policy::State& state) {
  std::vector<std::int64_t> numbers;
  for (const auto& [key, row] : state.rows) {
    if (key != access_policy::key_of(row.row) || row.number < 1 || row.number > state.last_number) return false;
    numbers.push_back(row.number);
  }
  std::ranges::sort(numbers);
  const auto is_new = [](const auto& list) { return std::ranges::adjacent_find(list) == list.end(); };
  return is_new(numbers) && std::ranges::is_sorted(state.offered) && is_new(state.offered);
}

}  // namespace souk::testing
