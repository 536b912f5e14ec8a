#include "gateway/guest_cart_sweep.hpp"

#include <algorithm>
#include <memory>
#include <mutex>

#include "engine/entities.hpp"

namespace souk {
namespace {

struct Sweeping {
  std::function<void(Result<GuestCartSweep>)> then;
  std::mutex mutex;  ///< carts answer on their own threads
  GuestCartSweep done;
  std::size_t missing = 0;
  std::optional<Error> failure;
};

void note(Sweeping& sweeping, const Judged<GuestCart>& judged) {
  {
    const std::scoped_lock lock(sweeping.mutex);
    sweeping.done.position = std::max(sweeping.done.position, judged.position);
    if (judged.refusal == nullptr && judged.verdict == Verdict::kDone) {
      ++sweeping.done.expired;
    } else if (judged.refusal == nullptr || judged.refusal->code == ErrorCode::kPreconditionFailed) {
      ++sweeping.done.kept;
    } else {
      sweeping.failure = *judged.refusal;
    }
    if (--sweeping.missing > 0) return;
  }
  if (sweeping.failure) {
    sweeping.then(tl::unexpected<Error>(std::move(*sweeping.failure)));
  } else {
    sweeping.then(sweeping.done);
  }
}

}  // namespace

void sweep_guest_carts(EntityHost& host, GuestCarts& carts, Time now, std::size_t limit,
                       std::function<void(Result<GuestCartSweep>)> then) {
  auto found = carts.expired(now, limit);
  if (!found) {
    then(tl::unexpected<Error>(std::move(found.error())));
    return;
  }
  if (found->empty()) {
    then(GuestCartSweep{});
    return;
  }
  auto sweeping = std::make_shared<Sweeping>();
  sweeping->then = std::move(then);
  sweeping->missing = found->size();
  sweeping->done.more = found->size() == limit;
  for (const auto& cart : *found) {
    CommandMeta meta;
    meta.principal = "system:guest_cart_sweep";
    AskOptions<GuestCart> options;
    options.only_at = std::vector<Version>{cart.version};
    host.ask<GuestCart>(cart.id, guest_cart::Expire{}, std::move(meta), std::move(options),
                        [sweeping](const Judged<GuestCart>& judged) { note(*sweeping, judged); });
  }
}

}  // namespace souk
