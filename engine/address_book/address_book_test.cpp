#include "engine/address_book/address_book.hpp"

#include <doctest/doctest.h>

#include "engine/entities.hpp"
#include "engine/testing/given.hpp"

using namespace souk;
using namespace souk::address_book;
using namespace souk::testing;

namespace {

const auto kHome = id_of<AddressId>(1);
const auto kWork = id_of<AddressId>(2);
const auto kParents = id_of<AddressId>(3);
const Personal<Address> kThere{"personal:v1:dGhlcmU"};
const Personal<Address> kElsewhere{"personal:v1:ZWxzZXdoZXJl"};

}  // namespace

TEST_CASE("the first address becomes the default, asked for or not") {
  const auto after = given<AddressBook>().when(Add{kHome, kThere, false}).then(Added{kHome, kThere, true});
  CHECK(after.default_address == kHome);
}

TEST_CASE("a later address becomes the default only when asked for") {
  const auto past = given<AddressBook>(Added{kHome, kThere, true});
  CHECK(past.when(Add{kWork, kThere, false}).then(Added{kWork, kThere, false}).default_address == kHome);
}

TEST_CASE("B47: a new default takes the place of the old one, so there are never two") {
  const auto past = given<AddressBook>(Added{kHome, kThere, true});
  CHECK(past.when(Add{kWork, kThere, true}).then(Added{kWork, kThere, true}).default_address == kWork);
  const auto both = given<AddressBook>(Added{kHome, kThere, true}, Added{kWork, kThere, false});
  CHECK(both.when(SetDefault{kWork}).then(DefaultSet{kWork}).default_address == kWork);
}

TEST_CASE("what is the default already need not become it") {
  given<AddressBook>(Added{kHome, kThere, true}).when(SetDefault{kHome}).then_nothing();
}

TEST_CASE("an address that is not there cannot become the default, be changed or be removed") {
  const auto past = given<AddressBook>(Added{kHome, kThere, true});
  past.when(SetDefault{kWork}).then_rejected(ErrorCode::kNotFound, "address_book.address_not_found");
  past.when(Change{kWork, kThere}).then_rejected(ErrorCode::kNotFound, "address_book.address_not_found");
  past.when(Remove{kWork}).then_rejected(ErrorCode::kNotFound, "address_book.address_not_found");
}

TEST_CASE("an address is changed where it stands") {
  const auto past = given<AddressBook>(Added{kHome, kThere, true}, Added{kWork, kThere, false});
  const auto after = past.when(Change{kHome, kElsewhere}).then(Changed{kHome, kElsewhere});
  CHECK((after.entries.front() == Entry{kHome, kElsewhere}));
  CHECK(after.default_address == kHome);
  past.when(Change{kHome, kThere}).then_nothing();
}

TEST_CASE("the default passes to the oldest address that is left") {
  const auto past =
      given<AddressBook>(Added{kHome, kThere, true}, Added{kWork, kThere, true}, Added{kParents, kThere, false});
  CHECK(past.when(Remove{kWork}).then(Removed{kWork, kHome}).default_address == kHome);
}

TEST_CASE("removing another address leaves the default alone") {
  const auto past = given<AddressBook>(Added{kHome, kThere, true}, Added{kWork, kThere, false});
  CHECK(past.when(Remove{kWork}).then(Removed{kWork, std::nullopt}).default_address == kHome);
}

TEST_CASE("without addresses there is no default") {
  const auto after = given<AddressBook>(Added{kHome, kThere, true}).when(Remove{kHome}).then(Removed{kHome, {}});
  CHECK((after == address_book::State{}));
}

TEST_CASE("an account has at most 20 addresses") {
  std::vector<AddressBook::Event> full;
  for (std::uint64_t i = 1; i <= kAddressesMax; ++i) full.emplace_back(Added{id_of<AddressId>(i), kThere, i == 1});
  given<AddressBook>(full)
      .when(Add{id_of<AddressId>(21), kThere, false})
      .then_rejected(ErrorCode::kConflict, "address_book.full");
}

TEST_CASE("two addresses cannot have one id") {
  given<AddressBook>(Added{kHome, kThere, true})
      .when(Add{kHome, kElsewhere, false})
      .then_rejected(ErrorCode::kConflict, "address_book.address_exists");
}

TEST_CASE("an empty address is refused") {
  given<AddressBook>().when(Add{kHome, {}, false}).then_rejected(ErrorCode::kInvalid, "address_book.address_missing");
  given<AddressBook>(Added{kHome, kThere, true})
      .when(Change{kHome, {}})
      .then_rejected(ErrorCode::kInvalid, "address_book.address_missing");
}

TEST_CASE("a deleted account has no addresses") {
  const auto after = given<AddressBook>(Added{kHome, kThere, true}).when(Clear{}).then(Cleared{});
  CHECK((after == address_book::State{}));
  given<AddressBook>().when(Clear{}).then_nothing();
}

TEST_CASE("what was added is found with its seal, to be put into an order as it stands") {
  const auto past = given<AddressBook>(Added{kHome, kThere, true}, Added{kWork, kElsewhere, false});
  REQUIRE(find(past.state(), kWork) != nullptr);
  CHECK((find(past.state(), kWork)->address == kElsewhere));
  CHECK(find(past.state(), kParents) == nullptr);
}
