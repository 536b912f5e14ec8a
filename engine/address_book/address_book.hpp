/// The addresses of one account that orders may go to. Exactly one of them is the default, as long as there is any.
///
/// Each address is sealed under its account's key, as an order's is, so `find(state, id)->address` can go into
/// order::Place as it stands.
/// Errors: kNotFound "address_book.address_not_found"; kConflict "address_book.full", "address_book.address_exists";
/// kInvalid "address_book.address_missing".
#pragma once

#include "engine/entity.hpp"
#include "engine/order/address.hpp"

namespace souk::address_book {

inline constexpr std::size_t kAddressesMax = 20;

struct Entry {
  AddressId id;
  Personal<Address> address;

  static constexpr auto fields() { return field_list(field("id", &Entry::id), field("address", &Entry::address)); }
  friend bool operator==(const Entry&, const Entry&) = default;
};

struct State {
  std::vector<Entry> entries;                ///< in the order in which they were added
  std::optional<AddressId> default_address;  ///< none exactly if there are no entries

  static constexpr auto fields() {
    return field_list(field("entries", &State::entries), field("default_address", &State::default_address));
  }
  friend bool operator==(const State&, const State&) = default;
};

/// Null if there is none with this id.
const Entry* find(const State& state, AddressId id);

// --- commands

/// The first one becomes the default, asked for or not.
struct Add {
  AddressId id;
  Personal<Address> address;
  bool make_default = false;
  friend bool operator==(const Add&, const Add&) = default;
};

struct Change {
  AddressId id;
  Personal<Address> address;
  friend bool operator==(const Change&, const Change&) = default;
};

/// The default passes to the oldest one that is left.
struct Remove {
  AddressId id;
  friend bool operator==(const Remove&, const Remove&) = default;
};

struct SetDefault {
  AddressId id;
  friend bool operator==(const SetDefault&, const SetDefault&) = default;
};

/// Effect: the account was deleted.
struct Clear {
  friend bool operator==(const Clear&, const Clear&) = default;
};

// --- events

struct Added {
  static constexpr std::string_view kType = "address_book.added";
  static constexpr std::uint16_t kSchema = 1;
  AddressId id;
  Personal<Address> address;
  bool is_default = false;

  static constexpr auto fields() {
    return field_list(field("id", &Added::id), field("address", &Added::address),
                      field("is_default", &Added::is_default));
  }
  friend bool operator==(const Added&, const Added&) = default;
};

struct Changed {
  static constexpr std::string_view kType = "address_book.changed";
  static constexpr std::uint16_t kSchema = 1;
  AddressId id;
  Personal<Address> address;

  static constexpr auto fields() { return field_list(field("id", &Changed::id), field("address", &Changed::address)); }
  friend bool operator==(const Changed&, const Changed&) = default;
};

struct Removed {
  static constexpr std::string_view kType = "address_book.removed";
  static constexpr std::uint16_t kSchema = 1;
  AddressId id;
  std::optional<AddressId> next_default;  ///< who takes over, if the default was removed and others are left

  static constexpr auto fields() {
    return field_list(field("id", &Removed::id), field("next_default", &Removed::next_default));
  }
  friend bool operator==(const Removed&, const Removed&) = default;
};

struct DefaultSet {
  static constexpr std::string_view kType = "address_book.default_set";
  static constexpr std::uint16_t kSchema = 1;
  AddressId id;

  static constexpr auto fields() { return field_list(field("id", &DefaultSet::id)); }
  friend bool operator==(const DefaultSet&, const DefaultSet&) = default;
};

struct Cleared {
  static constexpr std::string_view kType = "address_book.cleared";
  static constexpr std::uint16_t kSchema = 1;

  static constexpr auto fields() { return field_list(); }
  friend bool operator==(const Cleared&, const Cleared&) = default;
};

}  // namespace souk::address_book

namespace souk {

struct AddressBook {
  static constexpr std::string_view kKind = "address_book";
  static constexpr std::uint32_t kStateSchema = 1;
  using Id = AccountId;  ///< whose addresses they are
  using State = address_book::State;
  using Command = std::variant<address_book::Add, address_book::Change, address_book::Remove, address_book::SetDefault,
                               address_book::Clear>;
  using Event = std::variant<address_book::Added, address_book::Changed, address_book::Removed,
                             address_book::DefaultSet, address_book::Cleared>;
  static Result<std::vector<Event>> decide(const State& state, const Command& command);
  static State evolve(State state, const Event& event);
  static Effects react(Id self, const Event& event);
  static std::optional<Command> on_timer(std::string_view name, Time due, Time now);
};

}  // namespace souk
