#include "gateway/jobs/guest_cart_sweep.hpp"

#include "engine/entities.hpp"
#include "gateway/jobs/work.hpp"

namespace souk {

void sweep_guest_carts(EntityHost& host, GuestCarts& carts, Time now, std::size_t limit, const CommandMeta& meta,
                       BatchThen then) {
  const auto found = carts.expired(now, limit);
  if (!found) {
    then(tl::unexpected<Error>(found.error()));
    return;
  }
  std::vector<BatchItem<GuestCart>> items;
  for (const auto& cart : *found) {
    items.push_back({cart.id, guest_cart::Expire{}, {}});
    // Whoever uses the cart meanwhile keeps it.
    items.back().options.only_at = std::vector<Version>{cart.version};
  }
  ask_batch<GuestCart>(host, std::move(items), limit, meta, std::move(then));
}

void do_guest_cart_sweep(Api& api, const RunJob& /*wanted*/, const CommandMeta& meta, JobAnswer answer) {
  do_in_batches(
      api, api.projections.guest_carts_follower(), "expired",
      [&api, meta](std::size_t limit, BatchThen then) {
        sweep_guest_carts(api.host, api.projections.guest_carts(), api.clock.now(), limit, meta, std::move(then));
      },
      std::move(answer));
}

}  // namespace souk
