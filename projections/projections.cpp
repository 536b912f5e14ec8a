#include "projections/projections.hpp"

#include <filesystem>
#include <utility>

#include "projections/search/embedded_search.hpp"
#include "projections/search/search_projection.hpp"

namespace souk {

namespace {

Result<std::unique_ptr<Follower>> open_follower(EventLog& log, Clock& clock, std::unique_ptr<Projection> projection,
                                                const ProjectionsOptions& options) {
  const std::string name(projection->name());
  FollowerOptions follower;
  follower.path = (std::filesystem::path(options.directory) / (name + ".sqlite")).string();
  follower.rebuild = options.rebuild;
  if (options.on_parked) {
    follower.on_parked = [name, tell = options.on_parked](const ParkedEvent& event) { tell(name, event); };
  }
  if (options.on_failure) {
    follower.on_failure = [name, tell = options.on_failure](const Error& error) { tell(name, error); };
  }
  if (name == "payments") follower.on_news = options.on_payment_news;
  return Follower::open(log, clock, std::move(projection), std::move(follower));
}

/// Opens a follower and the queries on its file, which may want something more.
template <class Queries, class... More>
Result<void> open_model(EventLog& log, Clock& clock, std::unique_ptr<Projection> projection,
                        const ProjectionsOptions& options, std::unique_ptr<Follower>& follower,
                        std::unique_ptr<Queries>& queries, const More&... more) {
  auto opened = open_follower(log, clock, std::move(projection), options);
  if (!opened) return tl::unexpected<Error>(std::move(opened.error()));
  follower = std::move(*opened);
  auto asked = Queries::open(*follower, more...);
  if (!asked) return tl::unexpected<Error>(std::move(asked.error()));
  queries = std::move(*asked);
  return {};
}

}  // namespace

Result<std::unique_ptr<Projections>> Projections::open(EventLog& log, Clock& clock, const ProjectionsOptions& options) {
  std::error_code failure;
  std::filesystem::create_directories(options.directory, failure);
  if (failure) {
    return fail(ErrorCode::kUnavailable, "projections.directory", options.directory + ": " + failure.message());
  }
  std::unique_ptr<Projections> all(new Projections());
  auto opened = open_model(log, clock, make_accounts_projection(), options, all->accounts_follower_, all->accounts_);
  if (opened) {
    opened = open_model(log, clock, make_orders_projection(), options, all->orders_follower_, all->orders_);
  }
  if (opened) {
    opened = open_model(log, clock, make_products_projection(), options, all->products_follower_, all->products_);
  }
  if (opened) {
    opened =
        open_model(log, clock, make_search_projection(), options, all->search_follower_, all->search_, options.search);
  }
  if (opened) {
    opened = open_model(log, clock, make_stock_movements_projection(), options, all->stock_movements_follower_,
                        all->stock_movements_);
  }
  if (opened) {
    opened =
        open_model(log, clock, make_guest_carts_projection(), options, all->guest_carts_follower_, all->guest_carts_);
  }
  if (opened) {
    opened = open_model(log, clock, make_payments_projection(), options, all->payments_follower_, all->payments_);
  }
  if (opened) {
    auto beside = Payments::open(*all->payments_follower_);
    if (!beside) return tl::unexpected<Error>(std::move(beside.error()));
    all->payments_for_jobs_ = std::move(*beside);
  }
  if (opened) opened = open_model(log, clock, make_jobs_projection(), options, all->jobs_follower_, all->jobs_);
  if (!opened) return tl::unexpected<Error>(std::move(opened.error()));
  return all;
}

Projections::~Projections() {
  stop();
}

void Projections::start() {
  for (auto* follower : followers()) follower->start();
}

void Projections::stop() {
  for (auto* follower : followers()) follower->stop();
}

std::vector<Follower*> Projections::followers() const {
  std::vector<Follower*> all;
  for (auto* follower :
       {accounts_follower_.get(), orders_follower_.get(), products_follower_.get(), search_follower_.get(),
        stock_movements_follower_.get(), guest_carts_follower_.get(), payments_follower_.get(), jobs_follower_.get()}) {
    if (follower != nullptr) all.push_back(follower);
  }
  return all;
}

std::vector<FollowerStatus> Projections::statuses() const {
  std::vector<FollowerStatus> all;
  for (const auto* follower : followers()) all.push_back(follower->status());
  return all;
}

}  // namespace souk
