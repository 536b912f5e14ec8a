#include "gateway/permissions/access_subject.hpp"

#include "engine/base/codec.hpp"
#include "gateway/api_call.hpp"

namespace souk {
namespace {

struct DecidedBy {
  std::optional<std::int64_t> rule;
  std::string why;
  Version version;
  static constexpr auto fields() {
    return field_list(field("rule", &DecidedBy::rule), field("why", &DecidedBy::why),
                      field("version", &DecidedBy::version));
  }
};

}  // namespace

std::string subject_of(AccountId account) {
  return "account:" + account.str();
}

AccessSubject::AccessSubject(const ApiCall& call) {
  if (const auto& insider = call.exchange().insider(); !insider.empty()) {
    name_ = "system:" + insider;
    role_ = kAdministrator;
  } else if (call.caller) {
    name_ = subject_of(call.caller->account);
    role_ = call.caller->role == Principal::Role::kAdministrator ? kAdministrator : kUser;
  } else {
    name_ = kGuest;
    role_ = call.guest_cart ? kGuestCart : kGuest;
  }
}

std::string decided_by(const AccessRules& rules, const permissions::Verdict& verdict) {
  DecidedBy out{{}, std::string(permissions::name_of(verdict.why)), rules.version()};
  if (verdict.rule != nullptr) out.rule = static_cast<std::int64_t>(verdict.rule->id());
  return encode(out);
}

}  // namespace souk
