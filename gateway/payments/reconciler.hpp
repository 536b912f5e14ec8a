/// Compares a provider's bill of one day with the shop's payments and records what they disagree on.
///
/// It may be run as often as one likes: the reconciliation of a provider and a day is one, and finds nothing twice.
/// What the shop has and the day's bill has not is looked for in the bills of up to seven days before. Thread-safety:
/// any thread; `done` on any thread, ahead of durability, not at all if the shop ends before.
#pragma once

#include <functional>
#include <string>

#include "gateway/api.hpp"

namespace souk {

/// The one reconciliation of a provider and a day.
ReconciliationId reconciliation_id(const Api& api, std::string_view provider, std::string_view day);

using ReconciliationThen = std::function<void(Result<ReconciliationId> done, Position position)>;

/// `day`: "2026-11-23" in the provider's calendar.
/// Errors: kInvalid "payment.provider_unknown", "reconciliation.day_invalid"; and, recorded as this day's problem,
/// those of Provider::bill.
void run_reconciliation(Api& api, const std::string& provider, const std::string& day, const CommandMeta& meta,
                        ReconciliationThen done);

}  // namespace souk
