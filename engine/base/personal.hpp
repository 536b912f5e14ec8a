/// Data about a person as the engine sees it: sealed, so that no rule, log, feed or export can read it.
///
/// The gateway seals on the way in, under a key per person that lives outside the log (privacy/vault.hpp), and opens
/// on the way out. Forgetting a person is dropping the key. `T` says what is inside.
#pragma once

#include <string>
#include <string_view>

namespace souk {

/// Shown to its owner and to whoever may see the owner's data.
template <class T>
struct Personal {
  static constexpr std::string_view kPrefix = "personal:v1:";
  std::string sealed;  ///< kPrefix and base64, or empty for "none"

  friend bool operator==(const Personal&, const Personal&) = default;
};

/// Never shown or exported to anybody, only compared with; password hashes are such.
template <class T>
struct Secret {
  static constexpr std::string_view kPrefix = "secret:v1:";
  std::string sealed;

  friend bool operator==(const Secret&, const Secret&) = default;
};

}  // namespace souk
