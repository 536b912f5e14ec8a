#include "engine/reconciliation/compare.hpp"

#include <map>
#include <utility>

namespace souk::reconciliation {
namespace {

using Key = std::pair<std::string, std::string>;  // payment, refund

/// What one side says of one key, all its lines together.
struct Side {
  Money amount;
  std::string reference;
  bool is_of_the_day = false;
};

using Sides = std::map<Key, Side>;

template <class Lines>
Sides gather(const Lines& lines, bool of_the_day) {
  Sides sides;
  for (const auto& line : lines) {
    auto& side =
        sides.try_emplace(Key{line.payment, line.refund}, Side{{0, line.amount.currency}, {}, {}}).first->second;
    // Amounts of two currencies do not add up; then the line that differs speaks.
    if (const auto sum = add(side.amount, line.amount)) {
      side.amount = *sum;
    } else {
      side.amount = line.amount;
    }
    if (side.reference.empty()) side.reference = line.reference;
    if constexpr (requires { line.is_of_the_day; }) {
      side.is_of_the_day = side.is_of_the_day || line.is_of_the_day;
    } else {
      side.is_of_the_day = of_the_day;
    }
  }
  return sides;
}

Difference difference(const Key& key, Kind of_payment, Kind of_refund, std::string reference) {
  Difference out;
  out.kind = key.second.empty() ? of_payment : of_refund;
  out.payment_id = key.first;
  out.refund_id = key.second;
  out.reference = std::move(reference);
  return out;
}

}  // namespace

std::vector<Difference> compare(const std::vector<BillLine>& bill, const std::vector<BillLine>& earlier,
                                const std::vector<OwnBooking>& own) {
  const Sides theirs = gather(bill, true);
  const Sides before = gather(earlier, false);
  const Sides ours = gather(own, false);
  std::vector<Difference> found;
  for (const auto& [key, their] : theirs) {
    const auto our = ours.find(key);
    if (our == ours.end()) {
      auto missing = difference(key, Kind::kMissingHere, Kind::kRefundMissingHere, their.reference);
      missing.theirs = their.amount;
      found.push_back(std::move(missing));
    } else if (our->second.amount != their.amount) {
      auto differs = difference(key, Kind::kAmount, Kind::kRefundAmount, their.reference);
      differs.ours = our->second.amount;
      differs.theirs = their.amount;
      found.push_back(std::move(differs));
    }
  }
  for (const auto& [key, our] : ours) {
    if (!our.is_of_the_day || theirs.contains(key) || before.contains(key)) continue;
    auto missing = difference(key, Kind::kMissingThere, Kind::kRefundMissingThere, our.reference);
    missing.ours = our.amount;
    found.push_back(std::move(missing));
  }
  return found;
}

}  // namespace souk::reconciliation
