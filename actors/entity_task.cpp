#include "actors/entity_task.hpp"

#include <cassert>

namespace souk {

EntityTask::Left EffectTask::run(LiveEntity& entity) {
  const void* command = std::visit([](const auto& typed) -> const void* { return &typed; }, command_);
  (void)entity.obey(command, meta_);
  if (!entity.broken()) done_();
  return Left::kNothing;
}

void EffectTask::fail(const Error& /*error*/) {
  assert(false && "an effect is never shed");
}

EntityTask::Left TimerTask::run(LiveEntity& entity) {
  const Judgement judgement = entity.fire(timer_, clock_.now());
  if (!entity.broken()) done_(judgement.position);
  return Left::kNothing;
}

void TimerTask::fail(const Error& /*error*/) {
  assert(false && "a timer is never shed");
}

}  // namespace souk
