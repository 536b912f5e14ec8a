#include "limits/network_list.hpp"

#include <doctest/doctest.h>

#include "engine/testing/random.hpp"

using namespace souk;
using namespace souk::limits;

namespace {

Address address(std::string_view text) {
  const auto parsed = Address::parse(text);
  REQUIRE_MESSAGE(parsed.has_value(), text);
  return *parsed;
}

NetworkList list_of(std::initializer_list<std::string_view> texts) {
  std::vector<Network> networks;
  for (const auto text : texts) networks.push_back(Network::parse(text).value());
  return NetworkList(std::move(networks));
}

/// The first of those with the longest prefix, by looking at each.
std::optional<std::uint32_t> slowly(const std::vector<Network>& networks, const Address& wanted) {
  std::optional<std::uint32_t> best;
  for (std::uint32_t i = 0; i < networks.size(); ++i) {
    if (!networks[i].holds(wanted)) continue;
    if (!best || networks[i].prefix > networks[*best].prefix) best = i;
  }
  return best;
}

/// Among few bits, so that networks nest and addresses meet them.
Address random_address(souk::testing::Random& random) {
  const auto bits = static_cast<std::uint32_t>(random.below(1'024));
  if (random.one_in(2)) return Address::v4(bits << 22 | bits);
  Address made;
  for (auto& byte : made.bytes) byte = random.one_in(2) ? 0xFF : 0;
  made.bytes[0] = static_cast<std::uint8_t>(bits);
  return made;
}

Network random_network(souk::testing::Random& random) {
  Network network{random_address(random), 0};
  const int width = network.first.is_v4() ? 32 : 128;
  network.prefix = static_cast<int>(random.below(static_cast<std::uint64_t>(width) + 1));
  const int from = network.prefix + 128 - width;
  for (int i = from; i < 128; ++i) {
    network.first.bytes[static_cast<std::size_t>(i / 8)] &= static_cast<std::uint8_t>(~(0x80 >> (i % 8)));
  }
  return network;
}

}  // namespace

TEST_CASE("the network with the longest prefix is found") {
  const auto list =
      list_of({"10.0.0.0/8", "10.1.0.0/16", "10.1.2.0/24", "2001:db8::/32", "2001:db8::/48", "0.0.0.0/0"});
  CHECK(list.find(address("10.2.0.0")) == 0);
  CHECK(list.find(address("10.1.0.0")) == 1);
  CHECK(list.find(address("10.1.255.255")) == 1);
  CHECK(list.find(address("10.1.2.255")) == 2);
  CHECK(list.find(address("10.1.3.0")) == 1);
  CHECK(list.find(address("11.0.0.0")) == 5);
  CHECK(list.find(address("255.255.255.255")) == 5);
  CHECK(list.find(address("::ffff:10.1.2.3")) == 2);
  CHECK(list.find(address("2001:db8:0:ffff::")) == 4);
  CHECK(list.find(address("2001:db8:1::")) == 3);
  CHECK_FALSE(list.holds(address("2001:db9::")));
  CHECK_FALSE(NetworkList().holds(address("10.0.0.1")));
}

TEST_CASE("networks of version 6 hold no address of version 4, however wide they are") {
  const auto all = list_of({"::/0"});
  CHECK(all.holds(address("2001:db8::1")));
  CHECK(all.holds(address("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")));
  CHECK_FALSE(all.holds(address("192.0.2.1")));
  CHECK_FALSE(all.holds(address("::ffff:192.0.2.1")));
}

TEST_CASE("a list finds what looking at each network finds") {
  souk::testing::Random random(souk::testing::seed_of_tests());
  INFO("SOUK_SEED=" << souk::testing::seed_of_tests());
  for (int round = 0; round < 200; ++round) {
    std::vector<Network> networks;
    for (std::uint64_t i = random.below(60); i > 0; --i) networks.push_back(random_network(random));
    const NetworkList list(networks);
    for (int i = 0; i < 200; ++i) {
      // The ends of networks and what lies beside them are where mistakes are.
      Address wanted = random_address(random);
      if (!networks.empty() && random.one_in(2)) {
        wanted = networks[random.below(networks.size())].first;
        if (random.one_in(2)) --wanted.bytes[15];
      }
      REQUIRE(list.find(wanted) == slowly(networks, wanted));
    }
  }
}
