#include "gateway/permissions/policy_keeper.hpp"

#include <algorithm>

#include "gateway/api.hpp"
#include "gateway/configuring.hpp"
#include "gateway/permissions/default_policy.hpp"
#include "gateway/permissions/policy_effect.hpp"
#include "gateway/permissions/policy_rescue.hpp"
#include "gateway/restored.hpp"

namespace souk {
namespace {

/// The next segment of a path, which is left without it.
std::string_view take_segment(std::string_view& path) {
  const auto end = std::min(path.find('/'), path.size());
  const auto segment = path.substr(0, end);
  path.remove_prefix(std::min(end + 1, path.size()));
  return segment;
}

/// How well the pattern fits: for each segment whether it is literal, the first one counting most; none: not at all.
std::optional<std::string> fit_of(std::string_view pattern, std::string_view path) {
  if (std::ranges::count(pattern, '/') != std::ranges::count(path, '/')) return std::nullopt;
  std::string fit;
  for (auto left = std::ranges::count(pattern, '/') + 1; left > 0; --left) {
    const auto wanted = take_segment(pattern);
    const auto given = take_segment(path);
    const bool is_parameter = wanted.starts_with('{');
    if (is_parameter ? given.empty() : wanted != given) return std::nullopt;
    fit += is_parameter ? '0' : '1';
  }
  return fit;
}

}  // namespace

void PolicyKeeper::begin(AccessRules::Ptr rules, const http::Router& router) {
  for (const auto& route : router.routes()) {
    if (!route.info.asks_permission) continue;
    routes_.push_back({route.method, route.pattern, route.info.name, route.info.is_public});
  }
  offers_ = default_rows(router);
  const std::scoped_lock lock(mutex_);
  // Of those that the entity has not been told of nothing can be made.
  if (rules->version().value > 0) latest_ = rules;
  in_force_ = std::move(rules);
}

AccessRules::Ptr PolicyKeeper::in_force() const {
  const std::scoped_lock lock(mutex_);
  return in_force_;
}

AccessRules::Ptr PolicyKeeper::latest() const {
  const std::scoped_lock lock(mutex_);
  return latest_;
}

void PolicyKeeper::order(AccessRules::Ptr rules) {
  const std::scoped_lock lock(mutex_);
  if (latest_ == nullptr || rules->version() > latest_->version()) latest_.swap(rules);
}

void PolicyKeeper::put_in_force(AccessRules::Ptr rules) {
  // What it takes the place of may be freed here, outside of the lock.
  const std::scoped_lock lock(mutex_);
  if (rules->version() > in_force_->version()) in_force_.swap(rules);
}

const PolicyKeeper::GuardedRoute* PolicyKeeper::find_route(std::string_view method, std::string_view path) const {
  const GuardedRoute* best = nullptr;
  std::string best_fit;
  for (const auto& route : routes_) {
    const bool is_head = method == "HEAD" && route.method == http::Method::kGet;
    if (!is_head && http::name_of(route.method) != method) continue;
    auto fit = fit_of(route.pattern, path);
    if (!fit || (best != nullptr && *fit <= best_fit)) continue;
    best = &route;
    best_fit = std::move(*fit);
  }
  return best;
}

Result<void> restore_permissions(EventLog& log, PolicyKeeper& keeper, const http::Router& router) {
  Result<AccessRules::Ptr> rules;
  auto restored = restore_entity<AccessPolicy>(
      log, kAccessPolicy, [&](const access_policy::State& state, Version version, Position position) {
        if (state.model.empty()) {
          rules = first_permissions(router);
        } else {
          rules = AccessRules::make(state);
          if (rules) rules = (*rules)->at(version, position);
        }
      });
  if (!restored) return restored;
  if (!rules) {
    rules.error().detail = "the stored permissions mean nothing to this program (" + rules.error().detail +
                           "); start it once with --set permissions.rescue=true to begin with those of a new shop";
    return tl::unexpected<Error>(std::move(rules.error()));
  }
  keeper.begin(std::move(*rules), router);
  return {};
}

namespace {

/// What the entity has yet to be offered.
struct Standing {
  std::vector<access_policy::Row> missing;
  bool is_new = false;
  Version version;
};

Result<Standing> look(Api& api) {
  const Awaited<Standing> answer;
  api.host.read<AccessPolicy>(kAccessPolicy, {}, [&api, answer](const Judged<AccessPolicy>& judged) {
    if (judged.refusal != nullptr) return answer.give(tl::unexpected<Error>(*judged.refusal));
    Standing out{{}, judged.state.model.empty(), judged.version};
    for (const auto& row : api.permissions.offers()) {
      if (!std::ranges::binary_search(judged.state.offered, key_of(row))) out.missing.push_back(row);
    }
    answer.give(std::move(out));
  });
  return answer.take({ErrorCode::kUnavailable, "permissions.timeout", "the permissions were not there in time"});
}

}  // namespace

Result<void> ensure_permissions(Api& api, const std::function<void(const std::string&)>& warn) {
  for (;;) {
    auto standing = look(api);
    if (!standing) return tl::unexpected<Error>(std::move(standing.error()));
    if (!standing->is_new && standing->missing.empty()) return {};
    const auto version = standing->version;
    AccessRules::Ptr next;
    if (!standing->is_new) {
      auto made = api.permissions.latest()->with({}, standing->missing);
      if (!made) {
        warn("routes that are new have no rule, for the model has no place for it: " + made.error().detail);
        return {};
      }
      next = std::move(*made);
    }
    access_policy::Offer offer{std::string(default_model()), std::move(standing->missing)};
    auto offered = tell_permissions(api, std::move(offer), version, std::move(next));
    // An administrator was quicker.
    if (!offered && offered.error().reason == "version.changed") continue;
    return offered;
  }
}

}  // namespace souk
