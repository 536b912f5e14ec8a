/// For tests: a log in memory to which events of the engine's entities are appended without deciding anything.
#pragma once

#include <string>

#include "engine/entity.hpp"
#include "eventstore/memory_event_log.hpp"
#include "eventstore/testing/fixtures.hpp"

namespace souk::testing {

struct ShopLog {
  ManualClock clock;
  MemoryEventLog log{clock};

  template <class E>
  Position append(typename E::Id id, const typename E::Event& event) {
    const auto stored = encode_event(event);
    return append_raw(stream_of<E>(id), std::string(stored.type), stored.schema, stored.payload);
  }

  Position append_raw(const StreamId& stream, const std::string& type, std::uint16_t schema,
                      const std::string& payload) {
    const auto version = log.read_stream(stream, {}, 1'000'000)->size();
    clock.advance(Duration::seconds(1));
    return log.append({stream, {version}, {{type, schema, payload, {}}}, {}})->last;
  }
};

}  // namespace souk::testing
