/// The installation's own secret keys: what is derived from the one file DATA/keys/install.key.
///
/// Losing the file means that names are no longer found by their claims, repeated requests are no longer recognised,
/// and cursors and tokens given out are void. It belongs in a backup, apart from the log's.
#pragma once

#include <cstdint>
#include <string>

#include "engine/base/result.hpp"
#include "privacy/key.hpp"

namespace souk {

struct InstallKeys {
  Key256 claims;        ///< ids of the claims of usernames and e-mail addresses
  Key256 commands;      ///< ids of commands and of what they create
  Key256 fingerprints;  ///< of requests that carry an idempotency key
  Key256 cursors;       ///< of lists, and position tokens
  Key256 tokens;        ///< access tokens
  Key256 one_time;      ///< tokens in messages to people
  Key256 sandbox;       ///< callbacks of the payment provider "sandbox"

  /// All of them from the one key; which number is which is frozen.
  static InstallKeys derive(const Key256& master);
};

/// What to do when there is no file: create it for a new installation, refuse when the log has events already.
enum class MissingKey : std::uint8_t { kCreate, kRefuse };

/// Reads `data_dir`/keys/install.key; creates it atomically and durably, readable by its owner only.
/// Errors: kInternal "install_key.missing", "install_key.malformed", "install_key.exposed" (others may read it),
/// "install_key.storage"; the detail names the file and what to do.
Result<InstallKeys> open_install_keys(const std::string& data_dir, MissingKey if_missing);

}  // namespace souk
