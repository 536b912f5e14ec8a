#include "limits/network_list.hpp"

#include <algorithm>

namespace souk::limits {
namespace {

/// The number behind this one; false: there is none.
bool step(std::uint32_t& number) {
  return ++number != 0;
}

template <class Wide>
bool step(Wide& number) {
  if (++number.low != 0) return true;
  return ++number.high != 0;
}

std::uint64_t ones(int bits) {
  return bits <= 0 ? 0 : bits >= 64 ? UINT64_MAX : (std::uint64_t{1} << bits) - 1;
}

}  // namespace

NetworkList::NetworkList(std::vector<Network> networks) : networks_(std::move(networks)) {
  std::vector<Span<std::uint32_t>> narrow;
  std::vector<Span<Wide>> wides;
  for (std::uint32_t i = 0; i < networks_.size(); ++i) {
    const Network& network = networks_[i];
    if (network.first.is_v4()) {
      const std::uint32_t first = network.first.v4_bits();
      narrow.push_back({first, first | static_cast<std::uint32_t>(ones(32 - network.prefix)), i});
    } else {
      const Wide first = wide(network.first);
      const int rest = 128 - network.prefix;
      wides.push_back({first, {first.high | ones(rest - 64), first.low | ones(rest)}, i});
    }
  }
  v4_ = flatten(std::move(narrow));
  v6_ = flatten(std::move(wides));
}

NetworkList::Wide NetworkList::wide(const Address& address) {
  Wide number;
  for (std::size_t i = 0; i < 8; ++i) {
    number.high = number.high << 8 | address.bytes[i];
    number.low = number.low << 8 | address.bytes[i + 8];
  }
  return number;
}

/// Networks are nested or apart, never else. So those that are open at a place are a stack, and its top is the longest
/// prefix.
template <class Number>
NetworkList::Ranges<Number> NetworkList::flatten(std::vector<Span<Number>> spans) {
  std::sort(spans.begin(), spans.end(), [](const auto& a, const auto& b) {
    if (a.first != b.first) return a.first < b.first;
    if (a.last != b.last) return b.last < a.last;  // the wider one is outside
    return a.owner > b.owner;                      // the first that was given is on top
  });
  Ranges<Number> ranges;
  const auto begin_range = [&](const Number& start, std::uint32_t owner) {
    if (!ranges.starts.empty() && ranges.starts.back() == start) {
      ranges.owners.back() = owner;
    } else {
      ranges.starts.push_back(start);
      ranges.owners.push_back(owner);
    }
  };
  std::vector<Span<Number>> open;
  const auto close_top = [&] {
    Number behind = open.back().last;
    open.pop_back();
    if (step(behind)) begin_range(behind, open.empty() ? kNone : open.back().owner);
  };
  begin_range(Number{}, kNone);
  for (const auto& span : spans) {
    while (!open.empty() && open.back().last < span.first) close_top();
    begin_range(span.first, span.owner);
    open.push_back(span);
  }
  while (!open.empty()) close_top();
  return ranges;
}

/// Halves without a branch: what is compared with next does not wait for a guess.
template <class Number>
std::uint32_t NetworkList::Ranges<Number>::find(const Number& address) const {
  if (starts.empty()) return kNone;
  const Number* base = starts.data();
  for (std::size_t left = starts.size(); left > 1;) {
    const std::size_t half = left / 2;
    base = base[half] <= address ? base + half : base;
    left -= half;
  }
  return owners[static_cast<std::size_t>(base - starts.data())];
}

std::optional<std::uint32_t> NetworkList::find(const Address& address) const {
  const std::uint32_t owner = address.is_v4() ? v4_.find(address.v4_bits()) : v6_.find(wide(address));
  if (owner == kNone) return std::nullopt;
  return owner;
}

}  // namespace souk::limits
