#include "privacy/token_generations.hpp"

#include <doctest/doctest.h>

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
