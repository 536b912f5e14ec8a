/// Read model: guests' carts that can still be used, by when they expire.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "engine/base/id.hpp"
#include "engine/base/position.hpp"
#include "engine/base/result.hpp"
#include "engine/base/time.hpp"
#include "projections/projection.hpp"
#include "projections/read_model.hpp"

namespace souk {

std::unique_ptr<Projection> make_guest_carts_projection();

/// What `guest_cart::Expire` is to be sent to, and only while the cart has this version: whoever uses the cart in
/// between keeps it.
struct ExpiredGuestCart {
  CartId id;
  Version version;
  Time expired_at;
};

/// Thread-safety: any thread.
class GuestCarts {
 public:
  static Result<std::unique_ptr<GuestCarts>> open(const Follower& follower);

  /// At most `limit` carts that nobody has changed for as long as they were opened for, the longest unused first.
  Result<std::vector<ExpiredGuestCart>> expired(Time now, std::size_t limit);
  /// How many can still be used or have expired and were not told so.
  Result<std::int64_t> count();

 private:
  explicit GuestCarts(std::unique_ptr<ReadModel> model) : model_(std::move(model)) {}

  std::unique_ptr<ReadModel> model_;
};

}  // namespace souk
