#include "privacy/password.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <vector>

namespace souk {
namespace {

constexpr auto kLeast = PasswordCost::least();

bool verify(PasswordPool& pool, std::optional<std::string> hash, std::string password) {
  std::promise<bool> answer;
  REQUIRE(pool.verify(std::move(hash), std::move(password), [&](bool equal) { answer.set_value(equal); }).has_value());
  return answer.get_future().get();
}

}  // namespace

TEST_CASE("a password verifies against its own hash only") {
  const auto hash = hash_password("correct horse", kLeast);
  REQUIRE(hash.has_value());
  CHECK(hash->starts_with("$argon2id$"));
  CHECK(verify_password(*hash, "correct horse"));
  CHECK(!verify_password(*hash, "correct horsf"));
  CHECK(!verify_password(*hash, "correct hors"));
  CHECK(!verify_password(*hash, ""));
}

TEST_CASE("the same password has another hash each time") {
  CHECK((hash_password("x", kLeast) != hash_password("x", kLeast)));
}

TEST_CASE("what is no hash verifies nothing") {
  const auto hash = hash_password("x", kLeast).value();
  for (const std::string& bad : {std::string(), std::string("x"), hash.substr(0, hash.size() - 1), hash + "A",
                                 std::string(10'000, 'a'), "$argon2i$" + hash.substr(10)}) {
    CHECK(!verify_password(bad, "x"));
  }
}

TEST_CASE("a password may hold any bytes, zero too") {
  const std::string with_zero("a\0b", 3);
  const auto hash = hash_password(with_zero, kLeast).value();
  CHECK(verify_password(hash, with_zero));
  CHECK(!verify_password(hash, "a"));
}

TEST_CASE("the default cost is what libsodium calls interactive") {
  const auto hash = hash_password("x", PasswordCost{}).value();
  CHECK(hash.starts_with("$argon2id$v=19$m=65536,t=2,p=1$"));
}

TEST_CASE("the pool hashes and verifies") {
  PasswordPool pool({1, 8, kLeast});
  std::promise<Result<std::string>> hashed;
  REQUIRE(pool.hash("secret", [&](Result<std::string> hash) { hashed.set_value(std::move(hash)); }).has_value());
  const auto hash = hashed.get_future().get();
  REQUIRE(hash.has_value());
  CHECK(verify(pool, *hash, "secret"));
  CHECK(!verify(pool, *hash, "Secret"));
}

TEST_CASE("an unknown user has no right password, not even the decoy's") {
  PasswordPool pool({1, 8, kLeast});
  CHECK(!verify(pool, std::nullopt, "decoy"));
  CHECK(!verify(pool, std::nullopt, ""));
}

TEST_CASE("an unknown user costs as much as a known one") {
  // Costly enough to stand out: answered without work, the unknown user would take no time at all.
  const PasswordCost cost{4, std::size_t{16} << 20};
  PasswordPool pool({1, 8, cost});
  const auto hash = hash_password("secret", cost).value();
  verify(pool, hash, "warm up");
  const auto time_of = [&](const std::optional<std::string>& stored) {
    auto best = std::chrono::steady_clock::duration::max();
    for (int i = 0; i < 3; ++i) {
      const auto start = std::chrono::steady_clock::now();
      verify(pool, stored, "wrong");
      best = std::min(best, std::chrono::steady_clock::now() - start);
    }
    return best;
  };
  const auto known = time_of(hash);
  const auto unknown = time_of(std::nullopt);
  CHECK(unknown > known / 4);
}

TEST_CASE("a full queue refuses at once, and every accepted job is answered") {
  std::promise<void> release;
  auto released = release.get_future().share();
  std::promise<void> started;
  std::atomic<int> answered = 0;
  {
    PasswordPool pool({1, 2, kLeast});
    REQUIRE(pool.hash("first",
                      [&](const Result<std::string>&) {
                        started.set_value();
                        released.wait();
                        ++answered;
                      })
                .has_value());
    started.get_future().wait();
    const auto count = [&](bool) { ++answered; };
    CHECK(pool.verify(std::nullopt, "second", count).has_value());
    CHECK(pool.verify(std::nullopt, "third", count).has_value());
    CHECK(pool.waiting() == 2);
    const auto refused = pool.verify(std::nullopt, "fourth", count);
    REQUIRE(!refused.has_value());
    CHECK(refused.error().reason == "password.busy");
    CHECK((refused.error().code == ErrorCode::kUnavailable));
    release.set_value();
  }
  CHECK(answered == 3);
}

}  // namespace souk
