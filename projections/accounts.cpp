#include "projections/accounts.hpp"

#include <limits>
#include <utility>

#include "engine/entities.hpp"
#include "projections/apply_as.hpp"

namespace souk {

namespace {

constexpr const char* kTables =
    // The place in the log is the key: accounts are only ever added at the end, and it sorts by age.
    "CREATE TABLE accounts ("
    "  registered INTEGER PRIMARY KEY, account_id BLOB NOT NULL, status TEXT NOT NULL, role TEXT NOT NULL,"
    "  username TEXT NOT NULL, email TEXT NOT NULL, email_verified INTEGER NOT NULL, generation INTEGER NOT NULL,"
    "  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,"
    "  banned_at INTEGER, banned_until INTEGER, ban_reason TEXT);"
    "CREATE UNIQUE INDEX accounts_by_id ON accounts (account_id);"
    "CREATE INDEX accounts_by_status ON accounts (status);"  // each entry ends with the key
    "CREATE INDEX accounts_by_generation ON accounts (generation) WHERE generation > 0;"
    "CREATE INDEX accounts_by_ban ON accounts (registered) WHERE banned_at IS NOT NULL;"
    "CREATE TABLE ended_sessions ("
    "  session_id BLOB PRIMARY KEY, account_id BLOB NOT NULL, ended_at INTEGER NOT NULL, passed INTEGER NOT NULL)"
    "  WITHOUT ROWID;"
    "CREATE INDEX ended_sessions_by_age ON ended_sessions (passed DESC, ended_at);";

constexpr const char* kColumns =
    "SELECT registered, account_id, status, role, username, email, email_verified, created_at, updated_at, "
    "banned_at, banned_until, ban_reason FROM accounts WHERE ";

/// One event of an account on its way into the table. Every type of event has its `on`, if only to say that it does
/// not show.
struct Applier {
  sqlite::Database& db;
  const EventRecord& record;

  Result<void> on(const account::RegistrationRequested& event) {
    return db.execute("INSERT INTO accounts VALUES (?, ?, ?, ?, ?, ?, 0, 0, ?, ?, NULL, NULL, NULL)",
                      static_cast<std::int64_t>(record.position.value), record.stream.id(),
                      name_of(account::Status::kPending), name_of(event.role), event.username.sealed,
                      event.email.sealed, event.at.us, record.recorded_at.us);
  }
  Result<void> on(const account::Registered& /*event*/) { return move_to(account::Status::kActive); }
  Result<void> on(const account::RegistrationRejected& /*event*/) { return move_to(account::Status::kRejected); }
  Result<void> on(const account::Changed& event) {
    Result<void> done;
    if (event.details.username) {
      done = updated(db.execute("UPDATE accounts SET username = ?, updated_at = ? WHERE account_id = ?",
                                event.details.username->sealed, record.recorded_at.us, record.stream.id()));
    }
    if (done && event.details.email) {
      done =
          updated(db.execute("UPDATE accounts SET email = ?, email_verified = 0, updated_at = ? WHERE account_id = ?",
                             event.details.email->sealed, record.recorded_at.us, record.stream.id()));
    }
    return done;
  }
  Result<void> on(const account::PasswordChanged& event) { return set_generation(event.generation); }
  Result<void> on(const account::PasswordReset& event) { return set_generation(event.generation); }
  Result<void> on(const account::TokensRevoked& event) { return set_generation(event.generation); }
  Result<void> on(const account::Banned& event) {
    auto done = set_generation(event.generation);
    if (!done) return done;
    const auto until = event.until ? std::optional(event.until->us) : std::nullopt;
    return updated(
        db.execute("UPDATE accounts SET banned_at = ?, banned_until = ?, ban_reason = ? WHERE account_id = ?",
                   event.at.us, until, event.reason.sealed, record.stream.id()));
  }
  Result<void> on(const account::Released& /*event*/) {
    return updated(
        db.execute("UPDATE accounts SET banned_at = NULL, banned_until = NULL, ban_reason = NULL, "
                   "updated_at = ? WHERE account_id = ?",
                   record.recorded_at.us, record.stream.id()));
  }
  Result<void> on(const account::EmailVerified& /*event*/) {
    return updated(db.execute("UPDATE accounts SET email_verified = 1, updated_at = ? WHERE account_id = ?",
                              record.recorded_at.us, record.stream.id()));
  }
  Result<void> on(const account::Deleted& event) {
    return updated(
        db.execute("UPDATE accounts SET status = ?, username = '', email = '', email_verified = 0, generation = ?, "
                   "banned_at = NULL, banned_until = NULL, ban_reason = NULL, updated_at = ? WHERE account_id = ?",
                   name_of(account::Status::kDeleted), event.generation, record.recorded_at.us, record.stream.id()));
  }

  Result<void> on(const account::ClaimGranted& /*event*/) { return {}; }
  Result<void> on(const account::ClaimRefused& /*event*/) { return {}; }
  Result<void> on(const account::ClaimReturned& /*event*/) { return {}; }
  Result<void> on(const account::ChangeRequested& /*event*/) { return {}; }
  Result<void> on(const account::ChangeRefused& /*event*/) { return {}; }
  Result<void> on(const account::MessageRequested& /*event*/) { return {}; }
  Result<void> on(const account::MessageSent& /*event*/) { return {}; }
  Result<void> on(const account::MessageFailed& /*event*/) { return {}; }

  Result<void> move_to(account::Status status) {
    return updated(db.execute("UPDATE accounts SET status = ?, updated_at = ? WHERE account_id = ?", name_of(status),
                              record.recorded_at.us, record.stream.id()));
  }
  Result<void> set_generation(std::int64_t generation) {
    return updated(db.execute("UPDATE accounts SET generation = ?, updated_at = ? WHERE account_id = ?", generation,
                              record.recorded_at.us, record.stream.id()));
  }
  Result<void> updated(Result<void> done) {
    return one_row(db, std::move(done), record, "an account that was never there");
  }
};

/// Sessions that ended not long ago, whose access tokens have not all expired.
struct SessionApplier {
  sqlite::Database& db;
  const EventRecord& record;

  Result<void> on(const sessions::Ended& event) {
    const auto passed = passed_at(event.at);
    if (!passed) return tl::unexpected<Error>(passed.error());
    auto done = db.execute("DELETE FROM ended_sessions WHERE passed <= ?", *passed - sessions::kTokenLifeMax.us);
    for (const auto& id : event.ids) {
      if (!done) return done;
      done = db.execute("INSERT OR REPLACE INTO ended_sessions VALUES (?, ?, ?, ?)", id.value, record.stream.id(),
                        event.at.us, *passed);
    }
    return done;
  }
  Result<void> on(const sessions::Started& /*event*/) { return {}; }
  Result<void> on(const sessions::Refreshed& /*event*/) { return {}; }
  /// What has passed between endings up to this one.
  Result<std::int64_t> passed_at(Time at) {
    // Of those between which nothing passed, the last one says the earliest time.
    auto last = db.query("SELECT ended_at, passed FROM ended_sessions ORDER BY passed DESC, ended_at LIMIT 1");
    if (!last) return tl::unexpected<Error>(std::move(last.error()));
    const auto row = last->step();
    if (!row) return tl::unexpected<Error>(row.error());
    if (!*row) return 0;
    return last->integer(1) + sessions::believed_between(Time{last->integer(0)}, at).us;
  }
  /// Nor are their tokens of the account's generation any more.
  Result<void> on(const sessions::Outdated& /*event*/) { return {}; }
};

class AccountsProjection final : public Projection {
 public:
  std::string_view name() const override { return "accounts"; }
  std::uint32_t schema() const override { return 3; }
  std::vector<std::string_view> kinds() const override { return {Account::kKind, Sessions::kKind}; }
  Result<void> create_tables(sqlite::Database& db) override { return db.run(kTables); }

  Result<void> apply(sqlite::Database& db, const EventRecord& record) override {
    return record.stream.kind() == Sessions::kKind ? apply_as<Sessions, SessionApplier>(db, record)
                                                   : apply_as<Account, Applier>(db, record);
  }
};

template <class Each>
Result<void> for_each_row(sqlite::Database& db, const std::string& text, const Each& each) {
  auto query = db.query(text);
  if (!query) return tl::unexpected<Error>(std::move(query.error()));
  for (;;) {
    auto row = query->step();
    if (!row) return tl::unexpected<Error>(std::move(row.error()));
    if (!*row) return {};
    each(*query);
  }
}

AccountSummary summary_from(const sqlite::Query& row) {
  AccountSummary account;
  account.registered = Position{static_cast<std::uint64_t>(row.integer(0))};
  account.id = AccountId{row.id(1)};
  account.status = row.text(2);
  account.role = row.text(3);
  account.username.sealed = row.text(4);
  account.email.sealed = row.text(5);
  account.email_verified = row.integer(6) != 0;
  account.created_at = Time{row.integer(7)};
  account.updated_at = Time{row.integer(8)};
  if (!row.is_null(9)) {
    account.ban = account::CurrentBan{{std::string(row.text(11))}, {}, Time{row.integer(9)}};
    if (!row.is_null(10)) account.ban->until = Time{row.integer(10)};
  }
  return account;
}

}  // namespace

std::unique_ptr<Projection> make_accounts_projection() {
  return std::make_unique<AccountsProjection>();
}

Result<std::unique_ptr<Accounts>> Accounts::open(const Follower& follower) {
  auto model = ReadModel::open(follower);
  if (!model) return tl::unexpected<Error>(std::move(model.error()));
  return std::unique_ptr<Accounts>(new Accounts(std::move(*model)));
}

Result<AccountPage> Accounts::list(std::size_t limit, std::optional<Position> after,
                                   std::optional<std::string_view> status) {
  AccountPage page;
  const auto before = after ? static_cast<std::int64_t>(after->value) : std::numeric_limits<std::int64_t>::max();
  auto position = model_->read([&](sqlite::Database& db) -> Result<void> {
    // One more than asked for tells whether there is another page. Each of the three walks along an index.
    const auto wanted = static_cast<std::int64_t>(limit) + 1;
    auto query =
        status == kBanned ? db.query(std::string(kColumns) +
                                         "banned_at IS NOT NULL AND registered < ? ORDER BY registered DESC LIMIT ?",
                                     before, wanted)
        : status ? db.query(std::string(kColumns) + "status = ? AND registered < ? ORDER BY registered DESC LIMIT ?",
                            *status, before, wanted)
                 : db.query(std::string(kColumns) +
                                "registered < ? AND +status IN ('active', 'deleted') "
                                "ORDER BY registered DESC LIMIT ?",
                            before, wanted);
    if (!query) return tl::unexpected<Error>(std::move(query.error()));
    for (;;) {
      auto row = query->step();
      if (!row) return tl::unexpected<Error>(std::move(row.error()));
      if (!*row) return {};
      if (page.items.size() == limit) {
        page.next = page.items.back().registered;
        return {};
      }
      page.items.push_back(summary_from(*query));
    }
  });
  if (!position) return tl::unexpected<Error>(std::move(position.error()));
  page.position = *position;
  return page;
}

Result<VoidTokens> Accounts::void_tokens() {
  VoidTokens found;
  auto position = model_->read([&](sqlite::Database& db) -> Result<void> {
    auto done = for_each_row(db, "SELECT position FROM souk_parked ORDER BY position", [&](const sqlite::Query& row) {
      found.parked.push_back(Position{static_cast<std::uint64_t>(row.integer(0))});
    });
    if (!done) return done;
    done = for_each_row(
        db, "SELECT account_id, generation FROM accounts WHERE generation > 0",
        [&](const sqlite::Query& row) { found.generations.emplace_back(AccountId{row.id(0)}, row.integer(1)); });
    if (!done) return done;
    return for_each_row(db,
                        "SELECT account_id, session_id, ended_at FROM ended_sessions ORDER BY passed, ended_at DESC",
                        [&](const sqlite::Query& row) {
                          found.sessions.push_back({AccountId{row.id(0)}, SessionId{row.id(1)}, Time{row.integer(2)}});
                        });
  });
  if (!position) return tl::unexpected<Error>(std::move(position.error()));
  found.position = *position;
  return found;
}

}  // namespace souk
