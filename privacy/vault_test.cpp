#include "privacy/vault.hpp"

#include <doctest/doctest.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <atomic>
#include <fstream>
#include <iterator>
#include <set>
#include <thread>
#include <vector>

#include "privacy/base64url.hpp"
#include "privacy/keyed_hash.hpp"
#include "privacy/memory_vault.hpp"
#include "privacy/sqlite_vault.hpp"
#include "privacy/testing/test_folder.hpp"

namespace souk {
namespace {

struct Parcel {
  std::string street;
  std::int64_t floor = 0;
  static constexpr auto fields() {
    return field_list(field("street", &Parcel::street), field("floor", &Parcel::floor));
  }
  friend bool operator==(const Parcel&, const Parcel&) = default;
};

AccountId person() {
  return {random_id()};
}

std::unique_ptr<SqliteVault> open_sqlite(const TestFolder& folder, std::size_t cached_max = 4) {
  auto vault = SqliteVault::open(folder.path(), MissingKey::kCreate, cached_max);
  REQUIRE_MESSAGE(vault.has_value(), vault.error().detail);
  return std::move(*vault);
}

struct InMemory {
  MemoryVault vault;
  Vault& get() { return vault; }
};
struct InSqlite {
  TestFolder folder;
  std::unique_ptr<SqliteVault> vault = open_sqlite(folder);
  Vault& get() { return *vault; }
};

std::string contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string only_key_in(const TestFolder& folder) {
  sqlite3* database = nullptr;
  REQUIRE(sqlite3_open((folder.path() + "/keys/keys.db").c_str(), &database) == SQLITE_OK);
  sqlite3_stmt* statement = nullptr;
  REQUIRE(sqlite3_prepare_v2(database, "SELECT key FROM person_keys", -1, &statement, nullptr) == SQLITE_OK);
  REQUIRE(sqlite3_step(statement) == SQLITE_ROW);
  std::string key(static_cast<const char*>(sqlite3_column_blob(statement, 0)),
                  static_cast<std::size_t>(sqlite3_column_bytes(statement, 0)));
  sqlite3_finalize(statement);
  sqlite3_close(database);
  return key;
}

unsigned mode_of(const std::string& path) {
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 0777U;
}

}  // namespace

TEST_CASE_TEMPLATE("what is sealed for a person opens again", T, InMemory, InSqlite) {
  T fixture;
  Vault& vault = fixture.get();
  const auto alice = person();
  const Parcel parcel{"1 长安街", 3};
  const auto sealed = vault.seal(alice, parcel);
  REQUIRE(sealed.has_value());
  CHECK(sealed->sealed.starts_with("personal:v1:"));
  CHECK((vault.open(alice, *sealed) == parcel));

  const std::string name = "Alice";
  CHECK((vault.open(alice, vault.seal(alice, name).value()) == name));
  CHECK((vault.open(alice, vault.seal(alice, std::string{}).value()) == std::string{}));

  const auto secret = vault.seal_secret(alice, name);
  REQUIRE(secret.has_value());
  CHECK(secret->sealed.starts_with("secret:v1:"));
  CHECK((vault.open_secret(alice, *secret) == name));
}

TEST_CASE_TEMPLATE("an empty text stands for none and opens without a key", T, InMemory, InSqlite) {
  T fixture;
  CHECK((fixture.get().open(person(), Personal<Parcel>{}) == Parcel{}));
  CHECK((fixture.get().open(person(), Personal<std::string>{}) == std::string{}));
}

TEST_CASE_TEMPLATE("the same text sealed twice looks different each time", T, InMemory, InSqlite) {
  T fixture;
  const auto alice = person();
  std::set<std::string> seen;
  for (int i = 0; i < 50; ++i) seen.insert(fixture.get().seal(alice, std::string("Alice")).value().sealed);
  CHECK(seen.size() == 50);
}

TEST_CASE_TEMPLATE("a sealed text opens for its own person and its own purpose only", T, InMemory, InSqlite) {
  T fixture;
  Vault& vault = fixture.get();
  const auto alice = person();
  const auto bob = person();
  REQUIRE(vault.ensure_key(bob).has_value());
  const auto sealed = vault.seal(alice, std::string("Alice")).value();
  CHECK(vault.open(bob, sealed).error().reason == "privacy.tampered");

  const Secret<std::string> as_secret{"secret:v1:" + sealed.sealed.substr(12)};
  CHECK(vault.open_secret(alice, as_secret).error().reason == "privacy.tampered");
  CHECK(vault.open_secret(alice, Secret<std::string>{sealed.sealed}).error().reason == "privacy.tampered");
}

TEST_CASE_TEMPLATE("a sealed text changed in any place does not open", T, InMemory, InSqlite) {
  T fixture;
  Vault& vault = fixture.get();
  const auto alice = person();
  const auto sealed = vault.seal(alice, std::string("Alice")).value();
  for (std::size_t i = 0; i < sealed.sealed.size(); ++i) {
    auto changed = sealed;
    changed.sealed[i] = changed.sealed[i] == 'A' ? 'B' : 'A';
    CHECK(vault.open(alice, changed).error().reason == "privacy.tampered");
  }
  for (std::size_t size = 1; size < sealed.sealed.size(); ++size) {
    CHECK(vault.open(alice, Personal<std::string>{sealed.sealed.substr(0, size)}).error().reason == "privacy.tampered");
  }
  CHECK(vault.open(alice, Personal<std::string>{sealed.sealed + "A"}).error().reason == "privacy.tampered");
}

TEST_CASE_TEMPLATE("nothing opens for a forgotten person, who never gets a key again", T, InMemory, InSqlite) {
  T fixture;
  Vault& vault = fixture.get();
  const auto alice = person();
  const auto bob = person();
  const auto hers = vault.seal(alice, std::string("Alice")).value();
  const auto his = vault.seal(bob, std::string("Bob")).value();
  REQUIRE(vault.forget(alice).has_value());
  CHECK(vault.open(alice, hers).error().reason == "privacy.forgotten");
  CHECK(vault.seal(alice, std::string("Alice")).error().reason == "privacy.forgotten");
  CHECK(vault.ensure_key(alice).error().reason == "privacy.forgotten");
  CHECK((vault.open(bob, his) == std::string("Bob")));

  CHECK(vault.forget(alice).has_value());
  CHECK(vault.forget(person()).has_value());
}

TEST_CASE_TEMPLATE("opening never makes a key", T, InMemory, InSqlite) {
  T fixture;
  Vault& vault = fixture.get();
  const auto sealed = vault.seal(person(), std::string("Alice")).value();
  const auto stranger = person();
  CHECK(vault.open(stranger, sealed).error().reason == "privacy.forgotten");
  CHECK(vault.open(stranger, sealed).error().reason == "privacy.forgotten");
  CHECK(vault.ensure_key(stranger).has_value());
}

TEST_CASE_TEMPLATE("many threads seal, open and forget at once", T, InMemory, InSqlite) {
  T fixture;
  Vault& vault = fixture.get();
  std::vector<AccountId> people(12);
  for (auto& one : people) one = person();
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (std::size_t i = 0; i < 60; ++i) {
        const auto who = people[(i * 7 + t) % people.size()];
        const auto sealed = vault.seal(who, who.str());
        if (sealed && vault.open(who, *sealed) != who.str() && vault.ensure_key(who)) ++wrong;
        if (!sealed && sealed.error().reason != "privacy.forgotten") ++wrong;
        if (t == 0 && i == 30 && !vault.forget(people[0])) ++wrong;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(wrong == 0);
  CHECK(vault.ensure_key(people[0]).error().reason == "privacy.forgotten");
}

TEST_CASE("keys outlive the process, and so does being forgotten") {
  const TestFolder folder;
  const auto alice = person();
  const auto bob = person();
  Personal<std::string> hers;
  Personal<std::string> his;
  {
    const auto vault = open_sqlite(folder);
    hers = vault->seal(alice, std::string("Alice")).value();
    his = vault->seal(bob, std::string("Bob")).value();
    REQUIRE(vault->forget(alice).has_value());
  }
  const auto vault = open_sqlite(folder);
  CHECK(vault->open(alice, hers).error().reason == "privacy.forgotten");
  CHECK((vault->open(bob, his) == std::string("Bob")));
}

TEST_CASE("more people than the cache holds are still served") {
  const TestFolder folder;
  const auto vault = open_sqlite(folder, 2);
  std::vector<std::pair<AccountId, Personal<std::string>>> sealed;
  for (int i = 0; i < 10; ++i) {
    const auto who = person();
    sealed.emplace_back(who, vault->seal(who, who.str()).value());
  }
  for (const auto& [who, text] : sealed) CHECK((vault->open(who, text) == who.str()));
}

TEST_CASE("a forgotten key is in none of the files any more") {
  const TestFolder folder;
  const auto vault = open_sqlite(folder);
  const auto alice = person();
  REQUIRE(vault->ensure_key(alice).has_value());
  const std::string key = only_key_in(folder);
  REQUIRE(key.size() == Key256::kSize);
  const auto everything = [&] {
    std::string all;
    for (const auto& file : std::filesystem::directory_iterator(folder.path() + "/keys")) all += contents(file.path());
    return all;
  };
  REQUIRE(everything().find(key) != std::string::npos);
  REQUIRE(vault->forget(alice).has_value());
  CHECK(everything().find(key) == std::string::npos);
}

TEST_CASE("the files of the keys are for their owner's eyes only") {
  const TestFolder folder;
  {
    const auto vault = open_sqlite(folder);
    REQUIRE(vault->ensure_key(person()).has_value());
    CHECK(mode_of(folder.path() + "/keys") == 0700U);
    for (const auto& file : std::filesystem::directory_iterator(folder.path() + "/keys")) {
      CHECK(mode_of(file.path()) == 0600U);
    }
  }
  REQUIRE(::chmod((folder.path() + "/keys/keys.db").c_str(), 0644) == 0);
  const auto refused = SqliteVault::open(folder.path(), MissingKey::kCreate);
  REQUIRE(!refused.has_value());
  CHECK(refused.error().reason == "privacy.storage");
  CHECK(refused.error().detail.find("chmod 600") != std::string::npos);
}

TEST_CASE("a file that is no vault of ours is refused and left alone") {
  const TestFolder folder;
  std::filesystem::create_directory(folder.path() + "/keys");
  const std::string path = folder.path() + "/keys/keys.db";
  std::ofstream(path) << "this is a text file and no database at all, whatever its name may say";
  REQUIRE(::chmod(path.c_str(), 0600) == 0);
  const auto before = contents(path);
  CHECK(SqliteVault::open(folder.path(), MissingKey::kCreate).error().reason == "privacy.storage");
  CHECK(contents(path) == before);
  CHECK(SqliteVault::open(folder.path() + "/absent", MissingKey::kCreate).error().reason == "privacy.storage");
}

TEST_CASE("a vault that must be there and is not is missed, and none is made; an empty file stands for none") {
  const TestFolder folder;
  const std::string path = folder.path() + "/keys/keys.db";
  CHECK(SqliteVault::open(folder.path(), MissingKey::kRefuse).error().reason == "privacy.keys_missing");
  CHECK_FALSE(SqliteVault::exists(folder.path()));
  std::ofstream(path).close();
  REQUIRE(::chmod(path.c_str(), 0600) == 0);
  CHECK(SqliteVault::open(folder.path(), MissingKey::kRefuse));
  CHECK(SqliteVault::exists(folder.path()));
}

TEST_CASE("a vault written by a newer program is refused") {
  const TestFolder folder;
  { open_sqlite(folder); }
  sqlite3* database = nullptr;
  REQUIRE(sqlite3_open((folder.path() + "/keys/keys.db").c_str(), &database) == SQLITE_OK);
  REQUIRE(sqlite3_exec(database, "PRAGMA user_version=2", nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(database);
  const auto refused = SqliteVault::open(folder.path(), MissingKey::kCreate);
  REQUIRE(!refused.has_value());
  CHECK(refused.error().detail.find("newer") != std::string::npos);
}

}  // namespace souk
