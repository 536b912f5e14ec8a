#include "engine/reconciliation/compare.hpp"

#include <doctest/doctest.h>

using namespace souk;
using namespace souk::reconciliation;

namespace {

BillLine theirs(const std::string& payment, std::int64_t amount, const std::string& refund = "") {
  return {payment, refund, "T-" + payment, {amount, {}}};
}
OwnBooking ours(const std::string& payment, std::int64_t amount, const std::string& refund = "",
                bool of_the_day = true) {
  return {payment, refund, "T-" + payment, {amount, {}}, of_the_day};
}

}  // namespace

TEST_CASE("what agrees is no difference") {
  CHECK(compare({theirs("p", 100), theirs("p", 30, "r")}, {}, {ours("p", 100), ours("p", 30, "r")}).empty());
  CHECK(compare({}, {}, {}).empty());
}

TEST_CASE("B13: differences are found in both directions, of payments and of refunds") {
  const auto found = compare({theirs("amount", 101), theirs("here", 5), theirs("here", 4, "r")}, {},
                             {ours("amount", 100), ours("there", 7), ours("there", 3, "r")});
  REQUIRE(found.size() == 5);
  CHECK(found[0] == Difference{Kind::kAmount, "amount", "", "T-amount", Money{100, {}}, Money{101, {}}});
  CHECK(found[1] == Difference{Kind::kMissingHere, "here", "", "T-here", std::nullopt, Money{5, {}}});
  CHECK(found[2] == Difference{Kind::kRefundMissingHere, "here", "r", "T-here", std::nullopt, Money{4, {}}});
  CHECK(found[3] == Difference{Kind::kMissingThere, "there", "", "T-there", Money{7, {}}, std::nullopt});
  CHECK(found[4] == Difference{Kind::kRefundMissingThere, "there", "r", "T-there", Money{3, {}}, std::nullopt});
}

TEST_CASE("a refund of another amount differs") {
  const auto found = compare({theirs("p", 30, "r")}, {}, {ours("p", 29, "r")});
  REQUIRE(found.size() == 1);
  CHECK(found[0].kind == Kind::kRefundAmount);
}

TEST_CASE("what the provider booked the day before, and the shop heard of late, is not missing") {
  CHECK(compare({}, {theirs("p", 100)}, {ours("p", 100)}).empty());
}

TEST_CASE("payments of other days are there to be found, not to be missed") {
  CHECK(compare({theirs("late", 100)}, {}, {ours("late", 100, "", false), ours("early", 5, "", false)}).empty());
}

TEST_CASE("what the provider booked twice differs by its sum") {
  const auto found = compare({theirs("p", 100), theirs("p", 100)}, {}, {ours("p", 100)});
  REQUIRE(found.size() == 1);
  CHECK(found[0].theirs == Money{200, {}});
}

TEST_CASE("an amount in another currency differs") {
  BillLine line = theirs("p", 100);
  line.amount.currency = *Currency::parse("USD");
  CHECK(compare({line}, {}, {ours("p", 100)}).size() == 1);
}
