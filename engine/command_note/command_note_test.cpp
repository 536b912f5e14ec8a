#include "engine/command_note/command_note.hpp"

#include <doctest/doctest.h>

#include "engine/entities.hpp"
#include "engine/testing/given.hpp"

using namespace souk;
using namespace souk::command_note;
using namespace souk::testing;

TEST_CASE("what became of a command is noted, and the newest note counts") {
  const Outcome refused{"product.not_found", "there is no such product"};
  given<CommandNote>().when(Write{}).then(Written{});
  given<CommandNote>(Written{}).when(Write{refused}).then(Written{refused});
  CHECK((CommandNote::evolve({}, Written{refused}).outcome == refused));
}
