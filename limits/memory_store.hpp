/// Counters shared by whoever has this object: what one process needs, and tests.
#pragma once

#include <functional>

#include "limits/counter_store.hpp"
#include "limits/counter_table.hpp"

namespace souk::limits {

class MemoryStore final : public CounterStore {
 public:
  MemoryStore(std::size_t counters, std::function<Time()> clock) : table_(counters), clock_(std::move(clock)) {}

  void charge(std::vector<Charge> charges, StandingsThen then) override;

 private:
  CounterTable table_;
  std::function<Time()> clock_;
};

}  // namespace souk::limits
