#include "gateway/permissions/policy_history.hpp"

#include <functional>

#include "engine/entities.hpp"
#include "gateway/entity_history.hpp"

namespace souk {
namespace {

constexpr std::size_t kBatch = 200;

/// Calls back before each event, with what was there until then, and after the last one.
Result<void> fold_history(EventLog& log, const std::function<bool(const PolicyAt&, const EventRecord* next)>& look) {
  const auto stream = stream_of<AccessPolicy>(kAccessPolicy);
  PolicyAt now;
  for (;;) {
    const auto records = log.read_stream(stream, now.version, kBatch);
    if (!records) return tl::unexpected<Error>(records.error());
    for (const auto& record : *records) {
      if (!look(now, record.get())) return {};
      auto event = decode_event<AccessPolicy::Event>(record->type, record->schema, record->payload);
      if (!event) return tl::unexpected<Error>(std::move(event.error()));
      now.state = AccessPolicy::evolve(std::move(now.state), *event);
      now.version = record->version;
    }
    if (records->size() < kBatch) break;
  }
  look(now, nullptr);
  return {};
}

}  // namespace

Result<access_policy::State> policy_at_version(EventLog& log, Version version) {
  const Error unknown{ErrorCode::kInvalid, "permissions.version_unknown", "there is no such version"};
  if (version == Version{}) return tl::unexpected<Error>(unknown);
  return state_at<AccessPolicy>(log, kAccessPolicy, version, unknown);
}

Result<AccessRules::Ptr> rolled_back(const AccessRules& latest, const access_policy::State& then) {
  if (latest.model() == then.model) return latest.with_rows(then.rows);
  // No row has to have a meaning under the other's model.
  auto next = latest.with_rows({});
  if (next) next = (*next)->with_model(then.model);
  return next ? (*next)->with_rows(then.rows) : next;
}

Result<std::pair<PolicyAt, PolicyAt>> policy_at_positions(EventLog& log, Position from, Position to) {
  std::optional<PolicyAt> first;
  std::optional<PolicyAt> second;
  auto folded = fold_history(log, [&](const PolicyAt& now, const EventRecord* next) {
    if (!first && (next == nullptr || next->position > from)) first = now;
    if (!second && (next == nullptr || next->position > to)) second = now;
    return !(first && second);
  });
  if (!folded) return tl::unexpected<Error>(std::move(folded.error()));
  return std::pair(std::move(*first), std::move(*second));
}

}  // namespace souk
