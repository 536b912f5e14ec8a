#include "engine/reconciliation/reconciliation.hpp"

#include <doctest/doctest.h>

#include "engine/entities.hpp"
#include "engine/testing/given.hpp"

using namespace souk;
using namespace souk::reconciliation;
using namespace souk::testing;

namespace {

const auto kKeeper = id_of<AccountId>(1);
constexpr Time kFirst{1};
constexpr Time kAgain{2};
const std::string kDay = "2026-11-23";

Difference missing(const std::string& payment) {
  return {Kind::kMissingHere, payment, "", "T1", std::nullopt, Money{100, {}}};
}
RecordComparison compared(std::vector<Difference> differences, Time at = kFirst) {
  return {"alipay", kDay, std::move(differences), 7, 6, at};
}
Compared found(std::vector<Difference> differences) {
  return {"alipay", kDay, 7, 6, std::move(differences), {}, {}, 0, kFirst};
}

}  // namespace

TEST_CASE("a comparison records every difference it found") {
  const auto state =
      given<Reconciliation>().when(compared({missing("p"), missing("q")})).then(found({missing("p"), missing("q")}));
  REQUIRE(state.findings.size() == 2);
  CHECK(state.findings[1].is_open());
  CHECK(state.comparisons == 1);
}

TEST_CASE("a day without differences is recorded as well") {
  given<Reconciliation>().when(compared({})).then(found({}));
}

TEST_CASE("B13: comparing again duplicates nothing; what is new, gone and back again is told") {
  const auto first = given<Reconciliation>(found({missing("p"), missing("q")}));
  first.when(compared({missing("p"), missing("q")}, kAgain))
      .then(Compared{"alipay", kDay, 7, 6, {}, {}, {}, 0, kAgain});
  const auto second = Compared{"alipay", kDay, 7, 6, {missing("r")}, {1}, {}, 0, kAgain};
  const auto state = first.when(compared({missing("r"), missing("q")}, kAgain)).then(second);
  REQUIRE(state.findings.size() == 3);
  CHECK(state.findings[0].gone);
  given<Reconciliation>(found({missing("p"), missing("q")}), second)
      .when(compared({missing("p"), missing("r")}, kAgain))
      .then(Compared{"alipay", kDay, 7, 6, {}, {2}, {1}, 0, kAgain});
}

TEST_CASE("a difference that is named twice is one") {
  given<Reconciliation>().when(compared({missing("p"), missing("p")})).then(found({missing("p")}));
}

TEST_CASE("differences beyond the limit are counted") {
  std::vector<Difference> many;
  for (std::size_t i = 0; i < kDifferencesMax + 3; ++i) many.push_back(missing(std::to_string(i)));
  const auto decided = Reconciliation::decide({}, compared(many));
  REQUIRE(decided);
  CHECK(std::get<Compared>(decided->front()).found.size() == kDifferencesMax);
  CHECK(std::get<Compared>(decided->front()).omitted == 3);
}

TEST_CASE("a bill that is not to be had is recorded, and forgotten once there is one") {
  const auto failed = given<Reconciliation>()
                          .when(RecordFailure{"alipay", kDay, "bill.not_ready", kFirst})
                          .then(reconciliation::Failed{"alipay", kDay, "bill.not_ready", kFirst});
  CHECK(failed.problem == "bill.not_ready");
  const auto state = given<Reconciliation>(reconciliation::Failed{"alipay", kDay, "bill.not_ready", kFirst})
                         .when(compared({}))
                         .then(found({}));
  CHECK_FALSE(state.problem);
}

TEST_CASE("what is no day, or another one, is refused") {
  given<Reconciliation>()
      .when(RecordComparison{"alipay", "2026-02-30", {}, 0, 0, kFirst})
      .then_rejected(ErrorCode::kInvalid, "reconciliation.day_invalid");
  given<Reconciliation>()
      .when(RecordFailure{"", kDay, "x", kFirst})
      .then_rejected(ErrorCode::kInvalid, "reconciliation.day_invalid");
  given<Reconciliation>(found({}))
      .when(RecordComparison{"alipay", "2026-11-24", {}, 0, 0, kFirst})
      .then_rejected(ErrorCode::kConflict, "reconciliation.other_day");
}

TEST_CASE("a difference is settled once, and stays settled when it is found again") {
  const auto there = given<Reconciliation>(found({missing("p")}));
  const DifferenceSettled settled{1, "paid back by hand", kKeeper, kAgain};
  there.when(Settle{1, "paid back by hand", kKeeper, kAgain}).then(settled);
  const auto after = given<Reconciliation>(found({missing("p")}), settled);
  after.when(Settle{1, "paid back by hand", kKeeper, Time{9}}).then_nothing();
  after.when(Settle{1, "something else", kKeeper, kAgain})
      .then_rejected(ErrorCode::kConflict, "reconciliation.settled");
  const auto state =
      after.when(compared({missing("p")}, kAgain)).then(Compared{"alipay", kDay, 7, 6, {}, {}, {}, 0, kAgain});
  CHECK_FALSE(state.findings[0].is_open());
}

TEST_CASE("only what is there is settled, and with words") {
  given<Reconciliation>()
      .when(Settle{1, "x", kKeeper, kFirst})
      .then_rejected(ErrorCode::kNotFound, "reconciliation.not_found");
  const auto there = given<Reconciliation>(found({missing("p")}));
  for (const std::int64_t number : {0L, 2L, -1L}) {
    there.when(Settle{number, "x", kKeeper, kFirst})
        .then_rejected(ErrorCode::kNotFound, "reconciliation.difference_not_found");
  }
  there.when(Settle{1, "", kKeeper, kFirst}).then_rejected(ErrorCode::kInvalid, "reconciliation.note_invalid");
  there.when(Settle{1, std::string(501, 'x'), kKeeper, kFirst})
      .then_rejected(ErrorCode::kInvalid, "reconciliation.note_invalid");
}
