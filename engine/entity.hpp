/// What an entity is: a name, a state, commands, events and pure functions over them.
///
///   struct Cart {
///     static constexpr std::string_view kKind = "cart";      // frozen: begins every stream id
///     static constexpr std::uint32_t kStateSchema = 1;       // raised when State changes; old snapshots are ignored
///     using Id = AccountId;
///     using State = cart::State;                             // described, default = before the first event
///     using Command = std::variant<cart::AddItem, …>;
///     using Event = std::variant<cart::ItemAdded, …>;        // described; kType and kSchema each
///     static Result<std::vector<Event>> decide(const State&, const Command&);
///     static State evolve(State, const Event&);              // total
///     static Effects react(Id self, const Event&);
///     static std::optional<Command> on_timer(std::string_view name, Time due, Time now);
///   };
///
/// All of them are deterministic: times, ids and prices come in by commands and events; `now` is when a timer fired,
/// which is later than `due` by as much as the shop was down or busy. A command already obeyed
/// yields no event; a command that cannot be obeyed yields an Error and changes nothing. A command that comes as an
/// effect (`Tell`) is never refused by an Error that its source must know of: the refusal is an event as well, so
/// that the log alone carries every answer.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/base/codec.hpp"
#include "engine/base/effect.hpp"
#include "engine/base/result.hpp"

namespace souk {

struct Effects;  // engine/entities.hpp: it names the commands of every entity

template <class E>
concept Entity = requires(typename E::State state, const typename E::Command& command, const typename E::Event& event,
                          typename E::Id id, std::string_view name, Time time) {
  { E::kKind } -> std::convertible_to<std::string_view>;
  { E::kStateSchema } -> std::convertible_to<std::uint32_t>;
  { E::decide(state, command) } -> std::same_as<Result<std::vector<typename E::Event>>>;
  { E::evolve(std::move(state), event) } -> std::same_as<typename E::State>;
  { E::react(id, event) } -> std::same_as<Effects>;
  { E::on_timer(name, time, time) } -> std::same_as<std::optional<typename E::Command>>;
};

template <class E>
StreamId stream_of(typename E::Id id) {
  return StreamId(E::kKind, id.value);
}

/// An event as it is stored: its wire name, the version of its shape, and its JSON.
struct StoredEvent {
  std::string_view type;
  std::uint16_t schema = 1;
  std::string payload;
};

template <class... Events>
StoredEvent encode_event(const std::variant<Events...>& event) {
  return std::visit(
      [](const auto& value) {
        using T = std::remove_cvref_t<decltype(value)>;
        StoredEvent stored{T::kType, T::kSchema, {}};
        encode_to(stored.payload, value);
        return stored;
      },
      event);
}

/// An event type whose shape has changed says how an older payload becomes the next version's: a pure text to text. Its
/// `Before` is a struct of the shape and the `kSchema` before, for documents; that may have a `Before`, too.
template <class T>
concept Upcast = requires(std::uint16_t from, std::string_view payload) {
  { T::upcast(from, payload) } -> std::same_as<Result<std::string>>;
};

namespace detail {

template <class T>
Result<void> decode_stored(T& out, std::uint16_t schema, std::string_view payload) {
  if (schema == T::kSchema) return decode_to(out, payload, UnknownFields::kIgnored);
  if (schema == 0 || schema > T::kSchema) {
    return fail(ErrorCode::kInternal, "event.newer_schema",
                std::string(T::kType) + " has schema " + std::to_string(schema) + ", this program knows up to " +
                    std::to_string(T::kSchema));
  }
  if constexpr (Upcast<T>) {
    std::string current(payload);
    for (std::uint16_t from = schema; from < T::kSchema; ++from) {
      auto next = T::upcast(from, current);
      if (!next) return tl::unexpected<Error>(std::move(next.error()));
      current = std::move(*next);
    }
    return decode_to(out, current, UnknownFields::kIgnored);
  } else {
    return fail(ErrorCode::kInternal, "event.no_upcaster",
                std::string(T::kType) + " of schema " + std::to_string(schema) + " cannot be read");
  }
}

}  // namespace detail

/// Errors: kInternal "event.unknown_type", "event.newer_schema", "event.no_upcaster"; kInvalid as `decode`.
template <class Event>
Result<Event> decode_event(std::string_view type, std::uint16_t schema, std::string_view payload) {
  // Decoded in place: the larger events are costly to move.
  Result<Event> event;
  Result<void> done;
  const auto try_type = [&]<class T>() {
    if (type != T::kType) return false;
    done = detail::decode_stored(event->template emplace<T>(), schema, payload);
    return true;
  };
  const bool known = [&]<class... Events>(std::variant<Events...>* /*tag*/) {
    return (try_type.template operator()<Events>() || ...);
  }(static_cast<Event*>(nullptr));
  if (!known) return fail(ErrorCode::kInternal, "event.unknown_type", "no event is called " + std::string(type));
  if (!done) return tl::unexpected<Error>(std::move(done.error()));
  return event;
}

}  // namespace souk
