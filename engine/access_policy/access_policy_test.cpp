#include "engine/access_policy/access_policy.hpp"

#include <doctest/doctest.h>

#include "engine/entities.hpp"
#include "engine/testing/given.hpp"

using namespace souk;
using namespace souk::access_policy;
using namespace souk::testing;

namespace {

const AccountId kAdmin{Id128{0, 3}};
const Time kNow{5};
const Row kGuest{"p", {"guest", "/a", "GET"}};
const Row kUser{"p", {"user", "/b", "GET"}};
const Row kRole{"g", {"alice", "user"}};
const Offered kBegun{"m", {{1, kGuest}, {2, kUser}}, {}};

RowsChanged changed(std::vector<NumberedRow> removed, std::vector<NumberedRow> added) {
  return {std::move(removed), std::move(added), kAdmin, kNow};
}

}  // namespace

TEST_CASE("what the program offers is there from its first start on") {
  given<AccessPolicy>().when(Offer{"m", {kGuest, kUser}}).then(kBegun);
  given<AccessPolicy>(kBegun).when(Offer{"m", {kGuest, kUser}}).then_nothing();
}

TEST_CASE("a rule of a new route is offered later, and the model stays") {
  given<AccessPolicy>(kBegun)
      .when(Offer{"other", {kGuest, kUser, kRole}})
      .then(Offered{std::nullopt, {{3, kRole}}, {}});
}

TEST_CASE("an offered row that was taken away is not offered again, one that was there is known") {
  given<AccessPolicy>(kBegun, changed({{1, kGuest}}, {{3, kRole}}))
      .when(Offer{"m", {kGuest, kUser, kRole}})
      .then(Offered{std::nullopt, {}, {key_of(kRole)}});
}

TEST_CASE("rows are changed together, each with the next number, and nothing twice") {
  given<AccessPolicy>(kBegun)
      .when(ChangeRows{{kGuest, kGuest, kRole}, {kRole, kRole, kUser}, kAdmin, kNow})
      .then(changed({{1, kGuest}}, {{3, kRole}}));
  given<AccessPolicy>(kBegun).when(ChangeRows{{kRole}, {kUser}, kAdmin, kNow}).then_nothing();
}

TEST_CASE("a row that is taken away and added at once stands behind all others") {
  given<AccessPolicy>(kBegun)
      .when(ChangeRows{{kGuest}, {kGuest}, kAdmin, kNow})
      .then(changed({{1, kGuest}}, {{3, kGuest}}));
}

TEST_CASE("a number is never given again") {
  given<AccessPolicy>(kBegun, changed({{2, kUser}}, {}))
      .when(ChangeRows{{}, {kRole}, kAdmin, kNow})
      .then(changed({}, {{3, kRole}}));
}

TEST_CASE("a model is replaced by another one") {
  given<AccessPolicy>(kBegun).when(ReplaceModel{"n", kAdmin, kNow}).then(ModelReplaced{"n", kAdmin, kNow});
  given<AccessPolicy>(kBegun).when(ReplaceModel{"m", kAdmin, kNow}).then_nothing();
}

TEST_CASE("rolled back, all is as it was, with its numbers") {
  const Rows before = fold<AccessPolicy>({kBegun}).rows;
  given<AccessPolicy>(kBegun, changed({{1, kGuest}}, {{3, kRole}, {4, kGuest}}), ModelReplaced{"n", kAdmin, kNow})
      .when(RollBack{Version{1}, "m", before, kAdmin, kNow})
      .then(ModelReplaced{"m", kAdmin, kNow}, changed({{3, kRole}, {4, kGuest}}, {{1, kGuest}}),
            RolledBack{Version{1}, kAdmin, kNow});
  given<AccessPolicy>(kBegun).when(RollBack{Version{1}, "m", before, kAdmin, kNow}).then_nothing();
  given<AccessPolicy>(kBegun)
      .when(RollBack{Version{1}, "", before, kAdmin, kNow})
      .then_rejected(ErrorCode::kInvalid, "permissions.version_unknown");
}

TEST_CASE("a large roll back is told in parts") {
  Rows before;
  for (std::int64_t i = 1; i <= 2'500; ++i) {
    const Row row{"p", {std::to_string(i)}};
    before.emplace(key_of(row), NumberedRow{i, row});
  }
  const auto events =
      AccessPolicy::decide(fold<AccessPolicy>({kBegun}), RollBack{Version{2}, "m", before, kAdmin, kNow});
  REQUIRE(events);
  CHECK(events->size() == 4);
  CHECK((fold<AccessPolicy>(*events, fold<AccessPolicy>({kBegun})).rows == before));
}

TEST_CASE("begun anew, model and rows are those that a shop begins with, which is no version before") {
  const auto began = fold<AccessPolicy>({kBegun});
  given<AccessPolicy>(kBegun, changed({{2, kUser}}, {{3, kRole}}), ModelReplaced{"n", kAdmin, kNow})
      .when(RollBack{Version{0}, "m", began.rows, {}, kNow})
      .then(ModelReplaced{"m", {}, kNow}, RowsChanged{{{3, kRole}}, {{2, kUser}}, {}, kNow});
  given<AccessPolicy>(kBegun).when(RollBack{Version{0}, "m", began.rows, {}, kNow}).then_nothing();
}

TEST_CASE("all rows together are bounded in bytes, and whoever takes away needs no room") {
  constexpr std::size_t kBytesMax = 64 * 1024 * 1024;
  constexpr std::size_t kValues = 15;
  const auto wide = [](std::size_t number) {
    std::vector<std::string> values(kValues, std::string(kValueBytesMax, 'a'));
    values.push_back(std::to_string(number));
    return Row{"p", std::move(values)};
  };
  const auto count = kBytesMax / (kValues * kValueBytesMax);
  std::vector<AccessPolicy::Event> full{kBegun};
  for (std::size_t i = 0; i < count; ++i) full.emplace_back(changed({}, {{static_cast<std::int64_t>(i + 3), wide(i)}}));
  const auto past = given<AccessPolicy>(full);
  past.when(ChangeRows{{}, {wide(count)}, kAdmin, kNow}).then_rejected(ErrorCode::kConflict, "permissions.rows_full");
  past.when(ChangeRows{{kGuest}, {}, kAdmin, kNow}).then(changed({{1, kGuest}}, {}));
}

TEST_CASE("what is too long or holds line ends is refused") {
  const auto refused = [](Row row) {
    given<AccessPolicy>(kBegun)
        .when(ChangeRows{{}, {std::move(row)}, kAdmin, kNow})
        .then_rejected(ErrorCode::kInvalid, "permissions.row_invalid");
  };
  refused({"", {"a"}});
  refused({"ppp", {"a"}});
  refused({"p", {}});
  refused({"p", std::vector<std::string>(17, "a")});
  refused({"p", {std::string(1'025, 'a')}});
  refused({"p", {"a\nb"}});
  given<AccessPolicy>(kBegun)
      .when(ReplaceModel{"", kAdmin, kNow})
      .then_rejected(ErrorCode::kInvalid, "permissions.model_invalid");
  given<AccessPolicy>(kBegun)
      .when(ReplaceModel{std::string(kModelBytesMax + 1, 'm'), kAdmin, kNow})
      .then_rejected(ErrorCode::kInvalid, "permissions.model_invalid");
  given<AccessPolicy>(kBegun)
      .when(ChangeRows{{}, std::vector<Row>(kRowsChangedMax + 1, kRole), kAdmin, kNow})
      .then_rejected(ErrorCode::kInvalid, "permissions.too_many_rows");
}
