#include "privacy/access_token.hpp"

#include <doctest/doctest.h>
#include <sodium.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "privacy/base64url.hpp"
#include "privacy/keyed_hash.hpp"

namespace souk {
namespace {

constexpr Time kNow{1'800'000'000'000'000};
constexpr std::string_view kHeader = R"({"alg":"HS256","kid":"1","typ":"JWT"})";

const Key256& key() {
  static const Key256 instance = Key256::random();
  return instance;
}
const TokenKeys& keys() {
  static const TokenKeys instance(key());
  return instance;
}
const AccessTokens& tokens() {
  static const AccessTokens instance(keys());
  return instance;
}
AccountId alice() {
  static const AccountId id{random_id()};
  return id;
}

std::string issue(AccountId account, Principal::Role role, std::int64_t generation) {
  return tokens()
      .issue({account, role, generation, SessionId{{3, 4}}, random_id(), kNow + tokens().ttl(), "1"}, kNow)
      .value();
}
std::string issue() {
  return issue(alice(), Principal::Role::kCustomer, 3);
}

/// Signs whatever it is given with the right key, as only a mistake of ours could.
std::string signed_token(std::string_view header, std::string_view claims, const Key256& with = key()) {
  std::string token = base64url(header) + "." + base64url(claims);
  std::string tag(crypto_auth_hmacsha256_BYTES, '\0');
  crypto_auth_hmacsha256(reinterpret_cast<unsigned char*>(tag.data()),
                         reinterpret_cast<const unsigned char*>(token.data()), token.size(),
                         with.derive(1, "souk-tok").data());
  return token + "." + base64url(tag);
}

std::string claims_with(std::string_view from = {}, std::string_view to = {}) {
  std::string claims = R"({"iss":"souk","aud":"souk-api","typ":"access","sub":")" + alice().str() +
                       R"(","role":"customer","jti":")" + Id128{1, 2}.str() + R"(","sid":")" + Id128{3, 4}.str() +
                       R"(","gen":3,"iat":1800000000,"exp":1800007200})";
  if (!from.empty()) {
    const auto at = claims.find(from);
    REQUIRE(at != std::string::npos);
    claims.replace(at, from.size(), to);
  }
  return claims;
}

std::string reason_of(const std::string& token) {
  const auto verified = tokens().verify(token, kNow);
  if (verified) return "accepted";
  CHECK((verified.error().code == ErrorCode::kUnauthenticated));
  return verified.error().reason;
}

}  // namespace

TEST_CASE("a token says who its bearer is") {
  for (const auto role : {Principal::Role::kCustomer, Principal::Role::kAdministrator}) {
    const auto verified = tokens().verify(issue(alice(), role, 3), kNow);
    REQUIRE(verified.has_value());
    CHECK((verified->account == alice()));
    CHECK((verified->role == role));
    CHECK(verified->generation == 3);
    CHECK((verified->session == SessionId{{3, 4}}));
    CHECK(!verified->token_id.empty());
    CHECK((verified->expires_at == kNow + Duration::seconds(7'200)));
    CHECK(verified->key_id == "1");
  }
}

TEST_CASE("equal ones have the same token, and each other one another") {
  const Principal who{alice(),     Principal::Role::kCustomer, 3,  SessionId{{3, 4}},
                      Id128{1, 2}, kNow + tokens().ttl(),      "1"};
  CHECK(tokens().issue(who, kNow) == tokens().issue(who, kNow));
  CHECK(issue() != issue());
}

TEST_CASE("a token holds until it expires") {
  const auto token = issue();
  const Time end = kNow + Duration::seconds(7'200);
  CHECK(tokens().verify(token, Time{end.us - 1}).has_value());
  CHECK(tokens().verify(token, end).error().reason == "token.expired");
  CHECK(tokens().verify(token, Time{kNow.us - 3'600'000'000}).has_value());  // a clock set back
}

TEST_CASE("the test's own way of signing makes tokens that are accepted") {
  REQUIRE(reason_of(signed_token(kHeader, claims_with())) == "accepted");
}

TEST_CASE("only the one header is accepted, whatever it would choose") {
  const std::vector<std::string> headers{
      R"({"alg":"none","kid":"1","typ":"JWT"})",
      R"({"alg":"None","kid":"1","typ":"JWT"})",
      R"({"alg":"NONE","kid":"1","typ":"JWT"})",
      R"({"alg":"nOnE","kid":"1","typ":"JWT"})",
      R"({"alg":"","kid":"1","typ":"JWT"})",
      R"({"alg":"hs256","kid":"1","typ":"JWT"})",
      R"({"alg":"HS384","kid":"1","typ":"JWT"})",
      R"({"alg":"RS256","kid":"1","typ":"JWT"})",
      R"({"alg":"HS256","kid":"2","typ":"JWT"})",
      R"({"alg":"HS256","kid":"../../dev/null","typ":"JWT"})",
      R"({"alg":"HS256","kid":"' OR 1=1 --","typ":"JWT"})",
      R"({"alg":"HS256","kid":"","typ":"JWT"})",
      R"({"alg":"HS256","typ":"JWT"})",
      R"({"alg":"HS256","kid":"1","typ":"jwt"})",
      R"({"alg":"HS256","kid":"1"})",
      R"({"alg":"HS256","kid":"1","typ":"JWT","jku":"https://attacker.example/keys"})",
      R"({"alg":"HS256","kid":"1","typ":"JWT","jwk":{"kty":"oct","k":"AA"}})",
      R"({"alg":"HS256","kid":"1","typ":"JWT","crit":["exp"]})",
      R"({"alg":"none","alg":"HS256","kid":"1","typ":"JWT"})",
      R"( {"alg":"HS256","kid":"1","typ":"JWT"})",
      R"({"typ":"JWT","kid":"1","alg":"HS256"})",
      R"({"alg":"HS256","kid":")" + std::string(300, 'k') + R"(","typ":"JWT"})",
      "null",
      "",
  };
  for (const auto& header : headers) {
    CAPTURE(header);
    CHECK(reason_of(signed_token(header, claims_with())) == "token.malformed");
    const auto signed_one = signed_token(header, claims_with());
    CHECK(reason_of(signed_one.substr(0, signed_one.rfind('.') + 1)) == "token.malformed");
  }
}

TEST_CASE("claims that we signed but that are not an access token's are refused") {
  struct Case {
    std::string claims;
    std::string reason;
  };
  const std::vector<Case> cases{
      {claims_with(R"("iss":"souk")", R"("iss":"bazaar")"), "token.foreign"},
      {claims_with(R"("aud":"souk-api")", R"("aud":"other-api")"), "token.foreign"},
      {claims_with(R"("aud":"souk-api")", R"("aud":["souk-api"])"), "token.malformed"},
      {claims_with(R"("typ":"access")", R"("typ":"refresh")"), "token.foreign"},
      {claims_with(R"("iss":"souk",)", ""), "token.malformed"},
      {claims_with(R"("aud":"souk-api",)", ""), "token.malformed"},
      {claims_with(R"("typ":"access",)", ""), "token.malformed"},
      {claims_with(R"(,"exp":1800007200)", ""), "token.malformed"},
      {claims_with(R"("exp":1800007200)", R"("exp":1800086401)"), "token.malformed"},
      {claims_with(R"("iat":1800000000,)", ""), "token.malformed"},
      {claims_with(R"("gen":3,)", ""), "token.malformed"},
      {claims_with(R"("gen":3)", R"("gen":-1)"), "token.malformed"},
      {claims_with("1800007200", "1799999999"), "token.malformed"},
      {claims_with("1800007200", "\"1800007200\""), "token.malformed"},
      {claims_with("1800007200", "1800007200.5"), "token.malformed"},
      {claims_with("1800007200", "-1"), "token.malformed"},
      {claims_with("1800007200", "9223372036854775807"), "token.malformed"},
      {claims_with("1800007200", "1e400"), "token.malformed"},
      {claims_with("1800007200", "null"), "token.malformed"},
      {claims_with("\"iat\":1800000000,\"exp\":1800007200", "\"iat\":1700000000,\"exp\":1700007200"), "token.expired"},
      {claims_with(R"("role":"customer")", R"("role":"customer","role":"administrator")"), "token.malformed"},
      {claims_with(R"("role":"customer")", R"("role":"root")"), "token.malformed"},
      {claims_with(R"("role":"customer")", R"("role":1)"), "token.malformed"},
      {claims_with(R"("role":"customer")", R"("role":"customer","admin":true)"), "token.malformed"},
      {claims_with(alice().str(), "alice"), "token.malformed"},
      {claims_with(alice().str(), Id128{}.str()), "token.malformed"},
      {claims_with(Id128{1, 2}.str(), Id128{}.str()), "token.malformed"},
      {claims_with(Id128{3, 4}.str(), Id128{}.str()), "token.malformed"},
      {claims_with() + " {}", "token.malformed"},
      {"[" + claims_with() + "]", "token.malformed"},
      {claims_with().substr(0, 60), "token.malformed"},
      {"{}", "token.malformed"},
      {"", "token.malformed"},
      {"\xff\xfe", "token.malformed"},
      {std::string(200, '['), "token.malformed"},
  };
  for (const auto& one : cases) {
    CAPTURE(one.claims);
    CHECK(reason_of(signed_token(kHeader, one.claims)) == one.reason);
  }
}

TEST_CASE("what we did not sign is forged") {
  CHECK(reason_of(signed_token(kHeader, claims_with(), Key256::random())) == "token.forged");
  const auto good = signed_token(kHeader, claims_with());
  const auto claims_at = good.find('.') + 1;
  const auto tag_at = good.rfind('.') + 1;
  const std::string promoted = base64url(claims_with("customer", "administrator"));
  CHECK(reason_of(good.substr(0, claims_at) + promoted + good.substr(tag_at - 1)) == "token.forged");
  CHECK(reason_of(good.substr(0, tag_at) + base64url(std::string(32, '\0'))) == "token.forged");
  CHECK(reason_of(good.substr(0, tag_at)) == "token.malformed");
}

TEST_CASE("a token changed, cut or extended in any place is refused") {
  const auto good = signed_token(kHeader, claims_with());
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (const char c : {'A', '.', '=', '\0', '\xff'}) {
      auto changed = good;
      if (changed[i] == c) continue;
      changed[i] = c;
      CHECK(reason_of(changed) != "accepted");
    }
    CHECK(reason_of(good.substr(0, i)) != "accepted");
  }
  for (const std::string& bad :
       {good + ".", "." + good, good + ".AAAA", good + "=", good + " ", " " + good, good + "\n", good + good,
        std::string(".."), std::string("."), std::string(), std::string(100'000, 'A'), std::string(100'000, '.')}) {
    CHECK(reason_of(bad) == "token.malformed");
  }
}

TEST_CASE("a signature in another base64 text of the same bytes is refused") {
  const auto good = signed_token(kHeader, claims_with());
  // The last character of 43 carries four bits; the other two must be zero.
  const std::string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  for (std::size_t bits = 1; bits < 4; ++bits) {
    auto other = good;
    other.back() = alphabet[alphabet.find(good.back()) + bits];
    CHECK(reason_of(other) == "token.malformed");
  }
}

TEST_CASE("a token too long for one of ours is not looked at") {
  const auto long_one = signed_token(kHeader, claims_with("souk-api", std::string(1'024, 's')));
  CHECK(reason_of(long_one) == "token.malformed");
}

TEST_CASE("the cache answers as the verifier does, until the token expires") {
  TokenCache cache(tokens(), 4);
  const auto token = issue();
  const auto first = cache.verify(token, kNow);
  REQUIRE(first.has_value());
  CHECK((cache.verify(token, kNow) == first));
  CHECK(cache.size() == 1);
  CHECK(cache.verify(token, kNow + Duration::seconds(7'200)).error().reason == "token.expired");
  CHECK(cache.size() == 0);
}

TEST_CASE("the cache does not take the signature for the token") {
  TokenCache cache(tokens(), 4);
  const auto token = issue();
  REQUIRE(cache.verify(token, kNow).has_value());
  const auto promoted =
      base64url(kHeader) + "." + base64url(claims_with("customer", "administrator")) + token.substr(token.rfind('.'));
  CHECK(cache.verify(promoted, kNow).error().reason == "token.forged");
  CHECK(cache.verify(token.substr(token.rfind('.') + 1), kNow).error().reason == "token.malformed");
  CHECK(cache.verify(token, kNow).has_value());
}

TEST_CASE("the cache is bounded, keeps what is used, and never keeps what is refused") {
  TokenCache cache(tokens(), 3);
  const auto often = issue();
  for (int i = 0; i < 20; ++i) {
    CHECK(cache.verify(often, kNow).has_value());
    CHECK(cache.verify(issue(), kNow).has_value());
    CHECK(!cache.verify(signed_token(kHeader, claims_with(), Key256::random()), kNow).has_value());
    CHECK(cache.size() <= 3);
  }
}

TEST_CASE("many threads share the cache") {
  TokenCache cache(tokens(), 3);
  std::vector<std::string> some;
  for (int i = 0; i < 6; ++i) some.push_back(issue());
  std::vector<std::thread> threads;
  std::atomic<int> refused = 0;
  for (std::size_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (std::size_t i = 0; i < 500; ++i) {
        if (!cache.verify(some[(i * (t + 1)) % some.size()], kNow)) ++refused;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(refused == 0);
  CHECK(cache.size() <= 3);
}

}  // namespace souk
