#include "privacy/install_keys.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <fstream>
#include <iterator>
#include <thread>
#include <vector>

#include "privacy/testing/test_folder.hpp"

namespace souk {
namespace {

std::string path_in(const TestFolder& folder) {
  return folder.path() + "/keys/install.key";
}

std::string contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string reason_of(const TestFolder& folder, MissingKey if_missing = MissingKey::kCreate) {
  const auto keys = open_install_keys(folder.path(), if_missing);
  return keys ? "" : keys.error().reason;
}

}  // namespace

TEST_CASE("the keys of an installation are made once and stay the same") {
  const TestFolder folder;
  const auto first = open_install_keys(folder.path(), MissingKey::kCreate);
  REQUIRE(first.has_value());
  const auto second = open_install_keys(folder.path(), MissingKey::kRefuse);
  REQUIRE(second.has_value());
  CHECK((first->claims == second->claims));
  CHECK((first->tokens == second->tokens));

  const TestFolder other_folder;
  const auto other = open_install_keys(other_folder.path(), MissingKey::kCreate);
  REQUIRE(other.has_value());
  CHECK(!(first->claims == other->claims));
}

TEST_CASE("each purpose has a key of its own") {
  const auto keys = InstallKeys::derive(Key256::random());
  const std::vector<Key256> all{keys.claims,  keys.commands, keys.fingerprints,
                                keys.cursors, keys.tokens,   keys.one_time};
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (std::size_t k = 0; k < i; ++k) CHECK(!(all[i] == all[k]));
  }
}

TEST_CASE("which key is derived for which purpose is frozen") {
  const auto keys = InstallKeys::derive(Key256{});
  CHECK(static_cast<int>(keys.claims.data()[0]) == 0xc8);
  CHECK(static_cast<int>(keys.commands.data()[0]) == 0xef);
  CHECK(static_cast<int>(keys.fingerprints.data()[0]) == 0x23);
  CHECK(static_cast<int>(keys.cursors.data()[0]) == 0xc0);
  CHECK(static_cast<int>(keys.tokens.data()[0]) == 0xa8);
  CHECK(static_cast<int>(keys.one_time.data()[0]) == 0x9d);
}

TEST_CASE("the file is for its owner's eyes only and nothing else is left beside it") {
  const TestFolder folder;
  REQUIRE(reason_of(folder).empty());
  struct stat status {};
  REQUIRE(::stat(path_in(folder).c_str(), &status) == 0);
  CHECK((status.st_mode & 0777U) == 0600U);
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path() + "/keys"), {}) == 1);

  for (const mode_t mode : {0644U, 0640U, 0604U, 0620U}) {
    REQUIRE(::chmod(path_in(folder).c_str(), mode) == 0);
    CHECK(reason_of(folder) == "install_key.exposed");
  }
}

TEST_CASE("a key that is missing where there is data already is not replaced") {
  const TestFolder folder;
  CHECK(reason_of(folder, MissingKey::kRefuse) == "install_key.missing");
  CHECK(!std::filesystem::exists(path_in(folder)));
}

TEST_CASE("a file that is no key is refused and left alone") {
  const TestFolder folder;
  REQUIRE(reason_of(folder).empty());
  const std::string good = contents(path_in(folder));
  const std::vector<std::string> bad{
      "",
      "\n",
      good.substr(0, good.size() - 1),
      good + "\n",
      good + good,
      "S" + good.substr(1),
      good.substr(0, 20) + std::string(43, '*') + "\n",
      good.substr(0, 20) + std::string(42, 'A') + "B\n",
  };
  for (const auto& text : bad) {
    CAPTURE(text);
    std::ofstream(path_in(folder), std::ios::trunc) << text;
    CHECK(reason_of(folder) == "install_key.malformed");
    CHECK(contents(path_in(folder)) == text);
  }
  std::ofstream(path_in(folder), std::ios::trunc) << good;
  CHECK(reason_of(folder).empty());
}

TEST_CASE("a folder that is not there is named in the error") {
  const auto refused = open_install_keys("/nowhere/at/all", MissingKey::kCreate);
  REQUIRE(!refused.has_value());
  CHECK(refused.error().reason == "install_key.storage");
  CHECK(refused.error().detail.find("/nowhere/at/all/keys") != std::string::npos);
}

TEST_CASE("of many who create the key at once all get the same one") {
  const TestFolder folder;
  std::vector<Key256> got(8);
  std::vector<std::thread> threads;
  for (auto& key : got) {
    threads.emplace_back([&] {
      const auto keys = open_install_keys(folder.path(), MissingKey::kCreate);
      if (keys) key = keys->claims;
    });
  }
  for (auto& thread : threads) thread.join();
  for (const auto& key : got) CHECK((key == got[0]));
  CHECK(!(got[0] == Key256{}));
}

}  // namespace souk
