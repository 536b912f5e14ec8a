/// Strongly typed 128-bit ids of entities, written as 26 characters of Crockford's base 32.
///
/// Ids are made outside the engine (random, or a keyed hash) and come in through commands.
/// Source: the alphabet is Douglas Crockford's base 32, in lower case.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace souk {

/// 128 bits without meaning. Zero is "no id".
struct Id128 {
  static constexpr std::size_t kTextSize = 26;

  std::uint64_t high = 0;
  std::uint64_t low = 0;

  static Id128 from_bytes(const std::uint8_t* bytes16);
  /// Only the canonical form is accepted: 26 characters, lower case, value below 2^128.
  static std::optional<Id128> parse(std::string_view text);

  [[nodiscard]] std::array<char, kTextSize> text() const;
  [[nodiscard]] std::string str() const;
  [[nodiscard]] bool empty() const { return high == 0 && low == 0; }

  friend auto operator<=>(const Id128&, const Id128&) = default;
};

/// An Id128 that cannot be confused with the id of another kind of thing.
template <class Tag>
struct Id {
  Id128 value;

  static std::optional<Id> parse(std::string_view text) {
    auto parsed = Id128::parse(text);
    if (!parsed) return std::nullopt;
    return Id{*parsed};
  }
  [[nodiscard]] std::string str() const { return value.str(); }
  [[nodiscard]] bool empty() const { return value.empty(); }

  friend auto operator<=>(const Id&, const Id&) = default;
};

using AccountId = Id<struct AccountTag>;
using ClaimId = Id<struct ClaimTag>;
using ProductId = Id<struct ProductTag>;  ///< also names the product's stock
using OrderId = Id<struct OrderTag>;
using PaymentId = Id<struct PaymentTag>;
using RefundId = Id<struct RefundTag>;  ///< one attempt to refund a payment
using CommandId = Id<struct CommandTag>;
using CategoryId = Id<struct CategoryTag>;
using BrandId = Id<struct BrandTag>;
using CategoryTreeId = Id<struct CategoryTreeTag>;
using BrandsId = Id<struct BrandsTag>;
using LimitPolicyId = Id<struct LimitPolicyTag>;
using LiveSettingsId = Id<struct LiveSettingsTag>;
using CartId = Id<struct CartTag>;        ///< a guest's cart; a user's is named by the account
using AddressId = Id<struct AddressTag>;  ///< within its account
using ShipmentId = Id<struct ShipmentTag>;
using JobId = Id<struct JobTag>;
using SessionId = Id<struct SessionTag>;  ///< within its account
using AccessPolicyId = Id<struct AccessPolicyTag>;
using PolicyRowId = Id<struct PolicyRowTag>;  ///< a hash of the row

}  // namespace souk

template <>
struct std::hash<souk::Id128> {
  std::size_t operator()(const souk::Id128& id) const noexcept {
    // Ids are hashes or random already; mixing the halves is enough.
    return static_cast<std::size_t>(id.high ^ (id.low * 0x9E3779B97F4A7C15ULL));
  }
};
template <class Tag>
struct std::hash<souk::Id<Tag>> {
  std::size_t operator()(const souk::Id<Tag>& id) const noexcept { return std::hash<souk::Id128>{}(id.value); }
};
