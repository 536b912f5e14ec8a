/// The permissions as one version has them: the compiled policy, and what is asked of it about a request.
///
/// A model's request may name, in any order: `sub` (who asks: "account:…", "guest" or "system:…"), `role` (what its
/// token says: "guest", "guest_cart", "user" or "admin"), `obj` (the route's pattern, such as "/api/v1/orders/{id}"),
/// `act` (the method), `path` (decoded) and `route` (its name).
/// Thread-safety: never changes. Errors: kInvalid "permissions.request_unknown", and those of permissions/policy.hpp.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/access_policy/access_policy.hpp"
#include "permissions/policy.hpp"

namespace souk {

struct AccessQuestion {
  std::string_view subject;
  std::string_view role;
  std::string_view pattern;
  std::string_view method;
  std::string_view path;
  std::string_view route;
};

class AccessRules {
 public:
  using Ptr = std::shared_ptr<const AccessRules>;
  using Rows = std::vector<access_policy::NumberedRow>;

  /// Rows in any order.
  static Result<Ptr> make(std::string model, Rows rows, std::int64_t last_number);
  static Result<Ptr> make(const access_policy::State& state);
  /// After rows were taken away and added, as the entity does it: what is there already, or is not, changes nothing.
  [[nodiscard]] Result<Ptr> with(const std::vector<access_policy::Row>& remove,
                                 const std::vector<access_policy::Row>& add) const;
  /// With the same rows under another model.
  [[nodiscard]] Result<Ptr> with_model(std::string model) const;
  /// With exactly these rows under the same model.
  [[nodiscard]] Result<Ptr> with_rows(const access_policy::Rows& rows) const;
  /// The same, as what stands in the log.
  [[nodiscard]] Ptr at(Version version, Position position) const;

  [[nodiscard]] permissions::Verdict ask(const AccessQuestion& question) const;
  [[nodiscard]] permissions::Explanation explain(const AccessQuestion& question) const;

  [[nodiscard]] const std::string& model() const { return model_; }
  [[nodiscard]] const permissions::Policy& policy() const { return *policy_; }
  /// Calls back for each row of each kind, or of one.
  void for_each_row(std::string_view kind,
                    const std::function<void(const access_policy::NumberedRow&)>& callback) const;
  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] Version version() const { return version_; }
  [[nodiscard]] Position position() const { return position_; }

 private:
  using Column = std::string_view AccessQuestion::*;

  [[nodiscard]] std::vector<std::string> kinds() const;
  [[nodiscard]] std::vector<permissions::Value> values_of(const AccessQuestion& question) const;

  std::string model_;
  std::shared_ptr<const permissions::Policy> policy_;
  std::vector<Column> columns_;  ///< of the request
  std::int64_t last_number_ = 0;
  Version version_;
  Position position_;
};

}  // namespace souk
