#include "payments/alipay/provider.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "payments/form.hpp"
#include "payments/testing/alipay_keys.hpp"
#include "peers/testing/fakes.hpp"

using namespace souk;
using namespace souk::alipay;
using namespace souk::testing;
using provider::Outcome;
using provider::RefundOutcome;

namespace {

constexpr PaymentId kPayment{Id128{0, 1}};
const std::string kPaymentText = kPayment.str();

/// A provider whose gateway is a script.
struct World {
  ScriptedClient peer;
  ScheduledClock clock{*Time::parse("2026-11-23T07:00:00.000000Z")};
  AlipayProvider provider{Gateway(
      [] {
        auto account = std::make_shared<Account>();
        account->settings.app_id = "2021000000000001";
        account->settings.notify_url = "https://shop.example/notify";
        account->app_key = *SigningKey::read(kAppKey);
        account->alipay_key = *VerifyingKey::read(kAlipayPublicKey);
        return account;
      }(),
      peer, clock, Duration::seconds(5))};

  void answers(const std::string& method, const std::string& content) {
    std::string member = method;
    std::ranges::replace(member, '.', '_');
    peer.answers.emplace_back(HttpAnswer{200, "{\"" + member + "_response\":" + content + ",\"sign\":\"" +
                                                  SigningKey::read(kAlipayKey)->sign(content) + "\"}"});
  }
  void does_not_answer() { peer.answers.emplace_back(fail(ErrorCode::kUnavailable, "http.timeout", "")); }

  provider::Report query() {
    provider::Report out;
    provider.query({kPayment, "alipay"}, [&](provider::Report report) { out = std::move(report); });
    return out;
  }
  provider::Report close() {
    provider::Report out;
    provider.close({kPayment, "alipay"}, [&](provider::Report report) { out = std::move(report); });
    return out;
  }
  provider::RefundReport refund() {
    provider::RefundReport out;
    provider.refund({kPayment, "alipay", RefundId{Id128{0, 2}}, Money{1'234, {}}, "cancelled"},
                    [&](provider::RefundReport report) { out = std::move(report); });
    return out;
  }
  provider::Created create(provider::Presentation presentation, Money amount = {1'234, {}}) {
    provider::Created out;
    provider.create(
        {kPayment, "alipay", presentation, OrderId{Id128{0, 3}}, amount, clock.now() + Duration::minutes(10)},
        [&](provider::Created created) { out = std::move(created); });
    return out;
  }
};

constexpr auto* kQuery = "alipay.trade.query";
constexpr auto* kClose = "alipay.trade.close";
constexpr auto* kRefund = "alipay.trade.refund";
constexpr auto* kRefundQuery = "alipay.trade.fastpay.refund.query";

std::string trade(const std::string& status, const std::string& more = {}) {
  return R"({"code":"10000","msg":"Success","trade_no":"T1","out_trade_no":")" + kPaymentText +
         R"(","total_amount":"12.34","trade_status":")" + status + "\"" + more + "}";
}

std::string failure(const std::string& sub_code, const std::string& code = "40004") {
  return R"({"code":")" + code + R"(","msg":"Business Failed","sub_code":")" + sub_code + R"("})";
}

}  // namespace

TEST_CASE("a code to scan comes from precreate, until the payment is due in Alipay's time") {
  World world;
  world.answers("alipay.trade.precreate",
                R"({"code":"10000","out_trade_no":")" + kPaymentText + R"(","qr_code":"https://qr.alipay.com/b"})");
  const auto created = world.create(provider::Presentation::kQr);
  CHECK(created == provider::Created{true, "", "https://qr.alipay.com/b", ""});
  const auto content = decode_form(world.peer.asked.front().form)->at("biz_content");
  CHECK(content.find(R"("total_amount":"12.34")") != std::string::npos);
  CHECK(content.find(R"("time_expire":"2026-11-23 15:10:00")") != std::string::npos);
}

TEST_CASE("a code for another payment is not shown") {
  World world;
  world.answers("alipay.trade.precreate",
                R"({"code":"10000","out_trade_no":"other","qr_code":"https://qr.alipay.com/b"})");
  CHECK_FALSE(world.create(provider::Presentation::kQr).succeeded);
}

TEST_CASE("a pay page is a signed address and asks nobody") {
  World world;
  const auto created = world.create(provider::Presentation::kPage);
  CHECK(created.succeeded);
  CHECK(created.pay_url.starts_with("https://openapi.alipay.com/gateway.do?"));
  CHECK(created.pay_url.find("method=alipay.trade.page.pay") != std::string::npos);
  CHECK(world.peer.asked.empty());
}

TEST_CASE("Alipay is not asked for other currencies, nor for nothing") {
  World world;
  CHECK_FALSE(world.create(provider::Presentation::kQr, {100, *Currency::parse("USD")}).succeeded);
  CHECK_FALSE(world.create(provider::Presentation::kPage, {0, {}}).succeeded);
}

TEST_CASE("B01: a code that was only scanned is not paid") {
  World world;
  world.answers(kQuery, trade("WAIT_BUYER_PAY"));
  CHECK(world.query().outcome == Outcome::kPending);
}

TEST_CASE("a trade that is paid is told with its exact amount") {
  World world;
  world.answers(kQuery, trade("TRADE_SUCCESS"));
  const auto report = world.query();
  CHECK(report.outcome == Outcome::kPaid);
  CHECK(report.amount == Money{1'234, {}});
  CHECK(report.reference == "T1");
  CHECK(report.objections.empty());
}

TEST_CASE("an answer about another trade is objected to") {
  World world;
  world.answers(kQuery, R"({"code":"10000","out_trade_no":"x","trade_status":"TRADE_SUCCESS","total_amount":"12.34"})");
  CHECK(world.query().objections == std::vector<std::string>{"order"});
}

TEST_CASE("B09: a trade that does not exist yet is unknown, and so is one nobody answers for") {
  World world;
  world.answers(kQuery, failure("ACQ.TRADE_NOT_EXIST"));
  CHECK(world.query().outcome == Outcome::kUnknown);
  world.answers(kQuery, failure("ACQ.SYSTEM_ERROR"));
  CHECK(world.query().problem == "ACQ.SYSTEM_ERROR");
  world.does_not_answer();
  const auto report = world.query();
  CHECK(report.outcome == Outcome::kUnknown);
  CHECK(report.problem == "http.timeout");
}

TEST_CASE("that there is no such trade is no problem, so that its payment can end") {
  World world;
  world.answers(kClose, failure("ACQ.TRADE_NOT_EXIST"));
  world.answers(kQuery, failure("ACQ.TRADE_NOT_EXIST"));
  const auto report = world.close();
  CHECK(report.outcome == Outcome::kUnknown);
  CHECK(report.problem.empty());
}

TEST_CASE("B05: what cannot be closed is asked about, and was perhaps paid") {
  World world;
  world.answers(kClose, failure("ACQ.TRADE_STATUS_ERROR"));
  world.answers(kQuery, trade("TRADE_SUCCESS"));
  const auto report = world.close();
  CHECK(report.outcome == Outcome::kPaid);
  CHECK(report.source == provider::Source::kClose);
}

TEST_CASE("B06: a close that failed is not told as a success") {
  World world;
  world.answers(kClose, failure("ACQ.SYSTEM_ERROR", "20000"));
  world.answers(kQuery, trade("WAIT_BUYER_PAY"));
  CHECK(world.close().outcome == Outcome::kPending);
  world.does_not_answer();
  world.does_not_answer();
  CHECK(world.close().outcome == Outcome::kUnknown);
}

TEST_CASE("a close that Alipay confirms is a close") {
  World world;
  world.answers(kClose, R"({"code":"10000","trade_no":"T1"})");
  CHECK(world.close().outcome == Outcome::kClosed);
}

TEST_CASE("a refund is done when the funds changed") {
  World world;
  world.answers(kRefund, R"({"code":"10000","fund_change":"Y"})");
  CHECK(world.refund().outcome == RefundOutcome::kRefunded);
}

TEST_CASE("a refund asked for twice is found done") {
  World world;
  world.answers(kRefund, R"({"code":"10000","fund_change":"N"})");
  world.answers(kRefundQuery, R"({"code":"10000","refund_status":"REFUND_SUCCESS","refund_amount":"12.34"})");
  CHECK(world.refund().outcome == RefundOutcome::kRefunded);
}

TEST_CASE("B11: a refund of which nothing is known is neither done nor refused") {
  World world;
  world.does_not_answer();
  world.does_not_answer();
  CHECK(world.refund().outcome == RefundOutcome::kUnknown);
  world.answers(kRefund, failure("aop.ACQ.SYSTEM_ERROR"));
  world.answers(kRefundQuery, R"({"code":"10000"})");
  CHECK(world.refund().outcome == RefundOutcome::kUnknown);
}

TEST_CASE("a refund that Alipay will not make is refused") {
  World world;
  world.answers(kRefund, failure("ACQ.SELLER_BALANCE_NOT_ENOUGH"));
  const auto report = world.refund();
  CHECK(report.outcome == RefundOutcome::kRefused);
  CHECK(report.problem == "ACQ.SELLER_BALANCE_NOT_ENOUGH");
}
