#include "projections/projections.hpp"

#include <filesystem>
#include <utility>

#include "projections/elastic/elastic_search.hpp"
#include "projections/elastic/source.hpp"
#include "projections/read_model_source.hpp"
#include "projections/sales.hpp"
#include "projections/search/embedded_search.hpp"
#include "projections/search/search_projection.hpp"
#include "projections/stock_levels.hpp"
#include "projections/supervisor.hpp"

namespace souk {

namespace {

SupervisorOptions supervisor_options(const ProjectionsOptions& options) {
  SupervisorOptions supervisor;
  supervisor.control_path = (std::filesystem::path(options.directory) / "control.json").string();
  supervisor.rebuild = options.rebuild;
  supervisor.on_poison = options.on_poison;
  supervisor.previous_kept = options.previous_kept;
  supervisor.on_parked = options.on_parked;
  supervisor.on_failure = options.on_failure;
  supervisor.on_notice = options.on_notice;
  return supervisor;
}

/// Opens a follower and the queries on its file, which may want something more.
template <class Queries, class... More>
Result<void> open_model(Supervisor& supervisor, std::unique_ptr<ReadModelSource> source, Follower*& follower,
                        std::unique_ptr<Queries>& queries, std::function<void(const EventRecord&)> on_news,
                        const More&... more) {
  auto added = supervisor.add(std::move(source), std::move(on_news));
  if (!added) return tl::unexpected<Error>(std::move(added.error()));
  follower = *added;
  auto asked = Queries::open(*follower, more...);
  if (!asked) return tl::unexpected<Error>(std::move(asked.error()));
  queries = std::move(*asked);
  return {};
}

}  // namespace

std::vector<std::function<std::unique_ptr<Projection>()>> all_projections() {
  return {
      make_accounts_projection,        make_orders_projection,      make_products_projection, make_search_projection,
      make_stock_movements_projection, make_guest_carts_projection, make_payments_projection, make_jobs_projection,
      make_sales_projection,           make_stock_levels_projection};
}

Result<std::unique_ptr<Projections>> Projections::open(EventLog& log, Clock& clock, const ProjectionsOptions& options) {
  std::error_code failure;
  std::filesystem::create_directories(options.directory, failure);
  if (failure) {
    return fail(ErrorCode::kUnavailable, "projections.directory", options.directory + ": " + failure.message());
  }
  auto supervisor = Supervisor::open(log, clock, supervisor_options(options));
  if (!supervisor) return tl::unexpected<Error>(std::move(supervisor.error()));
  std::unique_ptr<Projections> all(new Projections());
  all->supervisor_ = std::move(*supervisor);
  Result<void> opened;
  const auto open_next = [&](MakeProjection make, Follower*& follower, auto& queries,
                             std::function<void(const EventRecord&)> on_news = {}, const auto&... more) {
    if (!opened) return;
    opened = open_model(*all->supervisor_, std::make_unique<ReadModelSource>(log, options.directory, std::move(make)),
                        follower, queries, std::move(on_news), more...);
  };
  open_next(make_accounts_projection, all->accounts_follower_, all->accounts_);
  open_next(make_orders_projection, all->orders_follower_, all->orders_);
  open_next(make_products_projection, all->products_follower_, all->products_);
  open_next(make_search_projection, all->search_follower_, all->search_, {}, options.search);
  open_next(make_stock_movements_projection, all->stock_movements_follower_, all->stock_movements_);
  open_next(make_guest_carts_projection, all->guest_carts_follower_, all->guest_carts_);
  open_next(make_payments_projection, all->payments_follower_, all->payments_, options.on_payment_news);
  open_next(make_jobs_projection, all->jobs_follower_, all->jobs_);
  open_next(make_sales_projection, all->sales_follower_, all->sales_);
  open_next(make_stock_levels_projection, all->stock_levels_follower_, all->stock_levels_);
  if (!opened) return tl::unexpected<Error>(std::move(opened.error()));
  auto beside = Payments::open(*all->payments_follower_);
  if (!beside) return tl::unexpected<Error>(std::move(beside.error()));
  all->payments_for_jobs_ = std::move(*beside);
  if (!options.elastic.urls.empty()) {
    if (opened = all->open_elastic(log, options); !opened) return tl::unexpected<Error>(std::move(opened.error()));
  }
  return all;
}

/// It is fed by what the embedded search's file holds, so that comes first.
Result<void> Projections::open_elastic(EventLog& log, const ProjectionsOptions& options) {
  std::function<void(const std::string&)> tell;
  if (options.on_notice) {
    tell = [notice = options.on_notice](const std::string& what) { notice(elastic::Target::kName, what); };
  }
  auto shared = std::make_shared<elastic::Shared>(options.elastic, std::move(tell));
  auto added = supervisor_->add(std::make_unique<elastic::Source>(shared, log, *search_follower_));
  if (!added) return tl::unexpected<Error>(std::move(added.error()));
  elastic_ = std::make_unique<ElasticSearch>(std::move(shared), **added, *search_follower_, *search_);
  return {};
}

Projections::Projections() = default;

Projections::~Projections() {
  stop();
}

void Projections::start() {
  supervisor_->start();
}

std::vector<Follower*> Projections::followers() const {
  return supervisor_->followers();
}

void Projections::stop() {
  if (elastic_) elastic_->begin_end();
  // What it holds is written down yet.
  supervisor_->stop();
  if (elastic_) elastic_->stop();
}

}  // namespace souk
