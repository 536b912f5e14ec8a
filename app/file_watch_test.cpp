#include "app/file_watch.hpp"

#include <doctest/doctest.h>
#include <poll.h>
#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <fstream>

#include "privacy/testing/test_folder.hpp"

namespace souk {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

struct Watched {
  TestFolder folder;
  std::string path = folder.path() + "/souk.toml";

  void write(const std::string& name, std::string_view text) const {
    std::ofstream(folder.path() + "/" + name, std::ios::binary) << text;
  }
};

/// Whether the descriptor says by itself that there is something to look at.
bool is_told(const FileWatch& watch) {
  pollfd one{watch.descriptor(), POLLIN, 0};
  return ::poll(&one, 1, 0) == 1;
}

bool changed(FileWatch& watch) {
  return is_told(watch) && watch.look_again();
}

}  // namespace

TEST_CASE("a file that is written, replaced, removed or made is noticed, and nothing else") {
  const Watched world;
  world.write("souk.toml", "1");
  FileWatch watch(world.path);
  CHECK_FALSE(changed(watch));
  world.write("souk.toml", "2");
  CHECK(changed(watch));
  CHECK_FALSE(changed(watch));
  world.write("other", "1");
  CHECK_FALSE(changed(watch));
  world.write("new", "3");
  fs::rename(world.folder.path() + "/new", world.path);
  CHECK(changed(watch));
  fs::remove(world.path);
  world.write("souk.toml", "4");
  CHECK(changed(watch));
  CHECK_FALSE(changed(watch));
}

TEST_CASE("a file that is gone is told of if it stays away") {
  const Watched world;
  world.write("souk.toml", "1");
  FileWatch watch(world.path);
  const auto now = std::chrono::steady_clock::now();
  fs::remove(world.path);
  CHECK_FALSE(watch.look_again(now));
  CHECK_FALSE(watch.look_again(now + FileWatch::kQuiet - 1ms));
  CHECK(watch.look_again(now + FileWatch::kQuiet));
  CHECK_FALSE(watch.look_again(now + 2 * FileWatch::kQuiet));
}

TEST_CASE("whoever writes a file is let finish, whether it was there or not") {
  const Watched world;
  bool is_new = false;
  SUBCASE("it was there") {
    world.write("souk.toml", "1");
  }
  SUBCASE("it was not") {
    is_new = true;
  }
  CAPTURE(is_new);
  FileWatch watch(world.path);
  const auto now = std::chrono::steady_clock::now();
  std::ofstream writer(world.path, std::ios::binary | std::ios::trunc);
  CHECK_FALSE(watch.look_again(now));
  CHECK_FALSE(watch.is_whole());
  CHECK_FALSE(watch.look_again(now + FileWatch::kQuiet));
  writer << "2" << std::flush;
  CHECK_FALSE(watch.look_again(now + FileWatch::kQuiet));
  CHECK_FALSE(watch.look_again(now + 3 * FileWatch::kQuiet));
  writer.close();
  CHECK(changed(watch));
  CHECK(watch.is_whole());
}

TEST_CASE("whoever writes a file and never closes it is not waited for for ever") {
  const Watched world;
  FileWatch watch(world.path);
  const auto now = std::chrono::steady_clock::now();
  std::ofstream writer(world.path, std::ios::binary);
  writer << "1" << std::flush;
  CHECK_FALSE(watch.look_again(now));
  CHECK_FALSE(watch.look_again(now + FileWatch::kAbandoned - 1ms));
  CHECK(watch.look_again(now + FileWatch::kAbandoned));
}

TEST_CASE("somebody who begins to write a file after it was told of is noticed by whoever has read it") {
  const Watched world;
  FileWatch watch(world.path);
  world.write("souk.toml", "1");
  CHECK(changed(watch));
  CHECK(watch.is_whole());
  const std::ofstream writer(world.path, std::ios::binary | std::ios::trunc);
  CHECK_FALSE(watch.is_whole());
}

TEST_CASE("a file that may be read now is noticed") {
  const Watched world;
  world.write("souk.toml", "1");
  fs::permissions(world.path, fs::perms::none);
  FileWatch watch(world.path);
  fs::permissions(world.path, fs::perms::owner_read);
  CHECK(changed(watch));
}

TEST_CASE("a link that is made is whole at once") {
  const Watched world;
  world.write("real.toml", "1");
  FileWatch watch(world.path);
  SUBCASE("by name") {
    fs::create_symlink("real.toml", world.path);
  }
  SUBCASE("a hard one") {
    fs::create_hard_link(world.folder.path() + "/real.toml", world.path);
  }
  SUBCASE("or it is no file at all") {
    REQUIRE(::mkfifo(world.path.c_str(), 0600) == 0);
  }
  CHECK(changed(watch));
}

TEST_CASE("a link that leads elsewhere is noticed, as Kubernetes exchanges what it mounts") {
  const Watched world;
  const auto& root = world.folder.path();
  for (const char* version : {"..1", "..2"}) {
    fs::create_directory(root + "/" + version);
    world.write(std::string(version) + "/souk.toml", version);
  }
  fs::create_directory_symlink("..1", root + "/..data");
  fs::create_symlink("..data/souk.toml", world.path);
  FileWatch watch(world.path);
  fs::create_directory_symlink("..2", root + "/..data_tmp");
  fs::rename(root + "/..data_tmp", root + "/..data");
  CHECK(changed(watch));
  // What it leads to now is watched, too.
  world.write("..2/souk.toml", "another");
  CHECK(changed(watch));
}

TEST_CASE("a file that a link leads to is watched where it is") {
  const Watched world;
  fs::create_directory(world.folder.path() + "/elsewhere");
  world.write("elsewhere/real.toml", "1");
  fs::create_symlink("elsewhere/real.toml", world.path);
  FileWatch watch(world.path);
  world.write("elsewhere/real.toml", "2");
  CHECK(changed(watch));
}

TEST_CASE("folders that it does not lead to any more are not watched") {
  const Watched world;
  const auto& root = world.folder.path();
  const auto watches_of = [](const FileWatch& watch) {
    std::ifstream info("/proc/self/fdinfo/" + std::to_string(watch.descriptor()));
    int count = 0;
    for (std::string line; std::getline(info, line);) count += line.starts_with("inotify") ? 1 : 0;
    return count;
  };
  for (const char* version : {"1", "2", "3"}) {
    fs::create_directory(root + "/" + version);
    world.write(std::string(version) + "/souk.toml", version);
  }
  fs::create_symlink("1/souk.toml", world.path);
  FileWatch watch(world.path);
  for (const char* version : {"2", "3", "1", "2"}) {
    fs::create_symlink(std::string(version) + "/souk.toml", root + "/new");
    fs::rename(root + "/new", world.path);
    CHECK(changed(watch));
  }
  CHECK(watches_of(watch) == 2);
}

TEST_CASE("where nothing is told, a change is seen once it has been quiet, however often it is looked at") {
  const Watched world;
  const auto& root = world.folder.path();
  for (const char* folder : {"between", "1", "2"}) fs::create_directory(root + "/" + folder);
  for (const char* version : {"1", "2"}) world.write(std::string(version) + "/souk.toml", version);
  fs::create_symlink("../1/souk.toml", root + "/between/link");
  fs::create_symlink("between/link", world.path);
  FileWatch watch(world.path);
  fs::create_symlink("../2/souk.toml", root + "/between/new");
  fs::rename(root + "/between/new", root + "/between/link");
  CHECK_FALSE(is_told(watch));
  const auto now = std::chrono::steady_clock::now();
  for (int i = 0; i < 3; ++i) CHECK_FALSE(watch.look_again(now));
  CHECK_FALSE(watch.look_again(now + FileWatch::kQuiet - 1ms));
  CHECK(watch.look_again(now + FileWatch::kQuiet));
  CHECK_FALSE(watch.look_again(now + 2 * FileWatch::kQuiet));
}

TEST_CASE("without a file there is nothing to watch") {
  FileWatch watch("");
  CHECK(watch.descriptor() == -1);
  CHECK_FALSE(watch.look_again());
}

}  // namespace souk
