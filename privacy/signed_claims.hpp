/// Claims under a signature, as text: JSON Web Tokens (RFC 7519) with HS256, signed and verified by libjwt.
///
/// As RFC 8725 advises, nothing in a token chooses how it is checked: only one header was ever given out under a key,
/// so it is compared as text and not interpreted.
/// Thread-safety: const after construction; any thread may call.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "privacy/key.hpp"

namespace souk {

class ClaimsSigner {
 public:
  static constexpr std::size_t kTextSizeMax = 1024;

  /// `key_id` stands in the header.
  ClaimsSigner(const Key256& key, const std::string& key_id);

  /// `claims`: a JSON object. Equal claims give equal text.
  [[nodiscard]] std::string sign(const std::string& claims) const;

  struct Opened {
    std::string claims;      ///< as they were signed, or as a stranger wrote them
    bool is_signed = false;  ///< by us
    std::string key_id;      ///< of this key
  };
  /// None: by its form no token of this key. What is not signed may be anything.
  [[nodiscard]] std::optional<Opened> open(std::string_view token) const;

 private:
  Key256 key_;
  std::string key_id_;
  std::string header_;  ///< with the dot behind it
};

}  // namespace souk
