#include "gateway/catalogue/hot_products.hpp"

#include <algorithm>
#include <cmath>
#include <unordered_map>

namespace souk {

namespace {

/// The base of the paper: a counter of n loses one to a stranger with a chance of 1.08^-n.
constexpr double kBase = 1.08;
/// From here on it loses none.
constexpr std::uint32_t kSafeCount = 256;

const std::array<std::uint64_t, kSafeCount>& chances() {
  static const auto made = [] {
    std::array<std::uint64_t, kSafeCount> table{};
    for (std::size_t n = 0; n < table.size(); ++n) {
      table[n] = static_cast<std::uint64_t>(std::pow(kBase, -static_cast<double>(n)) * 9.2e18) * 2;
    }
    return table;
  }();
  return made;
}

std::uint64_t mixed(std::uint64_t z) {
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31);
}

}  // namespace

bool HotProducts::takes_one(std::uint32_t count) {
  if (count >= kSafeCount) return false;
  random_ += 0x9E3779B97F4A7C15ULL;
  return mixed(random_) < chances()[count];
}

void HotProducts::begin(Window& window, std::int64_t number) const {
  window = Window();
  window.number = number;
  window.most.reserve(kMax);
}

void HotProducts::count(ProductId product, std::uint32_t points, Time now) {
  const auto number = now.us / kWindowUs;
  const std::scoped_lock lock(mutex_);
  // A clock that was set back by more than a window begins again.
  if (const auto last = windows_[current_].number; last < number || last > number + 1) {
    current_ = static_cast<std::size_t>(number) % kWindows;
    begin(windows_[current_], number);
  }
  auto& window = windows_[current_];
  window.total += points;
  const auto count = add(window, product, points);
  if (count > window.least || window.most.size() < kMax) remember(window, product, count);
}

std::uint32_t HotProducts::add(Window& window, ProductId product, std::uint32_t points) {
  const auto hash = mixed(product.value.high ^ mixed(product.value.low));
  const auto mark = static_cast<std::uint32_t>(hash >> 32) | 1U;
  std::uint32_t best = 0;
  for (std::size_t row = 0; row < kRows; ++row) {
    auto& counter = window.counters[row][(hash >> (11 * row)) % kColumns];
    if (counter.mark == mark) {
      counter.count += points;
    } else {
      for (std::uint32_t i = 0; i < points && counter.mark != mark; ++i) {
        if (counter.count > 0 && takes_one(counter.count)) --counter.count;
        if (counter.count == 0) counter = {mark, points - i};
      }
    }
    if (counter.mark == mark) best = std::max(best, counter.count);
  }
  return best;
}

void HotProducts::remember(Window& window, ProductId product, std::uint64_t points) {
  if (points == 0) return;
  auto& most = window.most;
  auto found = std::ranges::find(most, product, &HotProduct::product);
  if (found != most.end()) {
    const bool is_least = found->points == window.least;
    found->points = std::max(found->points, points);
    if (!is_least) return;
  } else if (most.size() < kMax) {
    most.push_back({product, points});
  } else {
    *std::ranges::min_element(most, {}, &HotProduct::points) = {product, points};
  }
  if (most.size() == kMax) window.least = std::ranges::min_element(most, {}, &HotProduct::points)->points;
}

template <class Each>
void HotProducts::each_window(Time now, const Each& each) const {
  const auto number = now.us / kWindowUs;
  for (const auto& window : windows_) {
    if (window.number < 0 || window.number > number + 1) continue;
    if (window.number > number - static_cast<std::int64_t>(kWindows)) each(window);
  }
}

std::vector<HotProduct> HotProducts::top(std::size_t limit, Time now) const {
  std::unordered_map<ProductId, std::uint64_t> sums;
  {
    const std::scoped_lock lock(mutex_);
    each_window(now, [&](const Window& window) {
      for (const auto& one : window.most) sums[one.product] += one.points;
    });
  }
  std::vector<HotProduct> all;
  for (const auto& [product, points] : sums) all.push_back({product, points});
  std::ranges::sort(all, [](const HotProduct& a, const HotProduct& b) {
    return a.points != b.points ? a.points > b.points : a.product < b.product;
  });
  all.resize(std::min(all.size(), limit));
  return all;
}

double HotProducts::share_of_ten(Time now) const {
  std::uint64_t of_ten = 0;
  for (const auto& one : top(10, now)) of_ten += one.points;
  std::uint64_t total = 0;
  const std::scoped_lock lock(mutex_);
  each_window(now, [&](const Window& window) { total += window.total; });
  return total == 0 ? 0 : static_cast<double>(of_ten) / static_cast<double>(total);
}

bool HotProducts::is_hot(ProductId product) const {
  const std::scoped_lock lock(mutex_);
  const auto& current = windows_[current_];
  const auto& previous = windows_[(current_ + kWindows - 1) % kWindows];
  const auto is_in = [product](const Window& window) {
    return std::ranges::find(window.most, product, &HotProduct::product) != window.most.end();
  };
  return is_in(current) || (previous.number == current.number - 1 && is_in(previous));
}

}  // namespace souk
