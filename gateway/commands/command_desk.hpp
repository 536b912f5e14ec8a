/// Commands that come as messages are obeyed by the routes of administrators: what a message says is a request to one
/// of them, made within this process. So whatever holds for the route holds for the message.
///
///   {"id": "po-4711/3", "command": "receive_stock", "sku": "TEA-001", "body": {"quantity": 100, "reason": "po-4711"}}
///
/// The id is the request's Idempotency-Key: said twice it is done once, for as long as keys are remembered. What leaves
/// no event behind that says so (nothing changed, or it was refused) leaves a note: others may have been obeyed before
/// it comes again, and it must not undo them.
///
/// Thread-safety: any thread.
/// Ownership: the Api must outlive it, and the Api's answers whoever is called back.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "engine/base/result.hpp"

namespace souk {

class Api;
class ApiCall;
namespace http {
class Router;
}

class CommandDesk {
 public:
  /// None: obeyed, and durable. kUnavailable: it may be another time, as when the permissions do not let the insider do
  /// it now. kInternal: likewise, though it looks as if it
  /// never will be. Else refused, and it will be again, durably: with the reason of the route, or kInvalid
  /// "json.malformed", "field.invalid", "command.unknown", "command.id_invalid", "command.product_missing",
  /// "command.body_unwanted".
  using Then = std::function<void(Result<void>)>;

  /// `insider`: who is named as the principal ("system:kafka"). `report`: of what only we can mend.
  CommandDesk(Api& api, std::string insider, std::function<void(const std::string& what)> report);
  ~CommandDesk();

  /// Calls back once, on this thread or another one. `is_last_try`: what is kInternal else is a refusal now.
  void obey(std::string_view message, bool is_last_try, Then then) const;

 private:
  class Sink;
  struct Case;
  using CasePtr = std::shared_ptr<Case>;
  /// Answers what the route has said, once there is an event or a note of it.
  void conclude(const CasePtr& mine, Result<void> done) const;
  /// Answers what was noted before; false: nothing was.
  bool repeat(const std::shared_ptr<ApiCall>& call) const;
  Api& api_;
  const std::string insider_;
  const std::function<void(const std::string& what)> report_;
  const std::unique_ptr<http::Router> router_;  ///< of the routes that can be asked
  mutable std::atomic<bool> is_denied_{false};  ///< the last time that the permissions were asked
};

/// The JSON schema of such messages, from the routes of the whole interface.
std::string render_command_schemas(const http::Router& router);

}  // namespace souk
