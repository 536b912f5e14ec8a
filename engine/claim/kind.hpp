/// What kind of name a claim is about.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "engine/base/codec.hpp"

namespace souk::claim {

enum class ClaimKind : std::uint8_t { kUsername, kEmail };

}  // namespace souk::claim

template <>
struct souk::EnumNames<souk::claim::ClaimKind> {
  static constexpr std::array<std::string_view, 2> values{"username", "email"};
};
