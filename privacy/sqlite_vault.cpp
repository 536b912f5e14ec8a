#include "privacy/sqlite_vault.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <list>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "privacy/private_file.hpp"

namespace souk {
namespace {

constexpr std::string_view kStorage = "privacy.storage";
constexpr int kFormat = 1;

struct CloseDatabase {
  void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
};
struct FinalizeStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Database = std::unique_ptr<sqlite3, CloseDatabase>;
using Statement = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

/// Resets the statement when its one use is over, so that no read transaction stays open.
class Use {
 public:
  explicit Use(const Statement& statement) : statement_(statement.get()) {}
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;
  ~Use() {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
  }

 private:
  sqlite3_stmt* statement_;
};

/// The keys used last, so that most sealing and opening needs no file. Not thread-safe.
class KeyCache {
 public:
  explicit KeyCache(std::size_t size_max) : size_max_(size_max) {}

  std::optional<Key256> find(AccountId person) {
    const auto found = by_person_.find(person);
    if (found == by_person_.end()) return std::nullopt;
    entries_.splice(entries_.begin(), entries_, found->second);
    return found->second->second;
  }
  void insert(AccountId person, const Key256& key) {
    erase(person);
    entries_.emplace_front(person, key);
    by_person_.emplace(person, entries_.begin());
    if (entries_.size() > size_max_) erase(entries_.back().first);
  }
  void erase(AccountId person) {
    const auto found = by_person_.find(person);
    if (found == by_person_.end()) return;
    entries_.erase(found->second);
    by_person_.erase(found);
  }

 private:
  using Entries = std::list<std::pair<AccountId, Key256>>;

  std::size_t size_max_;
  Entries entries_;  ///< used last first
  std::unordered_map<AccountId, Entries::iterator> by_person_;
};

std::array<std::uint8_t, 16> bytes_of(AccountId person) {
  std::array<std::uint8_t, 16> bytes{};
  for (std::size_t i = 0; i < 8; ++i) {
    bytes[i] = static_cast<std::uint8_t>(person.value.high >> (56 - 8 * i));
    bytes[8 + i] = static_cast<std::uint8_t>(person.value.low >> (56 - 8 * i));
  }
  return bytes;
}

/// SQLite would create it with the process's umask; its side files take over the mode of this one.
Result<void> make_private(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return system_error(kStorage, "cannot open " + path);
  struct stat status {};
  const bool examined = ::fstat(fd, &status) == 0;
  ::close(fd);
  if (!examined) return system_error(kStorage, "cannot examine " + path);
  if ((status.st_mode & 077U) != 0) {
    return fail(ErrorCode::kInternal, kStorage,
                path + " can be read by others than its owner; if nobody has read it, run chmod 600 on it");
  }
  return {};
}

}  // namespace

struct SqliteVault::Impl {
  std::string path;
  std::mutex database_mutex;  ///< taken before cache_mutex
  Database database;
  Statement select;
  Statement insert;
  Statement drop;
  std::mutex cache_mutex;
  KeyCache cache;

  Impl(std::string file, std::size_t cached_max) : path(std::move(file)), cache(cached_max) {}

  tl::unexpected<Error> error(const std::string& what) {
    return fail(ErrorCode::kInternal, kStorage, what + " " + path + ": " + sqlite3_errmsg(database.get()));
  }
  Result<void> run(const char* sql) {
    if (sqlite3_exec(database.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) return error("cannot use");
    return {};
  }
  Result<Statement> prepare(const char* sql) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v3(database.get(), sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr) != SQLITE_OK) {
      return error("cannot use");
    }
    return Statement(statement);
  }
  Result<int> format() {
    auto statement = prepare("PRAGMA user_version");
    if (!statement) return tl::unexpected<Error>(statement.error());
    if (sqlite3_step(statement->get()) != SQLITE_ROW) return error("cannot read");
    return sqlite3_column_int(statement->get(), 0);
  }

  Result<void> open();
  Result<void> prepare_all();
  Result<Key256> load_or_create(AccountId person, IfAbsent if_absent);
  Result<Key256> create(AccountId person);
  Result<void> forget(AccountId person);
};

Result<void> SqliteVault::Impl::open() {
  sqlite3* opened = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_FULLMUTEX, nullptr);
  database.reset(opened);
  if (code != SQLITE_OK) return error("cannot open");
  sqlite3_busy_timeout(opened, 5'000);
  auto found = format();
  if (!found) return tl::unexpected<Error>(found.error());
  if (*found > kFormat) {
    return fail(ErrorCode::kInternal, kStorage, path + " was written by a newer souk; use that one");
  }
  // In every case before the first key is written: deleted content is overwritten, commits are synced.
  auto done = run("PRAGMA secure_delete=ON; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL");
  if (done && *found == 0) {
    done =
        run("BEGIN IMMEDIATE;"
            "CREATE TABLE IF NOT EXISTS person_keys (person BLOB NOT NULL PRIMARY KEY, key BLOB) WITHOUT ROWID;"
            "PRAGMA user_version=1;"
            "COMMIT");
  }
  return done ? prepare_all() : done;
}

Result<void> SqliteVault::Impl::prepare_all() {
  auto selecting = prepare("SELECT key FROM person_keys WHERE person = ?");
  if (!selecting) return tl::unexpected<Error>(selecting.error());
  auto inserting = prepare("INSERT INTO person_keys (person, key) VALUES (?, ?)");
  if (!inserting) return tl::unexpected<Error>(inserting.error());
  // The row stays as the mark that this person is forgotten and gets no new key.
  auto dropping =
      prepare("INSERT INTO person_keys (person, key) VALUES (?, NULL) ON CONFLICT (person) DO UPDATE SET key = NULL");
  if (!dropping) return tl::unexpected<Error>(dropping.error());
  select = std::move(*selecting);
  insert = std::move(*inserting);
  drop = std::move(*dropping);
  return {};
}

Result<Key256> SqliteVault::Impl::load_or_create(AccountId person, IfAbsent if_absent) {
  {
    const Use use(select);
    const auto id = bytes_of(person);
    sqlite3_bind_blob(select.get(), 1, id.data(), static_cast<int>(id.size()), SQLITE_TRANSIENT);
    const int code = sqlite3_step(select.get());
    if (code == SQLITE_ROW) {
      if (sqlite3_column_type(select.get(), 0) == SQLITE_NULL) return forgotten(person);
      const void* blob = sqlite3_column_blob(select.get(), 0);
      if (sqlite3_column_bytes(select.get(), 0) != static_cast<int>(Key256::kSize)) {
        return fail(ErrorCode::kInternal, kStorage, path + " is damaged: a key has the wrong size");
      }
      return Key256(static_cast<const std::uint8_t*>(blob));
    }
    if (code != SQLITE_DONE) return error("cannot read");
  }
  if (if_absent == IfAbsent::kFail) return forgotten(person);
  return create(person);
}

Result<Key256> SqliteVault::Impl::create(AccountId person) {
  const Use use(insert);
  const auto id = bytes_of(person);
  const Key256 key = Key256::random();
  sqlite3_bind_blob(insert.get(), 1, id.data(), static_cast<int>(id.size()), SQLITE_TRANSIENT);
  sqlite3_bind_blob(insert.get(), 2, key.data(), static_cast<int>(Key256::kSize), SQLITE_STATIC);
  if (sqlite3_step(insert.get()) != SQLITE_DONE) return error("cannot write");
  return key;
}

Result<void> SqliteVault::Impl::forget(AccountId person) {
  {
    const Use use(drop);
    const auto id = bytes_of(person);
    sqlite3_bind_blob(drop.get(), 1, id.data(), static_cast<int>(id.size()), SQLITE_TRANSIENT);
    if (sqlite3_step(drop.get()) != SQLITE_DONE) return error("cannot write");
  }
  // The write-ahead file may still hold the page with the key.
  if (sqlite3_wal_checkpoint_v2(database.get(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr) != SQLITE_OK) {
    return error("the key is dropped but not yet overwritten in");
  }
  return {};
}

SqliteVault::SqliteVault(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SqliteVault::~SqliteVault() = default;

bool SqliteVault::exists(const std::string& data_dir) {
  std::error_code ignored;
  return std::filesystem::exists(data_dir + "/keys/keys.db", ignored);
}

Result<std::unique_ptr<SqliteVault>> SqliteVault::open(const std::string& data_dir, MissingKey if_missing,
                                                       std::size_t cached_max) {
  const auto folder = keys_folder(data_dir, kStorage);
  if (!folder) return tl::unexpected<Error>(folder.error());
  auto impl = std::make_unique<Impl>(*folder + "/keys.db", cached_max);
  if (if_missing == MissingKey::kRefuse && !exists(data_dir)) {
    return fail(ErrorCode::kInternal, "privacy.keys_missing",
                impl->path +
                    " is gone, without which nobody's data can be read and nobody can log in; restore it from "
                    "a backup, or make an empty file that only its owner may read to go on without them");
  }
  const auto opened = make_private(impl->path).and_then([&] { return impl->open(); }).and_then([&] {
    return sync_folder(*folder, kStorage);
  });
  if (!opened) return tl::unexpected<Error>(opened.error());
  return std::unique_ptr<SqliteVault>(new SqliteVault(std::move(impl)));
}

Result<void> SqliteVault::forget(AccountId person) {
  const std::lock_guard database_lock(impl_->database_mutex);
  auto done = impl_->forget(person);
  const std::lock_guard cache_lock(impl_->cache_mutex);
  impl_->cache.erase(person);
  return done;
}

Result<Key256> SqliteVault::key_of(AccountId person, IfAbsent if_absent) {
  {
    const std::lock_guard lock(impl_->cache_mutex);
    if (auto key = impl_->cache.find(person)) return *key;
  }
  // Held until the key is in the cache, so that one who is being forgotten cannot slip back into it.
  const std::lock_guard database_lock(impl_->database_mutex);
  auto key = impl_->load_or_create(person, if_absent);
  if (key) {
    const std::lock_guard lock(impl_->cache_mutex);
    impl_->cache.insert(person, *key);
  }
  return key;
}

}  // namespace souk
