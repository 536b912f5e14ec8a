#include "payments/alipay/provider.hpp"

#include "payments/alipay/bill.hpp"
#include "payments/alipay/notification.hpp"
#include "payments/decimal.hpp"

namespace souk::alipay {
namespace {

using provider::Outcome;
using provider::RefundOutcome;
using provider::Source;

/// The content of a call, as JSON with texts only.
std::string content(std::initializer_list<std::pair<std::string_view, std::string>> fields) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  for (const auto& [name, value] : fields) {
    json.key(name);
    json.string(value);
  }
  json.end_object();
  return out;
}

provider::Created not_created(std::string problem) {
  return {false, {}, {}, std::move(problem)};
}

provider::Report unknown(Source source, std::string problem) {
  provider::Report report;
  report.source = source;
  report.problem = std::move(problem);
  return report;
}

/// What an answer to trade.query says. That the call went well says nothing about the trade: its state does.
provider::Report report_of(Source source, const PaymentId payment, const Answer& answer) {
  // A code that nobody has scanned is no trade: that is an answer, and no problem.
  if (!answer.succeeded()) return unknown(source, answer.sub_code == "ACQ.TRADE_NOT_EXIST" ? "" : answer.problem());
  provider::Report report;
  report.source = source;
  report.outcome = outcome_of(answer.trade_status, !answer.send_pay_date.empty());
  report.reference = answer.trade_no;
  if (answer.out_trade_no != payment.str()) report.objections.emplace_back("order");
  if (report.outcome == Outcome::kUnknown) report.problem = "the state " + answer.trade_status + " is not known";
  if (report.outcome == Outcome::kPaid) {
    const auto amount = parse_decimal(answer.total_amount);
    if (!amount) report.objections.emplace_back("amount");
    report.amount = Money{amount.value_or(0), Currency{}};
  }
  return report;
}

void query_trade(const Gateway& gateway, PaymentId payment, Source source,
                 std::function<void(provider::Report)> answer) {
  gateway.call("alipay.trade.query", content({{"out_trade_no", payment.str()}}), {},
               [source, payment, answer = std::move(answer)](Result<Answer> said) {
                 answer(said ? report_of(source, payment, *said) : unknown(source, said.error().reason));
               });
}

using RefundThen = std::function<void(provider::RefundReport)>;

/// Whether the refund came about after all; `doubt` is why that is asked.
void query_refund(const Gateway& gateway, const provider::Refund& asked, const std::string& doubt, RefundThen answer) {
  const auto text = content({{"out_trade_no", asked.payment.str()}, {"out_request_no", asked.attempt.str()}});
  gateway.call("alipay.trade.fastpay.refund.query", text, {},
               [doubt, amount = asked.amount.amount, answer = std::move(answer)](Result<Answer> said) {
                 if (!said || !said->succeeded()) {
                   answer({RefundOutcome::kUnknown, doubt});
                   return;
                 }
                 const bool is_done =
                     said->refund_status == "REFUND_SUCCESS" && parse_decimal(said->refund_amount) == amount;
                 answer({is_done ? RefundOutcome::kRefunded : RefundOutcome::kUnknown, is_done ? "" : doubt});
               });
}

}  // namespace

void AlipayProvider::create(const provider::Create& asked, std::function<void(provider::Created)> answer) {
  const bool is_page = asked.presentation == provider::Presentation::kPage;
  if (asked.amount.currency != Currency{} || asked.amount.amount <= 0) {
    answer(not_created("Alipay takes amounts of at least 0.01 CNY"));
    return;
  }
  const auto& settings = gateway_.account().settings;
  const std::string text = content({{"out_trade_no", asked.payment.str()},
                                    {"total_amount", decimal_text(asked.amount.amount)},
                                    {"subject", "Order " + asked.order.str()},
                                    {"product_code", is_page ? "FAST_INSTANT_TRADE_PAY" : "FACE_TO_FACE_PAYMENT"},
                                    {"time_expire", china_time(asked.expires_at)}});
  if (is_page) {
    answer({true,
            signed_address(gateway_.account(), "alipay.trade.page.pay", text, gateway_.now(),
                           {settings.notify_url, settings.return_url}),
            {},
            {}});
    return;
  }
  gateway_.call("alipay.trade.precreate", text, {settings.notify_url, {}},
                [payment = asked.payment, answer = std::move(answer)](Result<Answer> said) {
                  if (!said) {
                    answer(not_created(said.error().reason));
                  } else if (!said->succeeded() || said->qr_code.empty() || said->out_trade_no != payment.str()) {
                    answer(not_created(said->succeeded() ? "the answer is not about this payment" : said->problem()));
                  } else {
                    answer({true, {}, said->qr_code, {}});
                  }
                });
}

void AlipayProvider::query(const provider::Query& asked, std::function<void(provider::Report)> answer) {
  query_trade(gateway_, asked.payment, Source::kPoll, std::move(answer));
}

void AlipayProvider::close(const provider::Close& asked, std::function<void(provider::Report)> answer) {
  gateway_.call("alipay.trade.close", content({{"out_trade_no", asked.payment.str()}}), {},
                [gateway = gateway_, payment = asked.payment, answer = std::move(answer)](Result<Answer> said) {
                  if (said && said->succeeded()) {
                    provider::Report report;
                    report.source = Source::kClose;
                    report.outcome = Outcome::kClosed;
                    report.reference = said->trade_no;
                    answer(std::move(report));
                    return;
                  }
                  query_trade(gateway, payment, Source::kClose, answer);
                });
}

void AlipayProvider::refund(const provider::Refund& asked, RefundThen answer) {
  const std::string text = content({{"out_trade_no", asked.payment.str()},
                                    {"refund_amount", decimal_text(asked.amount.amount)},
                                    {"out_request_no", asked.attempt.str()},
                                    {"refund_reason", asked.reason}});
  gateway_.call("alipay.trade.refund", text, {},
                [gateway = gateway_, asked, answer = std::move(answer)](Result<Answer> said) {
                  if (said && said->succeeded() && said->fund_change == "Y") {
                    answer({RefundOutcome::kRefunded, {}});
                  } else if (said && !said->succeeded() && !said->is_unsure()) {
                    answer({RefundOutcome::kRefused, said->problem()});
                  } else {
                    // "No change of funds" is what a second call for a done refund gets, too.
                    const std::string doubt = !said ? said.error().reason : said->problem();
                    query_refund(gateway, asked, doubt, answer);
                  }
                });
}

Result<Notification> AlipayProvider::read_notification(const IncomingNotification& incoming) const {
  return alipay::read_notification(gateway_.account(), incoming.body);
}

void AlipayProvider::bill(const Day& day, BillThen then) {
  const auto text = content({{"bill_type", "trade"}, {"bill_date", day.text}});
  gateway_.call("alipay.data.dataservice.bill.downloadurl.query", text, {},
                [gateway = gateway_, then = std::move(then)](Result<Answer> said) {
                  if (!said) {
                    then(tl::unexpected<Error>(std::move(said.error())));
                    return;
                  }
                  if (said->sub_code == "isp.bill_not_exist") {
                    then(fail(ErrorCode::kUnavailable, "bill.none", said->problem()));
                    return;
                  }
                  if (!said->succeeded() || said->bill_download_url.empty()) {
                    then(fail(ErrorCode::kUnavailable, "bill.not_ready", said->problem()));
                    return;
                  }
                  gateway.download(said->bill_download_url, [then](Result<HttpAnswer> answer) {
                    if (answer && answer->status != 200) {
                      answer = fail(ErrorCode::kUnavailable, "bill.not_ready",
                                    "the download answered " + std::to_string(answer->status));
                    }
                    if (!answer) {
                      then(tl::unexpected<Error>(std::move(answer.error())));
                      return;
                    }
                    auto archive = std::make_shared<const std::string>(std::move(answer->body));
                    then(ReadBill([archive] { return read_bill(*archive); }));
                  });
                });
}

}  // namespace souk::alipay
