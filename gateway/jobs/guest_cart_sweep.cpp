#include "gateway/jobs/guest_cart_sweep.hpp"

#include "engine/entities.hpp"
#include "gateway/jobs/batch.hpp"
#include "gateway/jobs/work.hpp"

namespace souk {

void sweep_guest_carts(EntityHost& host, GuestCarts& carts, Time now, std::size_t limit, const CommandMeta& meta,
                       std::function<void(Result<GuestCartSweep>)> then) {
  const auto found = carts.expired(now, limit);
  if (!found) {
    then(tl::unexpected<Error>(found.error()));
    return;
  }
  std::vector<BatchItem<GuestCart>> items;
  for (const auto& cart : *found) {
    items.push_back({cart.id, guest_cart::Expire{}, {}});
    items.back().options.only_at = std::vector<Version>{cart.version};
  }
  const bool more = items.size() == limit;
  ask_batch<GuestCart>(host, std::move(items), meta, [more, then = std::move(then)](const Result<BatchCount>& count) {
    if (count) {
      then(GuestCartSweep{count->done, count->kept, more, count->position});
    } else {
      then(tl::unexpected<Error>(count.error()));
    }
  });
}

namespace {

constexpr std::size_t kBatchMax = 500;

/// One run on its way.
struct Sweeping {
  Api& api;
  CommandMeta meta;
  JobAnswer answer;
  Time stop_at;
  std::int64_t expired = 0;
  std::int64_t kept = 0;

  [[nodiscard]] std::vector<job::Figure> figures() const { return {{"expired", expired}, {"kept", kept}}; }
};

/// Once the list holds everything up to here: those that were swept must not be found again.
void sweep_next(const std::shared_ptr<Sweeping>& run, Position seen) {
  run->api.projections.guest_carts_follower().when_caught_up(seen, [run](bool caught_up) {
    if (!caught_up) return;
    run->api.queries.submit([run] {
      sweep_guest_carts(run->api.host, run->api.projections.guest_carts(), run->api.clock.now(), kBatchMax, run->meta,
                        [run](const Result<GuestCartSweep>& done) {
                          if (!done) return run->answer(failed_job(done.error(), run->figures()));
                          run->expired += static_cast<std::int64_t>(done->expired);
                          run->kept += static_cast<std::int64_t>(done->kept);
                          // Where none could be ended, looking at the same ones again would end none either.
                          if (!done->more || done->expired == 0) return run->answer({std::nullopt, run->figures()});
                          if (run->api.clock.now() >= run->stop_at) {
                            return run->answer({"job.more_to_do: the next run goes on", run->figures()});
                          }
                          sweep_next(run, done->position);
                        });
    });
  });
}

}  // namespace

void do_guest_cart_sweep(Api& api, const RunJob& /*wanted*/, const CommandMeta& meta, JobAnswer answer) {
  auto run = std::make_shared<Sweeping>(Sweeping{api, meta, std::move(answer), api.clock.now() + kWorkMax});
  sweep_next(run, api.log.head(Visibility::kDurable));
}

}  // namespace souk
