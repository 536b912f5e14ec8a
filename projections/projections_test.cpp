#include "projections/projections.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>

#include "engine/order/order.hpp"
#include "engine/product/product.hpp"
#include "projections/read_model_source.hpp"
#include "projections/supervisor.hpp"
#include "projections/testing/fixtures.hpp"
#include "projections/testing/scratch.hpp"
#include "projections/testing/shop_log.hpp"

namespace souk {
namespace {

ProjectionsOptions in(const testing::ScratchDirectory& scratch) {
  ProjectionsOptions options;
  options.directory = scratch.file("data/projections");
  return options;
}

TEST_CASE("all read models follow one log and are found again by the next start") {
  testing::ScratchDirectory scratch;
  testing::ShopLog shop;
  const AccountId account{{1, 1}};
  order::Placed placed;
  placed.account = account;
  {
    auto all = std::move(Projections::open(shop.log, shop.clock, in(scratch)).value());
    all->start();
    shop.append<Product>(ProductId{{2, 2}}, product::Created{});
    const auto last = shop.append<Order>(OrderId{{3, 3}}, placed);
    for (auto* follower : all->followers()) REQUIRE(testing::await(*follower, last));
    CHECK(all->orders().list({account, {}, {}, {}, {}}, 20)->items.size() == 1);
    CHECK(all->products().list(20)->items.size() == 1);
    CHECK(all->products().list(20)->position == last);
    for (const auto& report : all->supervisor().reports()) CHECK(report.status.lag_events == 0);
    all->stop();
  }
  auto all = std::move(Projections::open(shop.log, shop.clock, in(scratch)).value());
  CHECK(all->products().list(20)->items.size() == 1);
  CHECK(all->products().list(20)->position == Position{2});
  const auto reports = all->supervisor().reports();
  std::vector<std::string> names;
  for (const auto& report : reports) names.push_back(report.status.name);
  for (const char* name : {"accounts", "orders", "products", "stock_movements", "guest_carts", "payments", "jobs"}) {
    CHECK_MESSAGE(std::ranges::find(names, name) != names.end(), name);
  }
  std::vector<std::string> known;
  for (const auto& make : all_projections()) known.emplace_back(make()->name());
  CHECK(known == names);
  CHECK(std::filesystem::exists(scratch.file("data/projections/orders.sqlite")));
}

TEST_CASE("what a read model parks is told with its name") {
  testing::ScratchDirectory scratch;
  testing::ShopLog shop;
  std::vector<std::string> told;
  auto options = in(scratch);
  options.on_parked = [&](std::string_view projection, const ParkedEvent& event) {
    told.push_back(std::string(projection) + " " + event.type);
  };
  auto all = std::move(Projections::open(shop.log, shop.clock, options).value());
  shop.append<Order>(OrderId{{3, 3}}, order::AwaitingPayment{});
  for (auto* follower : all->followers()) REQUIRE(testing::catch_up(*follower));
  CHECK(told == std::vector<std::string>{"orders order.awaiting_payment"});
}

TEST_CASE("a copy that was built has the same tables and indexes as one that served from its beginning") {
  testing::ScratchDirectory scratch;
  testing::ShopLog shop;
  const auto schema_of = [&](const std::string& path) {
    auto db = std::move(sqlite::Database::open(path, sqlite::Database::Mode::kReader).value());
    return testing::rows_of(db, "SELECT name, replace(sql, ' IF NOT EXISTS', '') FROM sqlite_master ORDER BY name", 2);
  };
  for (const auto& make : all_projections()) {
    ReadModelSource source(shop.log, scratch.path().string(), make);
    const auto live = source.open(1, FollowerSource::Use::kLive).value()->path();
    const auto built = std::move(source.open(2, FollowerSource::Use::kBuilding).value());
    REQUIRE(built->settle());
    CHECK(schema_of(built->path()) == schema_of(live));
    if (make()->name() == "orders") CHECK(schema_of(live).find("orders_by_state") != std::string::npos);
  }
}

TEST_CASE("a directory that cannot be made is refused") {
  testing::ShopLog shop;
  ProjectionsOptions options;
  options.directory = "/proc/none/projections";
  CHECK(Projections::open(shop.log, shop.clock, options).error().reason == "projections.directory");
}

}  // namespace
}  // namespace souk
