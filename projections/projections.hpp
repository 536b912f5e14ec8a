/// All read models of a data directory with their followers: what the program opens and the gateway asks.
///
/// Thread-safety: any thread, save `open`, `start` and `stop`, which belong to the program's main thread.
/// Ownership: the log and the clock must outlive it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/clock.hpp"
#include "eventstore/event_log.hpp"
#include "projections/accounts.hpp"
#include "projections/elastic/options.hpp"
#include "projections/follower_target.hpp"
#include "projections/guest_carts.hpp"
#include "projections/jobs.hpp"
#include "projections/orders.hpp"
#include "projections/payments.hpp"
#include "projections/products.hpp"
#include "projections/search/options.hpp"
#include "projections/stock_movements.hpp"

namespace souk {

class ElasticSearch;
class EmbeddedSearch;
class Follower;
class Sales;
class StockLevels;
class Supervisor;

/// Of every read model, in the order in which they are opened.
std::vector<std::function<std::unique_ptr<Projection>()>> all_projections();

struct ProjectionsOptions {
  std::string directory;  ///< holds one file for each read model; made if absent
  bool rebuild = false;   ///< drop files that do not belong to this log or cannot be read, instead of refusing
  std::function<void(std::string_view projection, const ParkedEvent&)> on_parked;
  std::function<void(std::string_view projection, const Error&)> on_failure;
  std::function<void(std::string_view projection, const std::string& what)> on_notice;
  OnPoison on_poison = OnPoison::kPark;
  Duration previous_kept =
      Duration::seconds(7 * 86'400);  ///< how long what a rebuild has replaced can be rolled back to
  /// Of payments and reconciliations, once they are in their tables: each event since the start.
  std::function<void(const EventRecord&)> on_payment_news;
  EmbeddedSearchOptions search;
  elastic::Options elastic;  ///< without addresses there is no search by it
};

class Projections {
 public:
  /// Errors: as ProjectionStore::open and Supervisor::open; kUnavailable "projections.directory".
  static Result<std::unique_ptr<Projections>> open(EventLog& log, Clock& clock, const ProjectionsOptions& options);
  ~Projections();

  void start();
  /// Every follower ends its batch; every wait is answered with false.
  void stop();

  Accounts& accounts() { return *accounts_; }
  Orders& orders() { return *orders_; }
  Products& products() { return *products_; }
  EmbeddedSearch& search() { return *search_; }
  /// Null if there is none. The embedded one is there in any case.
  ElasticSearch* elastic() { return elastic_.get(); }
  StockMovements& stock_movements() { return *stock_movements_; }
  GuestCarts& guest_carts() { return *guest_carts_; }
  Payments& payments() { return *payments_; }
  /// The same beside it, for what takes long: reads of one follow each other.
  Payments& payments_for_jobs() { return *payments_for_jobs_; }
  Jobs& jobs() { return *jobs_; }
  Sales& sales() { return *sales_; }
  StockLevels& stock_levels() { return *stock_levels_; }

  /// For waiting until a list has caught up with a position.
  Follower& accounts_follower() { return *accounts_follower_; }
  Follower& orders_follower() { return *orders_follower_; }
  Follower& products_follower() { return *products_follower_; }
  Follower& search_follower() { return *search_follower_; }
  Follower& stock_movements_follower() { return *stock_movements_follower_; }
  Follower& guest_carts_follower() { return *guest_carts_follower_; }
  Follower& payments_follower() { return *payments_follower_; }
  Follower& jobs_follower() { return *jobs_follower_; }
  Follower& sales_follower() { return *sales_follower_; }
  Follower& stock_levels_follower() { return *stock_levels_follower_; }

  /// All followers: for catching up without threads.
  [[nodiscard]] std::vector<Follower*> followers() const;
  /// For operators.
  Supervisor& supervisor() { return *supervisor_; }

 private:
  Projections();
  Result<void> open_elastic(EventLog& log, const ProjectionsOptions& options);

  std::unique_ptr<Supervisor> supervisor_;
  Follower* accounts_follower_ = nullptr;
  Follower* orders_follower_ = nullptr;
  Follower* products_follower_ = nullptr;
  Follower* search_follower_ = nullptr;
  Follower* stock_movements_follower_ = nullptr;
  Follower* guest_carts_follower_ = nullptr;
  Follower* payments_follower_ = nullptr;
  Follower* jobs_follower_ = nullptr;
  Follower* sales_follower_ = nullptr;
  Follower* stock_levels_follower_ = nullptr;
  std::unique_ptr<Accounts> accounts_;
  std::unique_ptr<Orders> orders_;
  std::unique_ptr<Products> products_;
  std::unique_ptr<EmbeddedSearch> search_;
  std::unique_ptr<StockMovements> stock_movements_;
  std::unique_ptr<GuestCarts> guest_carts_;
  std::unique_ptr<Payments> payments_;
  std::unique_ptr<Payments> payments_for_jobs_;
  std::unique_ptr<Jobs> jobs_;
  std::unique_ptr<Sales> sales_;
  std::unique_ptr<StockLevels> stock_levels_;
  std::unique_ptr<ElasticSearch> elastic_;
};

}  // namespace souk
