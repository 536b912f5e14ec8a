#include "privacy/token_generations.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace souk;

namespace {

const AccountId kAda{Id128{1, 2}};
const AccountId kBob{Id128{1, 3}};

Principal bearer(AccountId account, std::int64_t generation) {
  return {account, Principal::Role::kCustomer, generation, Id128{9, 9}, Time{}};
}

}  // namespace

TEST_CASE("a token of an older generation than its account's is void") {
  TokenGenerations generations;
  CHECK(!generations.is_void(bearer(kAda, 0)));
  generations.raise(kAda, 2);
  CHECK(generations.is_void(bearer(kAda, 0)));
  CHECK(generations.is_void(bearer(kAda, 1)));
  CHECK(!generations.is_void(bearer(kAda, 2)));
  CHECK(!generations.is_void(bearer(kBob, 0)));
}

TEST_CASE("a generation never falls, and accounts that never raised theirs are not kept") {
  TokenGenerations generations;
  generations.raise(kBob, 0);
  CHECK(generations.size() == 0);
  generations.raise(kAda, 2);
  generations.raise(kAda, 1);
  CHECK(generations.is_void(bearer(kAda, 1)));
  CHECK(generations.size() == 1);
}

TEST_CASE("every rise is told once, when it counts already") {
  std::vector<std::int64_t> told;
  TokenGenerations* self = nullptr;
  TokenGenerations generations([&](AccountId account, std::int64_t generation) {
    CHECK(account == kAda);
    CHECK(self->is_void(bearer(kAda, generation - 1)));
    told.push_back(generation);
  });
  self = &generations;
  for (const int generation : {0, 1, 1, 3, 2, 3}) generations.raise(kAda, generation);
  CHECK((told == std::vector<std::int64_t>{1, 3}));
}
