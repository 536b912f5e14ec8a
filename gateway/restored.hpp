/// What an entity has come to, read from the log at the start, for what is kept at hand of it.
#pragma once

#include "actors/live_entity.hpp"
#include "engine/entities.hpp"
#include "eventstore/event_log.hpp"

namespace souk {

/// Calls `use(state, version, position)`. Reads the disk; to be called before anybody is served.
template <Entity E, class Use>
Result<void> restore_entity(EventLog& log, typename E::Id id, const Use& use) {
  const StreamId stream = stream_of<E>(id);
  const auto entity = make_live_entity(stream, log, {});
  const auto loaded = log.load(stream, E::kStateSchema);
  if (!loaded) return tl::unexpected<Error>(loaded.error());
  if (auto restored = entity->restore(*loaded); !restored) return restored;
  use(*static_cast<const typename E::State*>(entity->state()), entity->version(), entity->position());
  return {};
}

}  // namespace souk
