/// Alipay's bill of a day: a ZIP archive of CSV files in GBK, one of which lists every booking.
///
/// Columns are found by their headings; the list must begin and end as it says, so that half a file is noticed.
/// Errors: kUnavailable "bill.unreadable", with the line.
#pragma once

#include <string_view>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/reconciliation/compare.hpp"

namespace souk::alipay {

inline constexpr std::size_t kBillBytesMax = 256U << 20U;  ///< unpacked

Result<std::vector<reconciliation::BillLine>> read_bill(std::string_view archive);

/// One file of it, in UTF-8.
Result<std::vector<reconciliation::BillLine>> read_bill_text(std::string_view text);

}  // namespace souk::alipay
