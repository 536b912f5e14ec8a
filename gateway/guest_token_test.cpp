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

TEST_CASE("keys that nobody guesses are UUIDs of version 4 or 7, and no other text however long") {
  for (const std::string key : {"7f9c24e5-2f1b-4e6b-9d2a-0c5f8e1a3b77", "7F9C24E5-2F1B-4E6B-BD2A-0C5F8E1A3B77",
                                "019302f4-8f3a-7c1e-8a2b-3c4d5e6f7a8b"}) {
    CAPTURE(key);
    CHECK(is_unguessable_key(key));
  }
  for (const std::string key :
       {"", "1", "my-cart", "6ba7b810-9dad-11d1-80b4-00c04fd430c8", "74738ff5-5367-5958-9aee-98fffdcd1876",
        "7f9c24e5-2f1b-4e6b-0d2a-0c5f8e1a3b77", "00000000-0000-0000-0000-000000000000", "customer-cart-checkout-1",
        "9f86d081884c7d659a2feaa0c55ad015", "hR3v_9Kd-2LpQx8ZtN4bYw", "7f9c24e52f1b4e6b9d2a0c5f8e1a3b77",
        "7f9c24e5-2f1b-4e6b-9d2a-0c5f8e1a3b7", "{7f9c24e5-2f1b-4e6b-9d2a-0c5f8e1a3b77}"}) {
    CAPTURE(key);
    CHECK(!is_unguessable_key(key));
  }
}
