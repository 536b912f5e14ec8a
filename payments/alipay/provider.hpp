/// The provider "alipay": QR codes by precreate, pay pages by page pay, and what belongs to them.
///
/// Nothing that Alipay did not sign counts. A payment's number at Alipay (out_trade_no) is its id, a refund's
/// (out_request_no) the id of the attempt, so every call may be made twice. Only CNY.
/// Source: Alipay's open platform, alipay.trade.*.
#pragma once

#include "payments/alipay/gateway.hpp"
#include "payments/provider.hpp"

namespace souk::alipay {

class AlipayProvider final : public Provider {
 public:
  explicit AlipayProvider(Gateway gateway) : gateway_(std::move(gateway)) {}

  void create(const provider::Create& asked, std::function<void(provider::Created)> answer) override;
  void query(const provider::Query& asked, std::function<void(provider::Report)> answer) override;
  /// What Alipay will not close is asked about: it may be paid already.
  void close(const provider::Close& asked, std::function<void(provider::Report)> answer) override;
  /// When it is not sure what became of a refund, that is asked as well.
  void refund(const provider::Refund& asked, std::function<void(provider::RefundReport)> answer) override;
  [[nodiscard]] Result<Notification> read_notification(const IncomingNotification& incoming) const override;
  void bill(const Day& day, BillThen then) override;
  [[nodiscard]] Duration calendar_offset() const override { return kChina; }

 private:
  Gateway gateway_;
};

}  // namespace souk::alipay
