#include <doctest/doctest.h>

#include "projections/testing/search_world.hpp"

namespace souk {
namespace {

using namespace testing;

/// The projection of the search, which cannot take in what happens to one product until it is healed.
class Stubborn final : public Projection {
 public:
  Stubborn(ProductId product, const bool& is_healed) : stream_(stream_of<Product>(product)), is_healed_(is_healed) {}

  std::string_view name() const override { return projection_->name(); }
  std::uint32_t schema() const override { return projection_->schema(); }
  std::vector<std::string_view> kinds() const override { return projection_->kinds(); }
  Result<void> create_tables(sqlite::Database& db) override { return projection_->create_tables(db); }
  Result<void> apply(sqlite::Database& db, const EventRecord& record) override {
    if (!is_healed_ && record.stream == stream_) return fail(ErrorCode::kInternal, "test.stubborn");
    return projection_->apply(db, record);
  }

 private:
  const std::unique_ptr<Projection> projection_ = make_search_projection();
  const StreamId stream_;
  const bool& is_healed_;
};

TEST_CASE("what was parked is found once it is taken in, although it came before what is known already") {
  SearchWorld world;
  bool is_healed = false;
  FollowerOptions options;
  options.path = world.scratch.file("stubborn.sqlite");
  world.search.reset();
  world.follower = std::move(
      Follower::open(world.log, world.clock, std::make_unique<Stubborn>(product_id(2), is_healed), std::move(options))
          .value());
  world.search = world.open_search();
  world.create(1, "green tea");
  world.create(2, "black tea");
  world.create(3, "white tea");
  SearchQuery query;
  query.text = "tea";
  CHECK(world.found(query) == Numbers{3, 1});
  AnswerBasis basis;
  REQUIRE(world.search->search(query, &basis));
  Position position;
  CHECK(world.search->still_holds(basis, position) == StillHolds::kWhole);

  is_healed = true;
  CHECK(world.follower->retry_parked().value().applied == 1);
  // Nothing else has happened, and the answer is another one all the same.
  CHECK(world.search->still_holds(basis, position) == StillHolds::kNothing);
  CHECK(world.found(query) == Numbers{3, 2, 1});
  query.text = "";
  CHECK(world.found(query) == Numbers{3, 2, 1});
}

TEST_CASE("what was parked and is taken in later does not set back where a product last changed") {
  SearchWorld world;
  world.create(1, "green tea");
  world.add_brand(7, "Longjing");
  bool is_healed = false;
  FollowerOptions options;
  options.path = world.scratch.file("stubborn.sqlite");
  const auto follower = std::move(
      Follower::open(world.log, world.clock, std::make_unique<Stubborn>(product_id(1), is_healed), options).value());
  is_healed = true;
  REQUIRE(catch_up(*follower));
  is_healed = false;
  // Of the first product's stream all is parked from here on, and what happens to its brand and its stock is not.
  world.change(1, product::Changed{.name = "black tea"});
  world.change(1, product::Changed{.brand_id = brand(7)});
  world.change(1, product::Withdrawn{});
  world.change(1, product::Published{});
  const auto latest = world.receive(1, 5);
  REQUIRE(catch_up(*follower));
  CHECK(follower->status().parked == 4);
  const auto changed = [&] {
    auto db = sqlite::Database::open(options.path, sqlite::Database::Mode::kReader);
    REQUIRE(db);
    return rows_of(*db, "SELECT changed, worded > 0 FROM offers", 2);
  };
  const auto expected = std::to_string(latest.value) + "|1\n";
  CHECK(changed() == expected);
  is_healed = true;
  CHECK(follower->retry_parked().value().applied == 4);
  CHECK(changed() == expected);
}

}  // namespace
}  // namespace souk
