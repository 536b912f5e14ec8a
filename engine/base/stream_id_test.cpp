#include "engine/base/stream_id.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace souk;

TEST_CASE("a stream is named by its kind and its id") {
  const StreamId id("order", Id128{0, 1});
  CHECK(id.text() == "order-00000000000000000000000001");
  CHECK(id.kind() == "order");
  CHECK((id.id() == Id128{0, 1}));
  CHECK((StreamId::parse(id.text()) == id));
  CHECK(StreamId("abcdefghijklmnopqrst", Id128{}).kind() == "abcdefghijklmnopqrst");
}

TEST_CASE("what is no kind, dash and id is no stream") {
  for (const std::string bad :
       {"", "order", "order-", "order-1", "-00000000000000000000000001", "Order-00000000000000000000000001",
        "order_00000000000000000000000001", "order--00000000000000000000000001", "order-00000000000000000000000001x",
        "abcdefghijklmnopqrstu-00000000000000000000000001"}) {
    CHECK_MESSAGE(!StreamId::parse(bad), std::string(bad));
  }
  CHECK(StreamId{}.empty());
  CHECK(StreamId{}.kind().empty());
  CHECK(StreamId{}.id().empty());
}

TEST_CASE("the slot of a stream never changes") {
  CHECK(StreamId("order", Id128{0, 1}).slot() == 881);
  CHECK(StreamId("cart", Id128{0, 1}).slot() == 1897);
  CHECK(StreamId("stock", Id128{~0ULL, ~0ULL}).slot() == 629);
}
