/// Random ids, times and amounts, of which there are few, so that random commands meet each other.
#pragma once

#include "engine/base/id.hpp"
#include "engine/base/money.hpp"
#include "engine/base/time.hpp"
#include "engine/testing/random.hpp"

namespace souk::testing {

template <class SomeId>
SomeId random_id(Random& random, std::uint64_t how_many = 4) {
  return SomeId{Id128{7, random.below(how_many) + 1}};
}

inline Money random_money(Random& random) {
  return {random.between(-1, 5) * 100, random.one_in(8) ? *Currency::parse("EUR") : Currency{}};
}

inline Time random_time(Random& random) {
  return Time{random.between(0, 20)};
}

}  // namespace souk::testing
