#include "gateway/jobs/order_completion.hpp"

#include "engine/entities.hpp"
#include "gateway/jobs/batch.hpp"
#include "gateway/jobs/work.hpp"

namespace souk {

void complete_orders(EntityHost& host, Orders& orders, Duration after, Time now, std::size_t limit,
                     std::optional<Position> behind, const CommandMeta& meta,
                     std::function<void(Result<OrderCompletion>)> then) {
  const auto page = orders.list_delivered(Time{now.us - after.us}, limit, behind);
  if (!page) {
    then(tl::unexpected<Error>(page.error()));
    return;
  }
  std::vector<BatchItem<Order>> items;
  for (const auto& order : page->items) items.push_back({order.id, order::Complete{after, now}, {}});
  ask_batch<Order>(host, std::move(items), meta, [next = page->next, then = std::move(then)](const auto& count) {
    if (count) {
      then(OrderCompletion{count->done, count->kept, next});
    } else {
      then(tl::unexpected<Error>(count.error()));
    }
  });
}

namespace {

constexpr std::size_t kBatchMax = 200;
constexpr std::int64_t kDaySeconds = 86'400;

/// One run on its way.
struct Completing {
  Api& api;
  CommandMeta meta;
  JobAnswer answer;
  Duration after;
  Time stop_at;
  std::int64_t completed = 0;
  std::int64_t kept = 0;

  [[nodiscard]] std::vector<job::Figure> figures() const { return {{"completed", completed}, {"kept", kept}}; }
};

void complete_next(const std::shared_ptr<Completing>& run, std::optional<Position> behind) {
  run->api.queries.submit([run, behind] {
    complete_orders(run->api.host, run->api.projections.orders(), run->after, run->api.clock.now(), kBatchMax, behind,
                    run->meta, [run](const Result<OrderCompletion>& done) {
                      if (!done) return run->answer(failed_job(done.error(), run->figures()));
                      run->completed += static_cast<std::int64_t>(done->completed);
                      run->kept += static_cast<std::int64_t>(done->kept);
                      if (!done->next) return run->answer({std::nullopt, run->figures()});
                      if (run->api.clock.now() >= run->stop_at) {
                        return run->answer({"job.more_to_do: the next run goes on", run->figures()});
                      }
                      complete_next(run, done->next);
                    });
  });
}

}  // namespace

void do_order_completion(Api& api, const RunJob& wanted, const CommandMeta& meta, JobAnswer answer) {
  const auto after = Duration::seconds(wanted.after_days.value_or(0) * kDaySeconds);
  auto run = std::make_shared<Completing>(Completing{api, meta, std::move(answer), after, api.clock.now() + kWorkMax});
  // With everything in the list that happened before.
  api.projections.orders_follower().when_caught_up(api.log.head(Visibility::kDurable), [run](bool caught_up) {
    if (caught_up) complete_next(run, std::nullopt);
  });
}

}  // namespace souk
