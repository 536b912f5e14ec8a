/// What serves those who look at the catalogue without changing it.
///
/// Thread-safety: any thread, save `stop`, which belongs to the program's main thread.
#pragma once

#include <utility>

#include "actors/worker_pool.hpp"
#include "engine/base/result.hpp"
#include "engine/base/time.hpp"
#include "gateway/catalogue/answer_cache.hpp"
#include "gateway/catalogue/found_cards.hpp"
#include "gateway/catalogue/hot_products.hpp"
#include "gateway/catalogue/product_cards.hpp"

namespace souk {

class Storefront {
 public:
  static constexpr std::size_t kSearchesMax = 2;  ///< at a time
  static constexpr std::size_t kSearchesWaitingMax = 512;
  static constexpr Duration kSearchWaitMax = Duration::seconds(2);
  static constexpr std::size_t kAnswerBytesMax = 32 << 20;
  static constexpr std::size_t kCardBytesMax = 64 << 20;
  static constexpr std::size_t kFoundCardBytesMax = 64 << 20;

  /// Runs searches, which compute for longer than lists do: a list does not wait behind them.
  WorkerPool searches{kSearchesMax, "souk:search"};

  /// What was found, as it was shown.
  AnswerCache answers{kAnswerBytesMax};

  FoundCards found_cards{kFoundCardBytesMax};

  HotProducts hot;
  ProductCards cards{kCardBytesMax, [this](ProductId product) { return hot.is_hot(product); }};

  static Error busy() { return {ErrorCode::kUnavailable, "search.busy", "too many searches wait already; ask again"}; }
  /// Runs it on the thread for searches. Errors: kUnavailable "search.busy": too many wait for that already.
  Result<void> submit_search(WorkerPool::Work work) {
    if (searches.size() >= kSearchesWaitingMax) return tl::unexpected<Error>(busy());
    searches.submit(std::move(work));
    return {};
  }

  void stop() { searches.stop(); }
};

}  // namespace souk
