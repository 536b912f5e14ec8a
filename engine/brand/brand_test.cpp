#include "engine/brand/brand.hpp"

#include <doctest/doctest.h>

#include "engine/entities.hpp"
#include "engine/testing/given.hpp"

using namespace souk;
using namespace souk::brands;
using namespace souk::testing;

namespace {

const auto kXihu = id_of<BrandId>(1);
const auto kHupao = id_of<BrandId>(2);
const auto kNobody = id_of<BrandId>(99);

Given<Brands> given_brand() {
  return given<Brands>(Added{kXihu, "Xihu", "Tea", "https://a.example/x.svg"});
}

}  // namespace

TEST_CASE("a brand is added with its name, description and logo") {
  const auto after = given<Brands>()
                         .when(Add{kXihu, "Xihu", "Tea", "https://a.example/x.svg"})
                         .then(Added{kXihu, "Xihu", "Tea", "https://a.example/x.svg"});
  CHECK(find_name(after, "Xihu") == kXihu);
  CHECK(is_living(after, kXihu));
  CHECK(!is_living(after, kHupao));
}

TEST_CASE("a brand's name is one line of 1 to 100 characters") {
  for (const std::string& name : {std::string(), std::string(" Xihu"), std::string("a\nb"), std::string(101, 'n')}) {
    given<Brands>().when(Add{kXihu, name}).then_rejected(ErrorCode::kInvalid, "brands.name_invalid");
    given_brand().when(Change{kXihu, name}).then_rejected(ErrorCode::kInvalid, "brands.name_invalid");
  }
}

TEST_CASE("a brand's description has at most 500 characters, its logo is an address of at most 2,048 bytes") {
  given<Brands>()
      .when(Add{kXihu, "Xihu", std::string(501, 'd')})
      .then_rejected(ErrorCode::kInvalid, "brands.description_invalid");
  given_brand()
      .when(Change{kXihu, {}, std::string(501, 'd')})
      .then_rejected(ErrorCode::kInvalid, "brands.description_invalid");
  for (const std::string& logo : {std::string("a b"), std::string(2049, 'l')}) {
    given<Brands>().when(Add{kXihu, "Xihu", "", logo}).then_rejected(ErrorCode::kInvalid, "brands.logo_invalid");
    given_brand().when(Change{kXihu, {}, {}, logo}).then_rejected(ErrorCode::kInvalid, "brands.logo_invalid");
  }
}

TEST_CASE("a brand needs an id that no other one has") {
  given<Brands>().when(Add{{}, "Xihu"}).then_rejected(ErrorCode::kInvalid, "brands.id_missing");
  given_brand().when(Add{kXihu, "Hupao"}).then_rejected(ErrorCode::kConflict, "brands.brand_exists");
}

TEST_CASE("two brands cannot have one name, and a deleted one keeps its own") {
  given_brand().when(Add{kHupao, "Xihu"}).then_rejected(ErrorCode::kConflict, "brands.name_taken");
  const auto two = given<Brands>(Added{kXihu, "Xihu"}, Added{kHupao, "Hupao"});
  two.when(Change{kHupao, "Xihu"}).then_rejected(ErrorCode::kConflict, "brands.name_taken");
  given<Brands>(Added{kXihu, "Xihu"}, Deleted{kXihu})
      .when(Add{kHupao, "Xihu"})
      .then_rejected(ErrorCode::kConflict, "brands.name_taken");
}

TEST_CASE("a brand changes only in what is given, and an empty text takes the old one away") {
  given_brand().when(Change{kXihu, "West Lake"}).then(Changed{kXihu, "West Lake"});
  given_brand().when(Change{kXihu, {}, "", ""}).then(Changed{kXihu, {}, "", ""});
  given_brand().when(Change{kXihu, "Xihu", "Tea", "https://a.example/x.svg"}).then_nothing();
}

TEST_CASE("a brand is deleted and restored, and both can be said twice") {
  given_brand().when(Delete{kXihu}).then(Deleted{kXihu});
  given_brand().when(Restore{kXihu}).then_nothing();
  const auto past = given<Brands>(Added{kXihu, "Xihu"}, Deleted{kXihu});
  past.when(Delete{kXihu}).then_nothing();
  past.when(Change{kXihu, "n"}).then_rejected(ErrorCode::kConflict, "brands.deleted");
  CHECK(is_living(past.when(Restore{kXihu}).then(Restored{kXihu}), kXihu));
}

TEST_CASE("what is no brand can be neither changed nor deleted nor restored") {
  given_brand().when(Change{kNobody}).then_rejected(ErrorCode::kNotFound, "brands.brand_not_found");
  given_brand().when(Delete{kNobody}).then_rejected(ErrorCode::kNotFound, "brands.brand_not_found");
  given_brand().when(Restore{kNobody}).then_rejected(ErrorCode::kNotFound, "brands.brand_not_found");
}

TEST_CASE("there are at most 10,000 brands") {
  brands::State full;
  for (std::uint64_t i = 1; i <= kBrandsMax; ++i) full.brands[id_of<BrandId>(i)] = {std::to_string(i)};
  Given<Brands>(full)
      .when(Add{id_of<BrandId>(kBrandsMax + 1), "one more"})
      .then_rejected(ErrorCode::kConflict, "brands.full");
}

TEST_CASE("a brand that is put is there afterwards, as far as it was said") {
  given<Brands>().when(Put{kXihu, "Xihu", "Tea"}).then(Added{kXihu, "Xihu", "Tea", ""});
  given<Brands>().when(Put{kXihu, "Xihu", {}, {}, true}).then(Added{kXihu, "Xihu"}, Deleted{kXihu});
  given_brand().when(Put{kNobody, "Xihu"}).then_nothing();
  given_brand().when(Put{kNobody, "Xihu", "Tea", ""}).then(Changed{kXihu, {}, {}, ""});
  given_brand().when(Put{kNobody, "Xihu", {}, {}, true}).then(Deleted{kXihu});
  given<Brands>().when(Put{kXihu, ""}).then_rejected(ErrorCode::kInvalid, "brands.name_invalid");
  given_brand()
      .when(Put{kNobody, "Xihu", std::string(501, 'd')})
      .then_rejected(ErrorCode::kInvalid, "brands.description_invalid");
}

TEST_CASE("a deleted brand that is put is restored only if that is said") {
  const auto deleted = given<Brands>(Added{kXihu, "Xihu"}, Deleted{kXihu});
  deleted.when(Put{kNobody, "Xihu"}).then_nothing();
  deleted.when(Put{kNobody, "Xihu", "Tea"}).then(Changed{kXihu, {}, "Tea", {}});
  deleted.when(Put{kNobody, "Xihu", {}, {}, false}).then(Restored{kXihu});
}
