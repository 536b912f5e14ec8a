#include "gateway/jobs/order_completion.hpp"

#include "engine/entities.hpp"
#include "gateway/jobs/work.hpp"

namespace souk {

void complete_orders(EntityHost& host, Orders& orders, Duration after, Time now, std::size_t limit,
                     const CommandMeta& meta, BatchThen then) {
  const auto found = orders.delivered(Time{now.us - after.us}, limit);
  if (!found) {
    then(tl::unexpected<Error>(found.error()));
    return;
  }
  std::vector<BatchItem<Order>> items;
  for (const auto order : *found) items.push_back({order, order::Complete{after, now}, {}});
  ask_batch<Order>(host, std::move(items), limit, meta, std::move(then));
}

void do_order_completion(Api& api, const RunJob& wanted, const CommandMeta& meta, JobAnswer answer) {
  constexpr std::int64_t kDaySeconds = 86'400;
  const auto after = Duration::seconds(wanted.after_days.value_or(0) * kDaySeconds);
  do_in_batches(
      api, api.projections.orders_follower(), "completed",
      [&api, after, meta](std::size_t limit, BatchThen then) {
        complete_orders(api.host, api.projections.orders(), after, api.clock.now(), limit, meta, std::move(then));
      },
      std::move(answer));
}

}  // namespace souk
