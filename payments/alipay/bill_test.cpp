#include "payments/alipay/bill.hpp"

#include <doctest/doctest.h>

using namespace souk;
using namespace souk::alipay;

namespace {

const std::string kHead =
    "#支付宝业务明细查询\n#账号：[2088000000000001]\n#-----------------业务明细列表----------------\n"
    "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,"
    "订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,"
    "券名称,"
    "商家红包消费金额（元）,卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注\n";
const std::string kTail = "#-----------------业务明细列表结束----------------\n#交易合计：1笔\n";

std::string row(const std::string& payment, const std::string& type, const std::string& amount,
                const std::string& refund = "", const std::string& name = "Order") {
  return "T1\t," + payment + "\t," + type + "," + name + ",2026-11-23 10:00:00,2026-11-23 10:00:01,,,,,abc," + amount +
         "," + amount + ",0.00,0.00,0.00,0.00,0.00,,0.00,0.00," + refund + ",-0.07,0.00,\n";
}

}  // namespace

TEST_CASE("a bill is read whatever its lines are padded with; fees do not matter") {
  const auto lines = read_bill_text(kHead + row("p1", "交易", "131072.01") + row("p1", "退款", "-0.50", "r1\t") +
                                    row("p2", "交易", "1.00", "", "\"tea, green\"") + kTail);
  REQUIRE(lines);
  REQUIRE(lines->size() == 3);
  CHECK((*lines)[0] == reconciliation::BillLine{"p1", "", "T1", {13'107'201, {}}});
  CHECK((*lines)[1] == reconciliation::BillLine{"p1", "r1", "T1", {50, {}}});
  CHECK((*lines)[2].payment == "p2");
}

TEST_CASE("B13: half a bill is noticed, and no line is passed over") {
  const auto refused = [](const std::string& text) { return read_bill_text(text).error().reason == "bill.unreadable"; };
  CHECK(refused(kHead + row("p1", "交易", "1.00")));
  CHECK(refused(""));
  CHECK(refused(kHead + "T1,p1,交易\n" + kTail));
  CHECK(refused(kHead + row("p1", "交易", "1.001") + kTail));
  CHECK(refused(kHead + row("p1", "转账", "1.00") + kTail));
  CHECK(refused(kHead + row("p1", "退款", "-1.00") + kTail));
  CHECK(refused("#业务明细列表\n商户订单号\n" + kTail));
  CHECK(read_bill_text(kHead + kTail)->empty());
}

TEST_CASE("what is no archive is no bill") {
  CHECK(read_bill("").error().reason == "bill.unreadable");
  CHECK(read_bill("PK\x03\x04 nonsense").error().reason == "bill.unreadable");
}
