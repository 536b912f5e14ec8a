#include "app/message_files.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <future>
#include <iterator>

#include "app/system_clock.hpp"
#include "privacy/memory_vault.hpp"
#include "privacy/testing/test_folder.hpp"

using namespace souk;

namespace {

const AccountId kAda{Id128{1, 2}};

struct World {
  TestFolder folder;
  SystemClock clock;
  MemoryVault vault;
  OneTimeTokens tokens{Key256{}};
  std::atomic<int> failures{0};
  std::unique_ptr<MessageFiles> files;

  explicit World(const std::string& name = "messages") {
    MessageFiles::Options options{folder.path() + "/" + name, std::chrono::milliseconds(1),
                                  [this](const Error&) { ++failures; }};
    files = std::move(MessageFiles::open(std::move(options), vault, tokens, clock).value());
  }

  SendMessage message(std::uint64_t number) {
    const Time now = clock.now();
    return {kAda,
            MessageId{Id128{5, number}},
            account::MessageKind::kPasswordReset,
            vault.seal(kAda, std::string("ada@mail.example")).value(),
            now,
            now + Duration::minutes(1)};
  }
  std::future<bool> send(const SendMessage& message) {
    auto promise = std::make_shared<std::promise<bool>>();
    files->send(message, [promise](bool sent) { promise->set_value(sent); });
    return promise->get_future();
  }
  std::string path(const SendMessage& message) const {
    return folder.path() + "/messages/password_reset-" + message.id.str() + ".json";
  }
  std::size_t count() const {
    return static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator(folder.path() + "/messages"), {}));
  }
};

std::string content_of(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("a message is a file with its address and its token, for its owner's eyes only") {
  World world;
  const auto message = world.message(1);
  REQUIRE(world.send(message).get());
  const std::string content = content_of(world.path(message));
  CHECK(content.find("\"to\":\"ada@mail.example\"") != std::string::npos);
  CHECK(content.find("\"token\":\"" + world.tokens.text(kAda, message.id.value) + '"') != std::string::npos);
  struct stat status {};
  REQUIRE(::stat(world.path(message).c_str(), &status) == 0);
  CHECK((status.st_mode & 0777U) == 0600U);
  REQUIRE(::stat((world.folder.path() + "/messages").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777U) == 0700U);
}

TEST_CASE("a message that is given twice is one file") {
  World world;
  const auto message = world.message(1);
  REQUIRE(world.send(message).get());
  REQUIRE(world.send(message).get());
  CHECK(world.count() == 1);
}

TEST_CASE("a message that cannot be written is written when it can") {
  World world;
  const auto message = world.message(1);
  std::filesystem::remove(world.folder.path() + "/messages");
  auto sent = world.send(message);
  while (world.failures < 3) std::this_thread::yield();
  std::filesystem::create_directory(world.folder.path() + "/messages");
  CHECK(sent.get());
  CHECK(world.count() == 1);
}

TEST_CASE("a message whose token has expired is not sent, and neither is one to a forgotten person") {
  World world;
  auto late = world.message(1);
  late.expires_at = late.at;
  CHECK(!world.send(late).get());
  const auto message = world.message(2);
  REQUIRE(world.vault.forget(kAda));
  CHECK(!world.send(message).get());
  CHECK(world.count() == 0);
}

TEST_CASE("a folder that cannot be made is refused") {
  World world;
  const auto opened = MessageFiles::open({"/proc/none/messages"}, world.vault, world.tokens, world.clock);
  REQUIRE(!opened);
  CHECK(opened.error().reason == "messages.directory");
}
