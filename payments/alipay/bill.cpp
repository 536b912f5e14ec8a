#include "payments/alipay/bill.hpp"

#include <iconv.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>

#include "payments/alipay/zip.hpp"
#include "payments/decimal.hpp"

namespace souk::alipay {
namespace {

using reconciliation::BillLine;

constexpr std::string_view kBegin = "业务明细列表";
constexpr std::string_view kEnd = "业务明细列表结束";

auto unreadable(std::string detail) {
  return fail(ErrorCode::kUnavailable, "bill.unreadable", std::move(detail));
}

Result<std::string> from_gbk(std::string_view text) {
  struct Close {
    void operator()(void* converter) const { iconv_close(converter); }
  };
  const std::unique_ptr<void, Close> converter(iconv_open("UTF-8", "GB18030"));
  if (converter.get() == reinterpret_cast<void*>(-1)) return unreadable("this system cannot read GBK");
  std::string out(text.size() * 2 + 16, '\0');
  char* from = const_cast<char*>(text.data());  // iconv does not change it
  std::size_t from_left = text.size();
  char* to = out.data();
  std::size_t to_left = out.size();
  if (iconv(converter.get(), &from, &from_left, &to, &to_left) == static_cast<std::size_t>(-1)) {
    return unreadable("it is not GBK");
  }
  out.resize(out.size() - to_left);
  return out;
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r";
  const auto begin = text.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

/// Cells of one line; a quoted cell may hold commas.
std::vector<std::string> cells_of(std::string_view line) {
  std::vector<std::string> cells(1);
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '"') {
      const bool is_doubled = quoted && i + 1 < line.size() && line[i + 1] == '"';
      if (is_doubled) {
        cells.back().push_back('"');
        ++i;
      } else {
        quoted = !quoted;
      }
    } else if (line[i] == ',' && !quoted) {
      cells.emplace_back();
    } else {
      cells.back().push_back(line[i]);
    }
  }
  for (auto& cell : cells) cell = std::string(trim(cell));
  return cells;
}

/// Where the columns stand that matter.
struct Columns {
  std::size_t reference = 0;
  std::size_t payment = 0;
  std::size_t type = 0;
  std::size_t amount = 0;
  std::size_t refund = 0;

  static std::optional<Columns> find(const std::vector<std::string>& headings) {
    const std::array<std::string_view, 5> wanted{"支付宝交易号", "商户订单号", "业务类型", "订单金额（元）",
                                                 "退款批次号/请求号"};
    std::array<std::size_t, 5> at{};
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      const auto found = std::ranges::find(headings, wanted[i]);
      if (found == headings.end()) return std::nullopt;
      at[i] = static_cast<std::size_t>(found - headings.begin());
    }
    return Columns{at[0], at[1], at[2], at[3], at[4]};
  }
};

std::optional<BillLine> line_of(const Columns& columns, const std::vector<std::string>& cells) {
  if (cells.size() <= std::max({columns.reference, columns.payment, columns.type, columns.amount, columns.refund})) {
    return std::nullopt;
  }
  const auto amount = parse_decimal(cells[columns.amount], true);
  const auto& type = cells[columns.type];
  const bool is_refund = type == "退款";
  // What is neither was not there when this was written; money must not be passed over.
  if (!amount || (type != "交易" && !is_refund) || cells[columns.payment].empty()) return std::nullopt;
  if (is_refund && cells[columns.refund].empty()) return std::nullopt;
  BillLine line;
  line.payment = cells[columns.payment];
  if (is_refund) line.refund = cells[columns.refund];
  line.reference = cells[columns.reference];
  line.amount = Money{*amount < 0 ? -*amount : *amount, Currency{}};
  return line;
}

}  // namespace

Result<std::vector<BillLine>> read_bill_text(std::string_view text) {
  std::vector<BillLine> lines;
  std::optional<Columns> columns;
  bool within = false;
  std::size_t number = 0;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = trim(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    ++number;
    if (line.starts_with('#')) {
      if (line.find(kEnd) != std::string_view::npos) {
        if (!columns) return unreadable("the list has no headings");
        return lines;
      }
      within = within || line.find(kBegin) != std::string_view::npos;
    } else if (within && !line.empty() && !columns) {
      columns = Columns::find(cells_of(line));
      if (!columns) return unreadable("line " + std::to_string(number) + ": a heading is missing");
    } else if (within && !line.empty()) {
      auto booking = line_of(*columns, cells_of(line));
      if (!booking) return unreadable("line " + std::to_string(number) + " cannot be understood");
      lines.push_back(std::move(*booking));
    }
  }
  return unreadable("the list does not end");
}

Result<std::vector<BillLine>> read_bill(std::string_view archive) {
  const auto files = unzip(archive, kBillBytesMax);
  if (!files) return tl::unexpected<Error>(files.error());
  for (const auto& file : *files) {
    const auto text = from_gbk(file);
    if (!text) return tl::unexpected<Error>(text.error());
    if (text->find(kBegin) != std::string::npos) return read_bill_text(*text);
  }
  return unreadable("no file of the archive lists bookings");
}

}  // namespace souk::alipay
