// What it costs a reader that products are counted: a shop of 100,000 products, of which a few are looked at often.
//
// Usage: hot_products_bench [looks]. Prints nanoseconds of the thread's own CPU time, of the fastest of five rounds.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <vector>

#include "gateway/catalogue/hot_products.hpp"

namespace {

using namespace souk;

constexpr std::size_t kProducts = 100'000;
constexpr int kRounds = 5;

std::uint64_t random_number(std::uint64_t& state) {
  state += 0x9E3779B97F4A7C15ULL;
  std::uint64_t z = state;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31);
}

/// The n-th product is looked at about 1/n times as often as the first.
std::vector<ProductId> looks_of(std::size_t count) {
  std::uint64_t state = 7;
  std::vector<ProductId> looks;
  looks.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const double chance = static_cast<double>(random_number(state) >> 11) / 9007199254740992.0;
    const auto number = static_cast<std::uint64_t>(std::pow(static_cast<double>(kProducts), chance));
    looks.push_back(ProductId{{number * 0x9E3779B97F4A7C15ULL, number}});
  }
  return looks;
}

double cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

template <class Body>
double nanoseconds_each(const std::vector<ProductId>& looks, const Body& body) {
  double best = 1e9;
  for (int round = 0; round < kRounds; ++round) {
    const double start = cpu_seconds();
    for (const auto product : looks) body(product);
    best = std::min(best, cpu_seconds() - start);
  }
  return best * 1e9 / static_cast<double>(looks.size());
}

}  // namespace

int main(int argc, char** argv) {
  const auto looks = looks_of(argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 2'000'000);
  HotProducts hot;
  std::int64_t now_us = 1'763'884'800'000'000;
  const double count = nanoseconds_each(looks, [&](ProductId product) {
    now_us += 20;
    hot.count(product, HotProducts::kLookedAt, Time{now_us});
  });
  std::size_t hits = 0;
  const double ask = nanoseconds_each(looks, [&](ProductId product) { hits += hot.is_hot(product) ? 1 : 0; });
  std::printf("counting a look: %.0f ns\n", count);
  std::printf("asking whether one is hot: %.0f ns\n", ask);
  std::printf("%.1f %% of the looks were at hot ones\n",
              100 * static_cast<double>(hits) / static_cast<double>(looks.size() * kRounds));
  return EXIT_SUCCESS;
}
