#include "app/file_watch.hpp"

#include <doctest/doctest.h>
#include <poll.h>

#include <filesystem>
#include <fstream>

#include "privacy/testing/test_folder.hpp"

namespace souk {
namespace {

namespace fs = std::filesystem;

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
  CHECK(changed(watch));
  world.write("souk.toml", "4");
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

TEST_CASE("where nothing is told, a change is seen once it is settled") {
  const Watched world;
  world.write("souk.toml", "1");
  FileWatch watch(world.path);
  // A change of the times alone is none that is told of.
  fs::last_write_time(world.path, fs::file_time_type::clock::now() + std::chrono::hours(1));
  CHECK_FALSE(is_told(watch));
  CHECK_FALSE(watch.look_again());
  CHECK(watch.look_again());
  CHECK_FALSE(watch.look_again());
}

TEST_CASE("without a file there is nothing to watch") {
  FileWatch watch("");
  CHECK(watch.descriptor() == -1);
  CHECK_FALSE(watch.look_again());
}

}  // namespace souk
