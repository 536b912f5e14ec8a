/// The vault for tests and simulation: its keys are in memory only.
#pragma once

#include <mutex>
#include <optional>
#include <unordered_map>

#include "privacy/vault.hpp"

namespace souk {

class MemoryVault final : public Vault {
 public:
  Result<void> forget(AccountId person) override;

 private:
  Result<Key256> key_of(AccountId person, IfAbsent if_absent) override;

  std::mutex mutex_;
  std::unordered_map<AccountId, std::optional<Key256>> keys_;  ///< no key: forgotten
};

}  // namespace souk
