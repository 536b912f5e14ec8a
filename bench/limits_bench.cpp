// What a decision about limits costs, and what memory a million addresses take.
//
// Usage: limits_bench [decisions]. Prints nanoseconds of the thread's own CPU time, of the fastest of five rounds.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <vector>

#include "engine/base/id.hpp"
#include "limits/admission.hpp"
#include "limits/client_address.hpp"
#include "limits/limiter.hpp"

namespace {

using namespace souk;
using namespace souk::limits;

constexpr int kRounds = 5;
constexpr std::size_t kAddresses = 1'000'000;
constexpr std::size_t kNetworks = 10'000;

std::uint64_t random_number(std::uint64_t& state) {
  state += 0x9E3779B97F4A7C15ULL;
  std::uint64_t z = state;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31);
}

double cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

/// `body(i)`, so many times a round.
template <class Body>
double nanoseconds_each(std::size_t count, const Body& body) {
  double best = 1e9;
  for (int round = 0; round < kRounds; ++round) {
    const double start = cpu_seconds();
    for (std::size_t i = 0; i < count; ++i) body(i);
    best = std::min(best, cpu_seconds() - start);
  }
  return best * 1e9 / static_cast<double>(count);
}

double resident_mib() {
  long pages = 0;
  long resident = 0;
  if (std::FILE* file = std::fopen("/proc/self/statm", "r")) {
    if (std::fscanf(file, "%ld %ld", &pages, &resident) != 2) resident = 0;
    std::fclose(file);
  }
  return static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE)) / 1048576.0;
}

/// Half of version 4 and half of version 6, each in a network of its own.
Address address_of(std::uint64_t number) {
  std::uint64_t state = number;
  const std::uint64_t bits = random_number(state);
  if (number % 2 == 0) return Address::v4(static_cast<std::uint32_t>(bits));
  Address address;
  address.bytes[0] = 0x20;
  for (std::size_t i = 1; i < 8; ++i) address.bytes[i] = static_cast<std::uint8_t>(bits >> (8 * i));
  return address;
}

Rule rule_of(std::string id, Subject subject, std::int64_t requests) {
  Rule rule;
  rule.id = std::move(id);
  rule.subject = subject;
  rule.routes = {"route"};
  rule.requests = requests;
  if (subject == Subject::kParameter) rule.parameter = "product_id";
  return rule;
}

struct Bench {
  explicit Bench(const std::vector<Rule>& rules, std::size_t counters = std::size_t{1} << 21)
      : limiter({.secret = {},
                 .counters = counters,
                 .nodes = 1,
                 .store = nullptr,
                 .breaker = {},
                 .clock = [] { return Time{}; }},
                {{"route", {"product_id"}}}) {
    if (!limiter.exchange(rules)) std::abort();
  }

  /// Some of what is asked is refused, as the rules say.
  double decide(std::size_t count, const std::vector<Address>& addresses) {
    const std::string_view product = "01hf8zq3e6m7v8w9x0y1z2a3b4";
    return nanoseconds_each(count, [&](std::size_t i) {
      now_us += 5;
      const Request request{0, addresses[i % addresses.size()], Id128{1, i % 5'000}, {&product, 1}};
      refused += limiter.begin(request, Time{now_us}).decision.outcome == Outcome::kRefused ? 1 : 0;
    });
  }

  Limiter limiter;
  std::int64_t now_us = 1'764'000'000'000'000;
  std::size_t refused = 0;
};

void measure_decisions(std::size_t count) {
  std::vector<Address> few;
  for (std::uint64_t i = 0; i < 1'000; ++i) few.push_back(address_of(i));
  std::vector<Address> many;
  for (std::uint64_t i = 0; i < kAddresses; ++i) many.push_back(address_of(i));

  std::printf("no rule: %.0f ns\n", Bench({}).decide(count, few));
  std::printf("a route's rate: %.0f ns\n", Bench({rule_of("route", Subject::kRoute, 100'000)}).decide(count, few));
  std::printf("a client's rate, 1,000 addresses: %.0f ns\n",
              Bench({rule_of("client", Subject::kClient, 300)}).decide(count, few));
  const std::vector<Rule> four = {rule_of("route", Subject::kRoute, 1'000'000),
                                  rule_of("client", Subject::kClient, 300), rule_of("user", Subject::kUser, 100),
                                  rule_of("product", Subject::kParameter, 500'000)};
  std::printf("four rules (route, client, user, product), 1,000 addresses: %.0f ns\n", Bench(four).decide(count, few));
  Rule inside = rule_of("inside", Subject::kUser, 0);
  inside.concurrent = 10;
  std::printf("requests at once, of each user: %.0f ns\n", Bench({inside}).decide(count, few));

  // All of them owe something at the same time.
  Rule slow = rule_of("client", Subject::kClient, 2);
  slow.period_ms = 60'000;
  const double before = resident_mib();
  Bench crowd({slow});
  const double each = crowd.decide(std::max(count, kAddresses), many);
  const auto status = crowd.limiter.status({});
  std::printf("a client's rate, 1,000,000 addresses: %.0f ns; %.0f MiB resident of %.0f; lost while in debt: %llu\n",
              each, resident_mib() - before, static_cast<double>(status.bytes) / 1048576.0,
              static_cast<unsigned long long>(status.evicted_ever));
  std::printf("four rules, 1,000,000 addresses: %.0f ns\n", Bench(four).decide(std::max(count, kAddresses), many));
  Bench tight({slow}, std::size_t{1} << 18);
  const double tight_each = tight.decide(std::max(count, kAddresses), many);
  const auto narrow = tight.limiter.status({});
  std::printf("a client's rate, 1,000,000 addresses, room for 262,144: %.0f ns; %.0f MiB; lost while in debt: %llu\n",
              tight_each, static_cast<double>(narrow.bytes) / 1048576.0,
              static_cast<unsigned long long>(narrow.evicted_ever));
}

void measure_networks(std::size_t count) {
  std::vector<Network> networks;
  for (std::uint64_t i = 0; i < kNetworks; ++i) {
    Network network{address_of(i), 0};
    network.prefix = network.first.is_v4() ? 24 : 48;
    const std::size_t from = network.first.is_v4() ? 15 : 6;
    std::fill(network.first.bytes.begin() + static_cast<std::ptrdiff_t>(from), network.first.bytes.end(),
              std::uint8_t{0});
    networks.push_back(network);
  }
  const NetworkList list(networks);
  std::vector<Address> wanted;
  for (std::uint64_t i = 0; i < 100'000; ++i) wanted.push_back(address_of(i * 3 % 20'011));
  std::size_t found = 0;
  const double each =
      nanoseconds_each(count, [&](std::size_t i) { found += list.holds(wanted[i % wanted.size()]) ? 1 : 0; });
  std::printf("an address in 10,000 networks: %.0f ns (%.0f %% are in one)\n", each,
              100 * static_cast<double>(found) / static_cast<double>(count * kRounds));
  const NetworkList proxies({Network::parse("10.0.0.0/8").value()});
  const std::string_view way = "198.51.100.7, 10.1.2.3";
  const Address peer = Address::parse("10.0.0.1").value();
  std::size_t believed = 0;
  const double walk = nanoseconds_each(count, [&](std::size_t) {
    believed += client_address(peer, proxies, ForwardedHeader::kXForwardedFor, {&way, 1}) == peer ? 0 : 1;
  });
  std::printf("a client's address behind two proxies: %.0f ns\n", believed > 0 ? walk : 0.0);
}

void measure_admission(std::size_t count) {
  Admission admission({});
  std::int64_t now_us = 1'000'000;
  std::size_t shed = 0;
  const double each = nanoseconds_each(count, [&](std::size_t i) {
    now_us += 5;
    auto admitted = admission.admit(Priority::kBrowsing, i, Time{now_us});
    if (admitted) {
      admitted->begun(Time{now_us + 3});
    } else {
      ++shed;
    }
  });
  std::printf("admission, in and out of the queue: %.0f ns (%zu shed)\n", each, shed);
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t count = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1'000'000;
  measure_decisions(count);
  measure_networks(count);
  measure_admission(count);
  return EXIT_SUCCESS;
}
