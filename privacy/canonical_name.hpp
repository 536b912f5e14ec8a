/// When two usernames or e-mail addresses are the same: their canonical form and the id of the claim to it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/id.hpp"
#include "engine/base/result.hpp"
#include "privacy/keyed_hash.hpp"

namespace souk {

inline constexpr std::size_t kNameBytesMax = 1'024;

/// Unicode's NFKC_Casefold (UAX #31): "ＡＬＩＣＥ", "Alice" and "alice" are one name. Folding it again changes nothing.
/// Errors: kInvalid "name.invalid": no UTF-8, nothing left, or more than 1,024 bytes.
Result<std::string> canonical_name(std::string_view name);

enum class NameKind : std::uint8_t { kUsername, kEmail };

/// The id says nothing about the name to anybody without the key. Frozen.
ClaimId claim_id(const KeyedHash& claims, NameKind kind, std::string_view canonical);

}  // namespace souk
