#include "limits/memory_store.hpp"

namespace souk::limits {

void MemoryStore::charge(std::vector<Charge> charges, StandingsThen then) {
  std::array<Asked, kChargesMax> asked{};
  for (std::size_t i = 0; i < charges.size(); ++i) asked[i] = {&charges[i].rate, charges[i].key, nullptr};
  std::vector<Standing> standings(charges.size());
  table_.charge({asked.data(), charges.size()}, clock_(), standings);
  then(std::move(standings));
}

}  // namespace souk::limits
