/// Read model: all accounts with how they stand, the newest first, and which access tokens are void.
///
/// What people are called and why they are banned stands in it sealed, as in the log.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
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
  std::optional<account::CurrentBan> ban;  ///< the last one, which may be over
};

struct AccountPage {
  std::vector<AccountSummary> items;
  std::optional<Position> next;  ///< give it as `after` for what follows; none: this is the end
  Position position;             ///< of the log, at which this was the answer
};

/// Access tokens that are void before they expire: of accounts by generation, and of sessions that ended not long ago.
struct VoidTokens {
  struct Session {
    AccountId account;
    SessionId id;
    Time ended_at;
  };
  std::vector<std::pair<AccountId, std::int64_t>> generations;  ///< those below are void; where they are not the first
  std::vector<Session> sessions;                                ///< in the order in which they ended
  std::vector<Position> parked;                                 ///< events that are in no row
  Position position;                                            ///< up to which this is all
};

/// Thread-safety: any thread.
class Accounts {
 public:
  static constexpr std::string_view kBanned = "banned";

  static Result<std::unique_ptr<Accounts>> open(const Follower& follower);

  /// At most `limit` (≥ 1) accounts that were registered, deleted ones among them, behind the one with the key `after`.
  /// `status`: its wire name, or kBanned: accounts with a ban, also one that is over and was not released.
  Result<AccountPage> list(std::size_t limit, std::optional<Position> after = {},
                           std::optional<std::string_view> status = {});

  /// Which tokens are void.
  Result<VoidTokens> void_tokens();

 private:
  explicit Accounts(std::unique_ptr<ReadModel> model) : model_(std::move(model)) {}

  std::unique_ptr<ReadModel> model_;
};

}  // namespace souk
