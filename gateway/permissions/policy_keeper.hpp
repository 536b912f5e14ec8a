/// Keeps the permissions in force: those of the last durable version, and those of the last one that was ordered, which
/// the next change is made of.
///
/// Thread-safety: any thread may call.
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "gateway/http/router.hpp"
#include "gateway/permissions/access_rules.hpp"

namespace souk {

class Api;
class EventLog;

class PolicyKeeper {
 public:
  /// What is known of a route that asks for permission.
  struct GuardedRoute {
    http::Method method;
    std::string pattern;
    std::string_view name;
    bool is_public = false;
  };

  /// To be called once, before anybody is served.
  void begin(AccessRules::Ptr rules, const http::Router& router);

  /// What holds now. Null before `begin`: nothing is allowed.
  [[nodiscard]] AccessRules::Ptr in_force() const;
  [[nodiscard]] AccessRules::Ptr latest() const;
  /// What the entity has made of the latest one. An older version changes nothing.
  void order(AccessRules::Ptr rules);
  /// Once it is durable. The same.
  void put_in_force(AccessRules::Ptr rules);

  /// The route that would answer; null if there is none that asks for permission.
  [[nodiscard]] const GuardedRoute* find_route(std::string_view method, std::string_view path) const;
  /// What the program has to say about its routes.
  [[nodiscard]] const std::vector<access_policy::Row>& offers() const { return offers_; }

 private:
  std::vector<GuardedRoute> routes_;
  std::vector<access_policy::Row> offers_;
  mutable std::mutex mutex_;
  AccessRules::Ptr in_force_;
  AccessRules::Ptr latest_;
};

/// What the log says, or what the program offers if it says nothing.
/// Errors: those of AccessRules, of what is stored and cannot be compiled.
Result<void> restore_permissions(EventLog& log, PolicyKeeper& keeper, const http::Router& router);

/// Adds the rules of routes that were never offered; a model that has no place for them has none of them, and `warn` is
/// told. Returns once it is durable. Errors: kUnavailable "permissions.timeout".
Result<void> ensure_permissions(Api& api, const std::function<void(const std::string&)>& warn);

}  // namespace souk
