/// Who asks, as the permissions see it, and how a refusal names the rule that decided.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "engine/base/id.hpp"
#include "gateway/http/router.hpp"
#include "gateway/permissions/access_rules.hpp"

namespace souk {

class ApiCall;
struct Principal;

/// As permissions call an account: "account:6fbmcde5yznwq83fazzjf99ypj".
std::string subject_of(AccountId account);

class AccessSubject {
 public:
  /// Must not outlive the call.
  explicit AccessSubject(const ApiCall& call);
  /// Of whoever shows such a token.
  explicit AccessSubject(const Principal& principal);
  AccessSubject(AccountId account, std::string_view role);
  /// Of whoever shows no token: a role, or "system:…", which must outlive this.
  explicit AccessSubject(std::string_view named);

  [[nodiscard]] std::string_view name() const {
    return other_.empty() ? std::string_view(account_.data(), account_.size()) : std::string_view(other_);
  }
  [[nodiscard]] std::string_view role() const { return role_; }
  /// Whether it may be let in where a token is asked for.
  [[nodiscard]] bool is_somebody() const;

  [[nodiscard]] AccessQuestion question(const http::Route& route, std::string_view path) const {
    return {name(), role_, route.pattern, http::name_of(route.method), path, route.info.name};
  }

 private:
  static constexpr std::string_view kAccountPrefix = "account:";

  std::array<char, kAccountPrefix.size() + Id128::kTextSize> account_;  ///< its name; of others in `other_`
  std::string other_;
  std::string_view role_;
};

/// The request's path decoded, in `room` if that changes it. No segment holds a '/', so it says the same.
std::string_view plain_path(const http::Target& target, std::string& room);

/// {"rule":17,"why":"rule","version":3} as a JSON text, without the rule if none decided. Its words are for those who
/// may ask for an explanation.
std::string decided_by(const AccessRules& rules, const permissions::Verdict& verdict);

}  // namespace souk
