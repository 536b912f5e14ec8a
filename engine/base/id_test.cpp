#include "engine/base/id.hpp"

#include <doctest/doctest.h>

#include <unordered_set>

using namespace souk;

TEST_CASE("the text of an id never changes") {
  CHECK(Id128{}.str() == "00000000000000000000000000");
  CHECK(Id128{0, 1}.str() == "00000000000000000000000001");
  CHECK(Id128{0x0123456789abcdef, 0xfedcba9876543210}.str() == "014d2pf2dbsqqzxq5tk1v58cgg");
  CHECK(Id128{~0ULL, ~0ULL}.str() == "7zzzzzzzzzzzzzzzzzzzzzzzzz");
}

TEST_CASE("every single bit of an id survives its text") {
  for (int bit = 0; bit < 64; ++bit) {
    for (const Id128 id : {Id128{1ULL << bit, 0}, Id128{0, 1ULL << bit}, Id128{~(1ULL << bit), ~0ULL}}) {
      CHECK(Id128::parse(id.str()) == id);
    }
  }
}

TEST_CASE("only the canonical text is an id") {
  for (const auto* bad : {"", "0000000000000000000000000", "000000000000000000000000000", "80000000000000000000000000",
                          "zzzzzzzzzzzzzzzzzzzzzzzzzz", "0000000000000000000000000A", "0000000000000000000000000i",
                          "0000000000000000000000000l", "0000000000000000000000000o", "0000000000000000000000000u",
                          "0000000000000 000000000000", "-0000000000000000000000001", "0000000000000000000000000\xff",
                          "\xff"
                          "0000000000000000000000000"}) {
    CHECK_MESSAGE(!Id128::parse(bad), std::string(bad));
  }
}

TEST_CASE("an id is made of bytes in network order") {
  const std::uint8_t bytes[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
  CHECK((Id128::from_bytes(bytes) == Id128{0x0102030405060708, 0x090a0b0c0d0e0f10}));
}

TEST_CASE("ids of different things do not mix, and are ordered and hashed") {
  static_assert(!std::is_convertible_v<OrderId, ProductId>);
  CHECK((OrderId{{0, 1}} < OrderId{{0, 2}}));
  CHECK((OrderId{{0, 2}} < OrderId{{1, 0}}));
  std::unordered_set<OrderId> set{OrderId{{0, 1}}, OrderId{{1, 0}}, OrderId{{0, 1}}};
  CHECK(set.size() == 2);
  CHECK(OrderId{}.empty());
  CHECK(!OrderId::parse("x"));
}
