/// An order of two lines, for tests: what was placed and how it went on.
#pragma once

#include "engine/entities.hpp"

namespace souk::order {

inline constexpr OrderId kSelf{{0, 1}};
inline constexpr AccountId kAccount{{0, 3}};
inline constexpr ProductId kTea{{0, 5}};
inline constexpr ProductId kCup{{0, 6}};
inline constexpr PaymentId kPayment{{0, 77}};
inline constexpr Time kPlacedAt{1'763'884'800'000'000};
inline constexpr Time kDue{1'763'885'400'000'000};

inline Line tea_line() {
  return {kTea, Version{3}, "TEA-001", "龙井茶 Longjing", "https://a.example/1.jpg", "Green tea", {1'000, {}}, 2};
}
inline Line cup_line() {
  return {kCup, Version{1}, "CUP-001", "Cup", "", "White", {500, {}}, 1};
}

inline Place place() {
  return {kAccount, {tea_line(), cup_line()}, {"personal:v1:YWRkcmVzcw"}, false, kPlacedAt, kDue, std::nullopt};
}
inline Placed placed() {
  return {kAccount, {tea_line(), cup_line()}, {"personal:v1:YWRkcmVzcw"}, false, kPlacedAt, kDue, {2'500, {}}};
}
inline std::vector<Order::Event> awaiting() {
  return {placed(), LineReserved{kTea}, LineReserved{kCup}, AwaitingPayment{}};
}
inline std::vector<Order::Event> paid() {
  auto events = awaiting();
  events.emplace_back(Paid{kPayment, {2'500, {}}, {kTea, kCup}});
  return events;
}
inline Cancelled cancelled_by_user(std::vector<ProductId> reserved) {
  return {CancelReason::kUser, std::move(reserved), kPlacedAt};
}

}  // namespace souk::order
