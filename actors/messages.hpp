/// Declares Souk's own message types to CAF. They hold pointers and never cross the network.
#pragma once

#include <caf/allowed_unsafe_message_type.hpp>

#include "actors/effect_dispatcher.hpp"
#include "actors/entity_actor.hpp"
#include "actors/timer_keeper.hpp"

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(souk::RunTask)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(souk::EntityLoaded)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(souk::LeaveMemory)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(souk::LoadAgain)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(souk::LogGrew)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(souk::LogRead)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(souk::PauseOver)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(souk::LookForTimers)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(souk::TimersFound)
