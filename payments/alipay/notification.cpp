#include "payments/alipay/notification.hpp"

#include "payments/decimal.hpp"
#include "payments/form.hpp"

namespace souk::alipay {
namespace {

auto malformed(std::string detail) {
  return fail(ErrorCode::kInvalid, "notification.malformed", std::move(detail));
}

std::vector<std::string> objections_to(const Account& account, const Form& form) {
  std::vector<std::string> out;
  if (field_of(form, "app_id") != account.settings.app_id) out.emplace_back("app_id");
  const auto& seller = account.settings.seller_id;
  if (!seller.empty() && field_of(form, "seller_id") != seller) out.emplace_back("seller");
  // Absent in trades of the one currency that there is at home.
  const auto currency = field_of(form, "trans_currency");
  if (!currency.empty() && currency != "CNY") out.emplace_back("currency");
  return out;
}

}  // namespace

provider::Outcome outcome_of(std::string_view trade_status, bool was_paid) {
  using provider::Outcome;
  if (trade_status == "TRADE_SUCCESS" || trade_status == "TRADE_FINISHED") return Outcome::kPaid;
  if (trade_status == "TRADE_CLOSED") return was_paid ? Outcome::kPaid : Outcome::kClosed;
  if (trade_status == "WAIT_BUYER_PAY") return Outcome::kPending;
  return Outcome::kUnknown;
}

Result<Notification> read_notification(const Account& account, std::string_view body) {
  auto form = decode_form(body);
  if (!form) return malformed(form.error().detail);
  if (field_of(*form, "sign_type") != "RSA2") return malformed("it is not signed by RSA2");
  const std::string sign(field_of(*form, "sign"));
  form->erase("sign");
  form->erase("sign_type");
  const auto payment = PaymentId::parse(field_of(*form, "out_trade_no"));
  if (!payment) return malformed("out_trade_no is no payment of ours");
  if (!account.alipay_key.verifies(text_to_sign(*form, false), sign)) return forged_notification(*payment);

  Notification out;
  out.payment = *payment;
  auto& report = out.report;
  report.source = provider::Source::kCallback;
  report.outcome = outcome_of(field_of(*form, "trade_status"), !field_of(*form, "gmt_payment").empty());
  report.reference = field_of(*form, "trade_no");
  report.objections = objections_to(account, *form);
  if (report.outcome == provider::Outcome::kUnknown) report.problem = "the state of the trade is none that is known";
  if (report.outcome == provider::Outcome::kPaid) {
    const auto amount = parse_decimal(field_of(*form, "total_amount"));
    if (!amount) report.objections.emplace_back("amount");
    report.amount = Money{amount.value_or(0), Currency{}};
  }
  return out;
}

}  // namespace souk::alipay
