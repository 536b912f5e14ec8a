/// Random numbers for tests: the same sequence from the same seed, on every machine.
///
/// Source: the generator is SplitMix64 (Steele, Lea, Flood 2014).
#pragma once

#include <cstdint>
#include <cstdlib>
#include <vector>

namespace souk::testing {

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15ULL);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
  }
  /// 0 to `limit`−1.
  std::uint64_t below(std::uint64_t limit) { return next() % limit; }
  /// `least` to `most`, both included.
  std::int64_t between(std::int64_t least, std::int64_t most) {
    return least + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(most - least) + 1));
  }
  bool one_in(std::uint64_t n) { return below(n) == 0; }
  template <class T>
  const T& pick(const std::vector<T>& values) {
    return values[below(values.size())];
  }

 private:
  std::uint64_t state_;
};

/// SOUK_SEED, or a seed that is always the same. Whoever uses it prints it.
inline std::uint64_t seed_of_tests() {
  const char* text = std::getenv("SOUK_SEED");
  return text != nullptr ? std::strtoull(text, nullptr, 10) : 20'261'123;
}

}  // namespace souk::testing
