#include "gateway/payments/sandbox_page.hpp"

#include "payments/decimal.hpp"

namespace souk {
namespace {

constexpr std::string_view kHead =
    "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Sandbox payment</title>"
    "<meta name=\"viewport\" content=\"width=device-width\">"
    "<style>body{font:1rem/1.5 system-ui,sans-serif;max-width:28rem;margin:3rem auto;padding:0 1rem}"
    "dt{color:#666}dd{margin:0 0 .5rem}button{font:inherit;padding:.5rem 1rem;margin-right:.5rem}</style></head>"
    "<body><h1>Sandbox payment</h1>";

std::string_view words_of(provider::Outcome outcome) {
  switch (outcome) {
    case provider::Outcome::kPaid: return "paid";
    case provider::Outcome::kClosed: return "closed without payment; it can still be paid, too late";
    case provider::Outcome::kPending: return "waiting for your decision";
    case provider::Outcome::kUnknown: break;
  }
  return "unknown";
}

}  // namespace

// Ids, numbers, codes of currencies and names of faults hold nothing that HTML would take for its own.
std::string sandbox_page(PaymentId payment, const sandbox::Trade& trade, std::string_view faults) {
  std::string out(kHead);
  out += "<dl><dt>Payment</dt><dd>" + payment.str() + "</dd><dt>Order</dt><dd>" + trade.order.str() +
         "</dd><dt>Amount</dt><dd>" + decimal_text(trade.amount.amount) + " ";
  out += trade.amount.currency.str();
  out += "</dd><dt>State</dt><dd>";
  out += words_of(trade.outcome);
  out += "</dd>";
  if (!faults.empty()) out.append("<dt>Faults</dt><dd>").append(faults).append("</dd>");
  out += "</dl>";
  if (trade.outcome != provider::Outcome::kPaid) {
    out += "<form method=\"post\" action=\"/sandbox/payments/" + payment.str() + "/decision\">";
    out.append("<input type=\"hidden\" name=\"faults\" value=\"").append(faults).append("\">");
    out +=
        "<button name=\"outcome\" value=\"success\">Pay</button>"
        "<button name=\"outcome\" value=\"failure\">Refuse</button></form>";
  }
  return out + "</body></html>\n";
}

}  // namespace souk
