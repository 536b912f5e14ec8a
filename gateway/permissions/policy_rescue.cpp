#include "gateway/permissions/policy_rescue.hpp"

#include "gateway/api.hpp"
#include "gateway/configuring.hpp"
#include "gateway/permissions/default_policy.hpp"
#include "gateway/permissions/policy_effect.hpp"

namespace souk {
namespace {

struct Standing {
  access_policy::RollBack command;
  Version version;
  bool is_new = false;
};

/// What the entity is told: of the first rows those that are there have their numbers.
Result<Standing> look(Api& api) {
  const Awaited<Standing> answer;
  api.host.read<AccessPolicy>(kAccessPolicy, {}, [&api, answer](const Judged<AccessPolicy>& judged) {
    if (judged.refusal != nullptr) return answer.give(tl::unexpected<Error>(*judged.refusal));
    const auto& state = judged.state;
    Standing out{
        {Version{}, std::string(default_model()), {}, {}, api.clock.now()}, judged.version, state.model.empty()};
    auto last = state.last_number;
    for (const auto& row : api.permissions.offers()) {
      const auto key = key_of(row);
      const auto known = state.rows.find(key);
      out.command.rows.emplace(key,
                               known == state.rows.end() ? access_policy::NumberedRow{++last, row} : known->second);
    }
    answer.give(std::move(out));
  });
  return answer.take({ErrorCode::kUnavailable, "permissions.timeout", "the permissions were not there in time"});
}

}  // namespace

Result<AccessRules::Ptr> first_permissions(const http::Router& router) {
  AccessRules::Rows rows;
  for (auto& row : default_rows(router)) rows.push_back({static_cast<std::int64_t>(rows.size() + 1), std::move(row)});
  const auto last = static_cast<std::int64_t>(rows.size());
  return AccessRules::make(std::string(default_model()), std::move(rows), last);
}

Result<void> begin_with_first_permissions(PolicyKeeper& keeper, const http::Router& router) {
  auto rules = first_permissions(router);
  if (!rules) return tl::unexpected<Error>(std::move(rules.error()));
  keeper.begin(std::move(*rules), router);
  return {};
}

Result<void> return_to_first_permissions(Api& api, const std::function<void(const std::string&)>& warn) {
  auto standing = look(api);
  if (!standing) return tl::unexpected<Error>(std::move(standing.error()));
  // Nothing was ever set: the program offers all of it.
  if (standing->is_new) return {};
  const auto version = standing->version;
  auto told = tell_permissions(api, std::move(standing->command), version, nullptr);
  if (told) {
    warn("they are those of a new shop, for permissions.rescue is set; what was before is version " +
         std::to_string(version.value));
  }
  return told;
}

}  // namespace souk
