/// Who asks, as the permissions see it, and how a refusal names the rule that decided.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "engine/base/id.hpp"
#include "gateway/permissions/access_rules.hpp"

namespace souk {

class ApiCall;

/// As permissions call an account: "account:6fbmcde5yznwq83fazzjf99ypj".
std::string subject_of(AccountId account);

/// Must not outlive the call.
class AccessSubject {
 public:
  explicit AccessSubject(const ApiCall& call);
  AccessSubject(const AccessSubject&) = delete;
  AccessSubject& operator=(const AccessSubject&) = delete;

  [[nodiscard]] std::string_view name() const { return name_; }
  [[nodiscard]] std::string_view role() const { return role_; }

 private:
  std::string name_;
  std::string_view role_;
};

/// {"rule":17,"why":"rule","version":3} as a JSON text, without the rule if none decided. Its words are for those who
/// may ask for an explanation.
std::string decided_by(const AccessRules& rules, const permissions::Verdict& verdict);

}  // namespace souk
