/// The vault whose keys live in a SQLite file of their own, outside the log and its backups.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "privacy/install_keys.hpp"
#include "privacy/vault.hpp"

namespace souk {

class SqliteVault final : public Vault {
 public:
  using Vault::open;

  /// Whether there is a file of keys to open.
  static bool exists(const std::string& data_dir);

  /// Opens `data_dir`/keys/keys.db, readable by its owner only. `cached_max`: keys kept in memory.
  /// Errors: kInternal "privacy.storage", saying what is wrong and with which file; "privacy.keys_missing".
  static Result<std::unique_ptr<SqliteVault>> open(const std::string& data_dir, MissingKey if_missing,
                                                   std::size_t cached_max = 65'536);
  ~SqliteVault() override;

  Result<void> forget(AccountId person) override;

 private:
  struct Impl;
  explicit SqliteVault(std::unique_ptr<Impl> impl);
  Result<Key256> key_of(AccountId person, IfAbsent if_absent) override;

  std::unique_ptr<Impl> impl_;
};

}  // namespace souk
