#include "privacy/one_time_token.hpp"

#include <doctest/doctest.h>

using namespace souk;

namespace {

const AccountId kAda{Id128{1, 2}};
const AccountId kBob{Id128{1, 3}};
const Id128 kMessage{5, 6};

}  // namespace

TEST_CASE("a message's token is the same whenever it is computed, and another for another message or account") {
  const OneTimeTokens tokens{Key256{}};
  const std::string token = tokens.text(kAda, kMessage);
  CHECK(token == tokens.text(kAda, kMessage));
  CHECK(token.size() == OneTimeTokens::kTextSize);
  CHECK(token != tokens.text(kBob, kMessage));
  CHECK(token.substr(27) != tokens.text(kBob, kMessage).substr(27));
  CHECK(token != tokens.text(kAda, Id128{5, 7}));
  CHECK(token != OneTimeTokens{Key256::random()}.text(kAda, kMessage));
}

TEST_CASE("a token's hash is no part of it") {
  const OneTimeTokens tokens{Key256{}};
  const std::string token = tokens.text(kAda, kMessage);
  CHECK(tokens.hash_of(token) == tokens.hash_of(token));
  CHECK(token.find(tokens.hash_of(token)) == std::string::npos);
  CHECK(tokens.hash_of(token) != tokens.hash_of(tokens.text(kBob, kMessage)));
}

TEST_CASE("a token says whose it is") {
  const OneTimeTokens tokens{Key256{}};
  const std::string token = tokens.text(kAda, kMessage);
  CHECK((OneTimeTokens::account_of(token) == kAda));
  for (const std::string& none :
       {std::string{}, token + "A", token.substr(1), token.substr(0, 26), "!" + token.substr(1),
        token.substr(0, 48) + "=", AccountId{}.str() + token.substr(26)}) {
    CHECK_MESSAGE(!OneTimeTokens::account_of(none), none);
  }
}
