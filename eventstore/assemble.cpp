#include "eventstore/assemble.hpp"

#include <cassert>

#include "eventstore/record_codec.hpp"

namespace souk {

std::vector<std::shared_ptr<EventRecord>> assemble_records(AppendRequest request, std::uint32_t epoch) {
  assert(!request.events.empty());
  std::vector<std::shared_ptr<EventRecord>> records;
  records.reserve(request.events.size());
  for (auto& event : request.events) {
    const bool is_last = &event == &request.events.back();
    auto record = std::make_shared<EventRecord>();
    record->epoch = epoch;
    record->stream = request.stream;
    record->type = std::move(event.type);
    record->schema = event.schema;
    record->meta = is_last ? std::move(request.meta) : request.meta;
    record->last_of_command = is_last;
    record->timers = std::move(event.timers);
    record->payload = std::move(event.payload);
    record->effect_free = event.effect_free;
    assert(fits_layout(*record));
    records.push_back(std::move(record));
  }
  return records;
}

void place_records(std::vector<std::shared_ptr<EventRecord>>& records, Position before, Version version_before,
                   Time recorded_at) {
  for (auto& record : records) {
    record->position = {++before.value};
    record->version = {++version_before.value};
    record->recorded_at = recorded_at;
  }
}

}  // namespace souk
