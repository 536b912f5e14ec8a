#include "gateway/permissions/access_subject.hpp"

#include <algorithm>

#include "engine/base/codec.hpp"
#include "gateway/api_call.hpp"

namespace souk {
namespace {

constexpr std::string_view kInsiderPrefix = "system:";

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
  return std::string(AccessSubject(account, kUser).name());
}

AccessSubject::AccessSubject(AccountId account, std::string_view role) : role_(role) {
  const auto id = account.value.text();
  std::ranges::copy(id, std::ranges::copy(kAccountPrefix, account_.begin()).out);
}

AccessSubject::AccessSubject(const Principal& principal)
    : AccessSubject(principal.account, principal.role == Principal::Role::kAdministrator ? kAdministrator : kUser) {}

AccessSubject::AccessSubject(std::string_view named) : account_{}, other_(named), role_(named) {
  if (named.starts_with(kInsiderPrefix)) role_ = kAdministrator;
  if (named == kGuestCart) other_ = kGuest;
}

AccessSubject::AccessSubject(const ApiCall& call) : account_{} {
  if (const auto& insider = call.exchange().insider(); !insider.empty()) {
    other_ = std::string(kInsiderPrefix) + insider;
    role_ = kAdministrator;
  } else if (call.caller) {
    *this = AccessSubject(*call.caller);
  } else {
    other_ = kGuest;
    role_ = call.guest_cart ? kGuestCart : kGuest;
  }
}

bool AccessSubject::is_somebody() const {
  return role_ != kGuest;
}

std::string_view plain_path(const http::Target& target, std::string& room) {
  if (target.path().find('%') == std::string_view::npos) return target.path();
  room.clear();
  for (std::size_t i = 0; i < target.segment_count(); ++i) room.append("/").append(target.segment(i));
  return room;
}

std::string decided_by(const AccessRules& rules, const permissions::Verdict& verdict) {
  DecidedBy out{{}, std::string(permissions::name_of(verdict.why)), rules.version()};
  if (verdict.rule != nullptr) out.rule = static_cast<std::int64_t>(verdict.rule->id());
  return encode(out);
}

}  // namespace souk
