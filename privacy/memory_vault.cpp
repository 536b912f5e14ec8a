#include "privacy/memory_vault.hpp"

namespace souk {

Result<void> MemoryVault::forget(AccountId person) {
  const std::lock_guard lock(mutex_);
  keys_[person].reset();
  return {};
}

Result<Key256> MemoryVault::key_of(AccountId person, IfAbsent if_absent) {
  const std::lock_guard lock(mutex_);
  auto found = keys_.find(person);
  if (found == keys_.end() && if_absent == IfAbsent::kCreate) found = keys_.emplace(person, Key256::random()).first;
  if (found == keys_.end() || !found->second) return forgotten(person);
  return *found->second;
}

}  // namespace souk
