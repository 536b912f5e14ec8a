/// Answers of Alipay's gateway: the signature is checked over the text as it came, and only then is it read.
#pragma once

#include <string>
#include <string_view>

#include "engine/base/codec.hpp"
#include "payments/alipay/account.hpp"

namespace souk::alipay {

/// What answers say, of all the calls that the shop makes; what a call does not answer is empty.
struct Answer {
  std::string code;
  std::string msg;
  std::string sub_code;
  std::string sub_msg;
  std::string out_trade_no;
  std::string trade_no;
  std::string qr_code;
  std::string trade_status;
  std::string total_amount;
  std::string send_pay_date;  ///< set: the money was taken, whatever became of it since
  std::string fund_change;
  std::string refund_status;
  std::string out_request_no;
  std::string refund_amount;
  std::string bill_download_url;

  static constexpr auto fields() {
    using A = Answer;
    return field_list(defaulted("code", &A::code), defaulted("msg", &A::msg), defaulted("sub_code", &A::sub_code),
                      defaulted("sub_msg", &A::sub_msg), defaulted("out_trade_no", &A::out_trade_no),
                      defaulted("trade_no", &A::trade_no), defaulted("qr_code", &A::qr_code),
                      defaulted("trade_status", &A::trade_status), defaulted("total_amount", &A::total_amount),
                      defaulted("send_pay_date", &A::send_pay_date), defaulted("fund_change", &A::fund_change),
                      defaulted("refund_status", &A::refund_status), defaulted("out_request_no", &A::out_request_no),
                      defaulted("refund_amount", &A::refund_amount),
                      defaulted("bill_download_url", &A::bill_download_url));
  }

  [[nodiscard]] bool succeeded() const { return code == "10000"; }
  /// Whether Alipay itself does not know what became of the call.
  [[nodiscard]] bool is_unsure() const;
  [[nodiscard]] std::string problem() const { return sub_code.empty() ? code + " " + msg : sub_code; }
};

/// Errors, all kUnavailable since nothing that was not signed counts: "alipay.answer_unreadable",
/// "alipay.answer_forged", "alipay.certificate_changed".
Result<Answer> read_answer(const Account& account, std::string_view method, std::string_view body);

/// The text of a member of a JSON object, as it came: "{"a": {"b":1}}" and "a" give "{"b":1}". Empty if there is none.
std::string_view raw_member(std::string_view object, std::string_view name);

}  // namespace souk::alipay
