/// What a provider's bill of one day and the shop's own payments say about each other: pure comparison.
///
/// Both directions: what the bill has and the shop has not, what the shop has and the bill has not, and what both have
/// with different amounts. Fees do not matter.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/codec.hpp"

namespace souk::reconciliation {

/// One booking of the provider.
struct BillLine {
  std::string payment;    ///< our number as the provider has it
  std::string refund;     ///< our number of the refund; empty: a payment
  std::string reference;  ///< the provider's number of the trade
  Money amount;           ///< never negative
  friend bool operator==(const BillLine&, const BillLine&) = default;
};

/// One capture or refund of the shop.
struct OwnBooking {
  std::string payment;
  std::string refund;  ///< empty: a capture
  std::string reference;
  Money amount;
  bool is_of_the_day = false;  ///< the bill must have it; others are there to be found by the bill
  friend bool operator==(const OwnBooking&, const OwnBooking&) = default;
};

enum class Kind : std::uint8_t {
  kMissingHere,        ///< the provider took money that the shop knows nothing of
  kMissingThere,       ///< the shop believes in money that the provider does not have
  kAmount,             ///< both, with different amounts
  kRefundMissingHere,  ///< the same three of refunds
  kRefundMissingThere,
  kRefundAmount
};

}  // namespace souk::reconciliation

template <>
struct souk::EnumNames<souk::reconciliation::Kind> {
  static constexpr std::array<std::string_view, 6> values{
      "missing_here", "missing_there", "amount", "refund_missing_here", "refund_missing_there", "refund_amount"};
};

namespace souk::reconciliation {

/// One thing on which the two disagree. Kind, payment and refund together say which.
struct Difference {
  Kind kind = Kind::kMissingHere;
  std::string payment_id;
  std::string refund_id;  ///< empty: it is about the payment itself
  std::string reference;
  std::optional<Money> ours;
  std::optional<Money> theirs;

  static constexpr auto fields() {
    using D = Difference;
    return field_list(field("kind", &D::kind), field("payment_id", &D::payment_id), field("refund_id", &D::refund_id),
                      field("reference", &D::reference), field("ours", &D::ours), field("theirs", &D::theirs));
  }
  friend bool operator==(const Difference&, const Difference&) = default;
};

/// In a fixed order, each once. `earlier` are the bills of the days before: what was booked there in the last minutes,
/// or learned of late, counts as found.
std::vector<Difference> compare(const std::vector<BillLine>& bill, const std::vector<BillLine>& earlier,
                                const std::vector<OwnBooking>& own);

}  // namespace souk::reconciliation
