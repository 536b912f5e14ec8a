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

#include <string_view>
#include <tuple>

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

template <class... Fields>
constexpr std::tuple<Fields...> field_list(Fields... fields) {
  return {fields...};
}

/// A struct that has a list of fields.
template <class T>
concept Described = requires {
  T::fields();
};

}  // namespace souk
