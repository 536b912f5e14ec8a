#include "privacy/refresh_token.hpp"

#include <doctest/doctest.h>

#include "privacy/access_token.hpp"
#include "privacy/keyed_hash.hpp"

using namespace souk;

namespace {

constexpr Time kNow{1'800'000'000'000'000};
const TokenKeys kKeys{Key256::random()};
const RefreshTokens kTokens{kKeys};
const RefreshTicket kTicket{AccountId{random_id()}, SessionId{random_id()}, 3, 2, kNow + Duration::seconds(60), "1"};

}  // namespace

TEST_CASE("a refresh token says what it is good for until it expires") {
  const auto token = kTokens.issue(kTicket).value();
  CHECK((kTokens.verify(token, kNow) == Result<RefreshTicket>(kTicket)));
  CHECK((kTokens.verify(token, kTicket.expires_at).error().reason == "token.expired"));
}

TEST_CASE("the same turn of a session has the same token, and each other one another") {
  CHECK(kTokens.issue(kTicket).value() == kTokens.issue(kTicket).value());
  auto next = kTicket;
  ++next.turn;
  CHECK(kTokens.issue(next).value() != kTokens.issue(kTicket).value());
}

TEST_CASE("neither kind of token is taken for the other") {
  const AccessTokens access(kKeys);
  const Principal who{kTicket.account, Principal::Role::kCustomer, 2,  kTicket.session,
                      random_id(),     kTicket.expires_at,         "1"};
  CHECK_FALSE(kTokens.verify(access.issue(who, kNow).value(), kNow));
  CHECK_FALSE(access.verify(kTokens.issue(kTicket).value(), kNow));
}

TEST_CASE("a refresh token changed in any place, or of another key, is refused") {
  const auto good = kTokens.issue(kTicket).value();
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (const char c : {'A', '.', '='}) {
      auto changed = good;
      if (changed[i] == c) continue;
      changed[i] = c;
      CHECK_FALSE(kTokens.verify(changed, kNow));
    }
  }
  const TokenKeys others{Key256::random()};
  CHECK(kTokens.verify(RefreshTokens(others).issue(kTicket).value(), kNow).error().reason == "token.forged");
  CHECK(kTokens.verify("", kNow).error().reason == "token.malformed");
  CHECK(kTokens.verify(std::string(100'000, 'A'), kNow).error().reason == "token.malformed");
}
