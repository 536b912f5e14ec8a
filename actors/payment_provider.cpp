#include "actors/payment_provider.hpp"

namespace souk {
namespace {

constexpr const char* kNobody = "there is no provider of this name";

class UnknownProvider final : public PaymentProvider {
 public:
  void create(const provider::Create& /*wanted*/, std::function<void(provider::Created)> answer) override {
    answer({false, {}, {}, kNobody});
  }
  void query(const provider::Query& /*wanted*/, std::function<void(provider::Report)> answer) override {
    answer({provider::Source::kPoll, provider::Outcome::kUnknown, {}, {}, {}, kNobody});
  }
  void close(const provider::Close& /*wanted*/, std::function<void(provider::Report)> answer) override {
    answer({provider::Source::kClose, provider::Outcome::kUnknown, {}, {}, {}, kNobody});
  }
  void refund(const provider::Refund& /*wanted*/, std::function<void(provider::RefundReport)> answer) override {
    answer({provider::RefundOutcome::kUnknown, kNobody});
  }
};

}  // namespace

PaymentProvider& PaymentProviders::find(std::string_view name) const {
  static UnknownProvider unknown;
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? unknown : *found->second;
}

}  // namespace souk
