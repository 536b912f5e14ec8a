#include "engine/guest_cart/guest_cart.hpp"

#include <doctest/doctest.h>

#include "engine/entities.hpp"
#include "engine/testing/given.hpp"

using namespace souk;
using namespace souk::guest_cart;
using namespace souk::testing;

namespace {

const auto kSelf = id_of<CartId>(9);
const auto kBuyer = id_of<AccountId>(3);
const auto kOther = id_of<AccountId>(4);
const auto kTea = id_of<ProductId>(1);
const auto kCup = id_of<ProductId>(2);
const Opened kOpened{Time{1}, 3'600};

const std::vector<GuestCart::Command> kChanges{cart::AddItem{kTea, 1}, cart::SetItem{kTea, 1}, cart::RemoveItem{kTea},
                                               cart::Clear{}};

}  // namespace

TEST_CASE("a guest's cart is opened once") {
  const auto after = given<GuestCart>().when(Open{Time{1}, 3'600}).then(kOpened);
  CHECK(after.status == Status::kOpen);
  CHECK(after.ttl_s == 3'600);
  given<GuestCart>(kOpened).when(Open{Time{9}, 60}).then_nothing();
}

TEST_CASE("nothing can be put into a guest's cart that was never opened") {
  for (const auto& change : kChanges) {
    given<GuestCart>().when(change).then_rejected(ErrorCode::kNotFound, "cart.not_found");
  }
  given<GuestCart>().when(Spend{kBuyer}).then_rejected(ErrorCode::kNotFound, "cart.not_found");
}

TEST_CASE("a guest puts in, sets, takes out and clears as others do") {
  const cart::Seen seen{yuan(100), "Tea", Version{3}};
  given<GuestCart>(kOpened).when(cart::AddItem{kTea, 2, seen}).then(LinePut{{kTea, 2, true, seen}});
  const auto past = given<GuestCart>(kOpened, LinePut{{kTea, 2, true, seen}});
  past.when(cart::AddItem{kTea, 3}).then(LinePut{{kTea, 5, true, seen}});
  past.when(cart::SetItem{kTea, 7}).then(LinePut{{kTea, 7, true, seen}});
  past.when(cart::SetItem{kTea, std::nullopt, false}).then(LinePut{{kTea, 2, false, seen}});
  past.when(cart::SetItem{kTea, 2}).then_nothing();
  past.when(cart::RemoveItem{kTea}).then(LineRemoved{kTea});
  past.when(cart::RemoveItem{kCup}).then_nothing();
  const auto cleared = past.when(cart::Clear{}).then(guest_cart::Cleared{});
  CHECK(cleared.lines.empty());
  given<GuestCart>(kOpened).when(cart::Clear{}).then_nothing();
}

TEST_CASE("the limits of a cart hold for guests too") {
  std::vector<GuestCart::Event> full{kOpened};
  for (std::uint64_t i = 1; i <= cart::kLinesMax; ++i) full.emplace_back(LinePut{{id_of<ProductId>(i), 1}});
  given<GuestCart>(full)
      .when(cart::AddItem{id_of<ProductId>(1'000), 1})
      .then_rejected(ErrorCode::kConflict, "cart.too_many_lines");
  given<GuestCart>(kOpened).when(cart::AddItem{kTea, -1}).then_rejected(ErrorCode::kInvalid, "cart.quantity_invalid");
}

TEST_CASE("a guest's cart is spent for one account, which is told its lines") {
  const Spent spent{kBuyer, {{kTea, 2}}};
  const auto past = given<GuestCart>(kOpened, LinePut{{kTea, 2}});
  const auto after = past.when(Spend{kBuyer}).then(spent);
  CHECK(after.lines.empty());
  CHECK((GuestCart::react(kSelf, spent) == Effects{{tell<Cart>(kBuyer, cart::Merge{kSelf, {{kTea, 2}}})}, {}, {}}));
}

TEST_CASE("a guest's cart is spent once") {
  const auto past = given<GuestCart>(kOpened, LinePut{{kTea, 2}}, Spent{kBuyer, {{kTea, 2}}});
  past.when(Spend{kBuyer}).then_nothing();
  past.when(Spend{kOther}).then_rejected(ErrorCode::kConflict, "cart.spent");
  for (const auto& change : kChanges) past.when(change).then_rejected(ErrorCode::kConflict, "cart.spent");
  past.when(Expire{}).then_nothing();
}

TEST_CASE("a guest's cart knows when its lines have arrived") {
  const auto past = given<GuestCart>(kOpened, Spent{kBuyer, {}});
  const auto after = past.when(RecordMerged{kBuyer}).then(guest_cart::Merged{kBuyer});
  CHECK(after.status == Status::kMerged);
  given<GuestCart>(kOpened, Spent{kBuyer, {}}, guest_cart::Merged{kBuyer}).when(RecordMerged{kBuyer}).then_nothing();
  given<GuestCart>().when(RecordMerged{kBuyer}).then_nothing();
  CHECK(GuestCart::react(kSelf, guest_cart::Merged{kBuyer}).empty());
}

TEST_CASE("a guest's cart that nobody uses expires, and cannot be used any more") {
  const auto after = given<GuestCart>(kOpened, LinePut{{kTea, 2}}).when(Expire{}).then(Expired{});
  CHECK(after.lines.empty());
  const auto expired = given<GuestCart>(kOpened, Expired{});
  expired.when(Expire{}).then_nothing();
  expired.when(Spend{kBuyer}).then_rejected(ErrorCode::kConflict, "cart.expired");
  for (const auto& change : kChanges) expired.when(change).then_rejected(ErrorCode::kConflict, "cart.expired");
  given<GuestCart>().when(Expire{}).then_nothing();
}
