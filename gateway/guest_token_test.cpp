#include "gateway/guest_token.hpp"

#include <doctest/doctest.h>

using namespace souk;

namespace {

KeyedHash hash_with(std::uint8_t byte) {
  Key256 key;
  key.data()[0] = byte;
  return KeyedHash(key);
}

}  // namespace

TEST_CASE("a cart token names one cart, and no token names another's") {
  const auto hash = hash_with(1);
  const auto token = make_cart_token();
  CHECK(token.size() == 43);
  CHECK(make_cart_token() != token);
  REQUIRE(cart_of_token(hash, token));
  CHECK((cart_of_token(hash, token) == cart_of_token(hash, token)));
  CHECK((cart_of_token(hash, token) != cart_of_token(hash, make_cart_token())));
}

TEST_CASE("which cart a token names is known only with the key") {
  const auto token = make_cart_token();
  CHECK((cart_of_token(hash_with(1), token) != cart_of_token(hash_with(2), token)));
}

TEST_CASE("what is no token names no cart") {
  const auto hash = hash_with(1);
  const auto token = make_cart_token();
  for (const std::string& text : {std::string(), std::string("x"), token + "A", token.substr(1), token + "="}) {
    CHECK(!cart_of_token(hash, text));
  }
}
