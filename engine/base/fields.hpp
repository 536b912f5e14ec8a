/// One list of fields per struct: it drives encoding, decoding, and later schemas and documents.
///
///   struct ItemAdded {
///     ProductId product_id;
///     std::int64_t quantity = 0;
///     static constexpr auto fields() {
///       return field_list(field("product_id", &ItemAdded::product_id), field("quantity", &ItemAdded::quantity));
///     }
///   };
///
/// Wire names are frozen once an event with them was written. A member declared with `defaulted` may be absent from
/// the text and then keeps the value its initialiser gives it; every other one is required, save `std::optional`.
#pragma once

#include <cstddef>
#include <string_view>
#include <utility>

namespace souk {

template <class Struct, class Member>
struct Field {
  std::string_view name;
  Member Struct::*member;
  bool required;
};

template <class Struct, class Member>
constexpr Field<Struct, Member> field(std::string_view name, Member Struct::*member) {
  return {name, member, true};
}
template <class Struct, class Member>
constexpr Field<Struct, Member> defaulted(std::string_view name, Member Struct::*member) {
  return {name, member, false};
}

namespace detail {

template <std::size_t I, class Item>
struct FieldSlot {
  Item item;
};

template <class Indices, class... Items>
struct FieldSlots;
template <std::size_t... I, class... Items>
struct FieldSlots<std::index_sequence<I...>, Items...> : FieldSlot<I, Items>... {};

}  // namespace detail

/// What a std::tuple would be, at a fifth of the compiler's time: there is one for each struct of the program.
template <class... Items>
struct FieldList : detail::FieldSlots<std::index_sequence_for<Items...>, Items...> {
  static constexpr std::size_t kSize = sizeof...(Items);
};

/// The field at place `I` of a list.
template <std::size_t I, class Item>
constexpr const Item& field_at(const detail::FieldSlot<I, Item>& slot) {
  return slot.item;
}

template <class... Items>
constexpr FieldList<Items...> field_list(Items... items) {
  return {{{items}...}};
}

/// Calls `visit(field)` for each field of a described struct, in the order of the list.
template <class T, class Visit>
constexpr void for_each_field(const Visit& visit) {
  constexpr auto kFields = T::fields();
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    (visit(field_at<I>(kFields)), ...);
  }
  (std::make_index_sequence<kFields.kSize>{});
}

/// A struct that has a list of fields.
template <class T>
concept Described = requires {
  T::fields();
};

}  // namespace souk
