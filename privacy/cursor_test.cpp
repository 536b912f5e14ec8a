#include "privacy/cursor.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <string>

#include "privacy/base64url.hpp"

namespace souk {

TEST_CASE("a cursor opens for the list it was made for") {
  const Cursors cursors(Key256::random());
  for (const std::string& payload :
       {std::string(), std::string("42"), std::string(1'000, 'x'), std::string("\0\1", 2)}) {
    CHECK((cursors.open("orders/alice", cursors.seal("orders/alice", payload)) == payload));
  }
  CHECK(cursors.seal("a", "1") == cursors.seal("a", "1"));
  CHECK(cursors.seal("a", "1").find("1") != 0);
}

TEST_CASE("a cursor of another list, account or installation is refused") {
  const Cursors cursors(Key256::random());
  const auto text = cursors.seal("orders/alice", "42");
  const auto refused = cursors.open("orders/bob", text);
  REQUIRE(!refused.has_value());
  CHECK(refused.error().reason == "cursor.invalid");
  CHECK((refused.error().code == ErrorCode::kInvalid));
  CHECK(!Cursors(Key256::random()).open("orders/alice", text).has_value());
}

TEST_CASE("a cursor changed in any place is refused") {
  const Cursors cursors(Key256::random());
  const auto text = cursors.seal("s", "payload");
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto changed = text;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    CHECK(!cursors.open("s", changed).has_value());
    CHECK(!cursors.open("s", text.substr(0, i)).has_value());
  }
  CHECK(!cursors.open("s", text + "A").has_value());
  CHECK(!cursors.open("s", std::string(100'000, 'A')).has_value());
  CHECK(!cursors.open("s", "42").has_value());
}

TEST_CASE("a cursor shows nothing of what it holds") {
  const Cursors cursors(Key256::random());
  const auto bytes = from_base64url(cursors.seal("s", "needle-in-a-cursor")).value();
  CHECK(bytes.find("needle") == std::string::npos);
}

TEST_CASE("a position token gives back epoch and position") {
  const PositionTokens tokens(Key256::random(), Id128{1, 2});
  for (const LogPosition at :
       {LogPosition{}, LogPosition{1, {1}}, LogPosition{7, {123'456'789'012}},
        LogPosition{std::numeric_limits<std::uint32_t>::max(), {std::numeric_limits<std::uint64_t>::max()}}}) {
    const auto text = tokens.text(at);
    CHECK(text.size() == PositionTokens::kTextSize);
    CHECK((tokens.parse(text) == at));
  }
}

TEST_CASE("garbage and the tokens of other logs are no positions") {
  const Key256 key = Key256::random();
  const PositionTokens tokens(key, Id128{1, 2});
  const auto text = tokens.text({1, {42}});
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto changed = text;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    CHECK(tokens.parse(changed).error().reason == "position.invalid");
  }
  for (const std::string& bad : {std::string(), std::string("42"), text + "A", text.substr(1), std::string(28, ' '),
                                 std::string(28, 'A'), std::string(1'000'000, 'A')}) {
    CHECK(tokens.parse(bad).error().reason == "position.invalid");
  }
  CHECK(!PositionTokens(key, Id128{1, 3}).parse(text).has_value());
  CHECK(!PositionTokens(Key256::random(), Id128{1, 2}).parse(text).has_value());
  CHECK((PositionTokens(key, Id128{1, 2}).parse(text) == LogPosition{1, {42}}));
}

}  // namespace souk
