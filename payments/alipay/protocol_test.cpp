#include <doctest/doctest.h>

#include <utility>

#include "payments/alipay/certificates.hpp"
#include "payments/alipay/notification.hpp"
#include "payments/alipay/request.hpp"
#include "payments/alipay/response.hpp"
#include "payments/form.hpp"
#include "payments/testing/alipay_keys.hpp"

using namespace souk;
using namespace souk::alipay;
using namespace souk::testing;

namespace {

Account account() {
  Account out;
  out.settings.app_id = "2021000000000001";
  out.settings.seller_id = "2088000000000001";
  out.app_key = *SigningKey::read(kAppKey);
  out.alipay_key = *VerifyingKey::read(kAlipayPublicKey);
  return out;
}

constexpr std::string_view kQuery = "alipay.trade.query";

std::string answer_with(std::string_view content, std::string_view signature) {
  return R"({"alipay_trade_query_response":)" + std::string(content) + R"(,"sign":")" + std::string(signature) +
         R"("})";
}

std::string notification_with(std::string_view name, std::string_view value) {
  auto form = *decode_form(kNotification);
  form.insert_or_assign(std::string(name), std::string(value));
  const std::string type = std::exchange(form["sign_type"], "");
  form.erase("sign");
  form.erase("sign_type");
  const auto sign = SigningKey::read(kAlipayKey)->sign(text_to_sign(form, false));
  form["sign"] = sign;
  form["sign_type"] = type;
  return encode_form(form);
}

}  // namespace

TEST_CASE("the signature is the one that python-alipay-sdk makes") {
  CHECK(SigningKey::read(kAppKey)->sign(kSignedText) == kSignature);
  CHECK(VerifyingKey::read(kAppPublicKey)->verifies(kSignedText, kSignature));
  CHECK_FALSE(VerifyingKey::read(kAppPublicKey)->verifies(std::string(kSignedText) + " ", kSignature));
  CHECK_FALSE(VerifyingKey::read(kAlipayPublicKey)->verifies(kSignedText, kSignature));
  CHECK_FALSE(VerifyingKey::read(kAppPublicKey)->verifies(kSignedText, ""));
  CHECK_FALSE(VerifyingKey::read(kAppPublicKey)->verifies(kSignedText, "no base 64"));
}

TEST_CASE("keys are read as PEM and as bare base 64") {
  std::string bare(kAlipayPublicKey);
  bare = bare.substr(bare.find('\n') + 1);
  bare = bare.substr(0, bare.find("-----"));
  CHECK(VerifyingKey::read(bare));
  CHECK(VerifyingKey::read("nothing").error().reason == "alipay.key_unreadable");
  CHECK(SigningKey::read(kAlipayPublicKey).error().reason == "alipay.key_unreadable");
}

TEST_CASE("certificates have the serial numbers that python-alipay-sdk gives them") {
  CHECK(serial_of_certificate(kAppCertificate) == std::string(kAppSerial));
  CHECK(serial_of_certificate(kAlipayCertificate) == std::string(kAlipaySerial));
  // The second root is of an elliptic curve and does not count.
  CHECK(serial_of_root(kRootCertificates) == std::string(kRootSerial));
  CHECK(serial_of_root("nothing").error().reason == "alipay.certificate_unreadable");
  CHECK(key_of_certificate(kAlipayCertificate)->verifies(kAnswerContent, kAnswerSignature));
}

TEST_CASE("a call is signed over all its parameters and its content") {
  const auto call = signed_call(account(), kQuery, R"({"out_trade_no":"1"})", Time{0}, {"http://shop/n", ""});
  auto form = *decode_form(call.url.substr(call.url.find('?') + 1));
  CHECK(form.at("timestamp") == "1970-01-01 08:00:00");
  CHECK(form.at("notify_url") == "http://shop/n");
  CHECK_FALSE(form.contains("return_url"));
  CHECK_FALSE(form.contains("app_cert_sn"));
  const std::string sign = form.extract("sign").mapped();
  form.merge(*decode_form(call.form));
  CHECK(form.at("biz_content") == R"({"out_trade_no":"1"})");
  CHECK(VerifyingKey::read(kAppPublicKey)->verifies(text_to_sign(form, true), sign));
}

TEST_CASE("an answer counts when Alipay signed it, as it came") {
  const auto answer = read_answer(account(), kQuery, answer_with(kAnswerContent, kAnswerSignature));
  REQUIRE(answer);
  CHECK(answer->succeeded());
  CHECK(answer->total_amount == "131072.01");
}

TEST_CASE("B07: an answer that was tampered with does not count") {
  std::string tampered(kAnswerContent);
  tampered.replace(tampered.find("131072.01"), 9, "000000.01");
  const auto forged = [&](std::string_view body) { return read_answer(account(), kQuery, body).error().reason; };
  CHECK(forged(answer_with(tampered, kAnswerSignature)) == "alipay.answer_forged");
  CHECK(forged(answer_with(kAnswerContent, "")) == "alipay.answer_forged");
  CHECK(forged(R"({"alipay_trade_query_response":{"code":"10000"}})") == "alipay.answer_forged");
  CHECK(forged(R"({"error_response":{"code":"40004"}})") == "alipay.answer_forged");
  CHECK(forged("<html>") == "alipay.answer_unreadable");
  CHECK(forged(R"({"alipay_trade_close_response":{}})") == "alipay.answer_unreadable");
}

TEST_CASE("in certificate mode the answer names the certificate that it is checked with") {
  auto own = account();
  own.certificates = CertificateSerials{std::string(kAppSerial), std::string(kRootSerial), std::string(kAlipaySerial)};
  auto body = answer_with(kAnswerContent, kAnswerSignature);
  CHECK(read_answer(own, kQuery, body).error().reason == "alipay.certificate_changed");
  body.pop_back();
  body += R"(,"alipay_cert_sn":")" + std::string(kAlipaySerial) + R"("})";
  CHECK(read_answer(own, kQuery, body));
}

TEST_CASE("a member is found as it stands in the text, whatever brackets its strings hold") {
  CHECK(raw_member(R"({"x":"}{", "a" : {"b":"}"} ,"c":1})", "a") == R"({"b":"}"})");
  CHECK(raw_member(R"({"x":"\"a\":","c":[1,{"a":2}]})", "c") == R"([1,{"a":2}])");
  CHECK(raw_member(R"({"x":{"a":1}})", "a").empty());
  CHECK(raw_member("no object", "a").empty());
  CHECK(raw_member(R"({"a":])", "a").empty());
}

TEST_CASE("a notification that python-alipay-sdk signed is read") {
  const auto read = read_notification(account(), kNotification);
  REQUIRE(read);
  CHECK(read->payment.str() == "00000000000000000000000001");
  CHECK(read->report.outcome == provider::Outcome::kPaid);
  CHECK(read->report.amount == Money{13'107'201, Currency{}});
  CHECK(read->report.reference == "2026112322001");
  CHECK(read->report.objections.empty());
}

TEST_CASE("B07: a forged notification is refused") {
  const auto is_forged = [](const Form& form) {
    const auto read = read_notification(account(), encode_form(form));
    return read && read->payment.str() == "00000000000000000000000001" &&
           read->report.outcome == provider::Outcome::kUnknown &&
           read->report.objections == std::vector<std::string>{std::string(kNotSigned)};
  };
  CHECK_FALSE(is_forged(*decode_form(kNotification)));
  auto form = *decode_form(kNotification);
  form["total_amount"] = "0.01";
  CHECK(is_forged(form));
  form = *decode_form(kNotification);
  form.erase("sign");
  CHECK(is_forged(form));
  CHECK(read_notification(account(), "").error().reason == "notification.malformed");
}

TEST_CASE("B07: an authentic notification that is not ours is objected to") {
  const auto objections = [](std::string_view name, std::string_view value) {
    return read_notification(account(), notification_with(name, value))->report.objections;
  };
  using Texts = std::vector<std::string>;
  CHECK(objections("app_id", "2021999") == Texts{"app_id"});
  CHECK(objections("seller_id", "2088999") == Texts{"seller"});
  CHECK(objections("total_amount", "1e5") == Texts{"amount"});
  CHECK(objections("trans_currency", "USD") == Texts{"currency"});
  CHECK(objections("trans_currency", "CNY").empty());
  CHECK(read_notification(account(), notification_with("out_trade_no", "4711")).error().reason ==
        "notification.malformed");
}

TEST_CASE("B01: that a call went well does not say that the trade was paid") {
  using provider::Outcome;
  CHECK(outcome_of("WAIT_BUYER_PAY", false) == Outcome::kPending);
  CHECK(outcome_of("TRADE_SUCCESS", true) == Outcome::kPaid);
  CHECK(outcome_of("TRADE_FINISHED", true) == Outcome::kPaid);
  CHECK(outcome_of("TRADE_CLOSED", false) == Outcome::kClosed);
  // Paid and given back.
  CHECK(outcome_of("TRADE_CLOSED", true) == Outcome::kPaid);
  CHECK(outcome_of("Success", false) == Outcome::kUnknown);
}
