/// Read model: all accounts with how they stand, the newest first, and which of them made older access tokens void.
///
/// What people are called stands in it sealed, as in the log.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/account/state.hpp"
#include "projections/projection.hpp"
#include "projections/read_model.hpp"

namespace souk {

std::unique_ptr<Projection> make_accounts_projection();

struct AccountSummary {
  AccountId id;
  Position registered;  ///< of the event that asked for it: the key of the list, for it never changes
  std::string status;   ///< wire name: "active" or "deleted"
  std::string role;     ///< wire name
  Personal<std::string> username;
  Personal<std::string> email;
  bool email_verified = false;
  Time created_at;
  Time updated_at;
};

struct AccountPage {
  std::vector<AccountSummary> items;
  std::optional<Position> next;  ///< give it as `after` for what follows; none: this is the end
  Position position;             ///< of the log, at which this was the answer
};

/// Thread-safety: any thread.
class Accounts {
 public:
  static Result<std::unique_ptr<Accounts>> open(const Follower& follower);

  /// At most `limit` (≥ 1) accounts that were registered, deleted ones among them, behind the one with the key `after`.
  Result<AccountPage> list(std::size_t limit, std::optional<Position> after = {},
                           std::optional<std::string_view> status = {});

  /// Every account whose tokens are not of the first generation, and `parked`: the events that are in no row. Returns
  /// the position up to which this is all.
  Result<Position> generations(const std::function<void(AccountId, std::int64_t generation)>& each,
                               std::vector<Position>& parked);

 private:
  explicit Accounts(std::unique_ptr<ReadModel> model) : model_(std::move(model)) {}

  std::unique_ptr<ReadModel> model_;
};

}  // namespace souk
