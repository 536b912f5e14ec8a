/// Tests of deciders as sentences: given what happened, when something is asked, then this happens.
///
///   given<Cart>(ItemAdded{soap, 2, 2}).when(RemoveItem{soap}).then(ItemRemoved{soap});
///   given<Cart>().when(AddItem{soap, 0}).then_rejected(ErrorCode::kInvalid, "cart.quantity_invalid");
///
/// For tests only: it reports through doctest.
#pragma once

#include <doctest/doctest.h>

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "engine/entities.hpp"

namespace souk::testing {

/// The events as they would be stored, one a line, for messages.
template <class Event>
std::string text_of(const std::vector<Event>& events) {
  std::string text;
  for (const auto& event : events) {
    const auto stored = encode_event(event);
    text.append("\n  ").append(stored.type).append(" ").append(stored.payload);
  }
  return text.empty() ? "\n  nothing" : text;
}

template <Entity E>
typename E::State fold(const std::vector<typename E::Event>& events, typename E::State state = {}) {
  for (const auto& event : events) state = E::evolve(std::move(state), event);
  return state;
}

/// What was decided; to be looked at by one of the `then`s.
template <Entity E>
class Decided {
 public:
  using Event = typename E::Event;
  Decided(typename E::State before, Result<std::vector<Event>> result)
      : before_(std::move(before)), result_(std::move(result)) {}

  /// Exactly these events; returns the state behind them.
  typename E::State then(const std::vector<Event>& expected) const {
    const std::string actual = result_ ? text_of(*result_) : "\n  rejected: " + result_.error().reason;
    const bool as_expected = result_ && *result_ == expected;
    CHECK_MESSAGE(as_expected, "expected:", text_of(expected), "\nbut decided:", actual);
    return result_ ? fold<E>(*result_, before_) : before_;
  }
  template <class... Events>
  requires(std::constructible_from<Event, Events>&&...) typename E::State then(Events... expected) const {
    return then(std::vector<Event>{Event{std::move(expected)}...});
  }
  void then_nothing() const { then(std::vector<Event>{}); }

  void then_rejected(ErrorCode code, std::string_view reason) const {
    const std::string actual = result_ ? text_of(*result_) : result_.error().reason;
    const bool as_expected = !result_ && result_.error().reason == reason && result_.error().code == code;
    CHECK_MESSAGE(as_expected, "expected the rejection ", std::string(reason), " but decided: ", actual);
  }

 private:
  typename E::State before_;
  Result<std::vector<Event>> result_;
};

template <Entity E>
class Given {
 public:
  explicit Given(typename E::State state) : state_(std::move(state)) {}

  [[nodiscard]] Decided<E> when(const typename E::Command& command) const {
    return Decided<E>(state_, E::decide(state_, command));
  }
  [[nodiscard]] const typename E::State& state() const { return state_; }

 private:
  typename E::State state_;
};

template <Entity E>
Given<E> given(const std::vector<typename E::Event>& past) {
  return Given<E>(fold<E>(past));
}
template <Entity E, class... Events>
requires(std::constructible_from<typename E::Event, Events>&&...) Given<E> given(Events... past) {
  return given<E>(std::vector<typename E::Event>{typename E::Event{std::move(past)}...});
}

/// A small id that reads well in messages.
template <class SomeId>
SomeId id_of(std::uint64_t number) {
  return SomeId{Id128{0, number}};
}

inline Money yuan(std::int64_t minor_units) {
  return Money{minor_units, Currency{}};
}

}  // namespace souk::testing
