#include <cstdio>

#include "app/commands.hpp"
#include "app/exit_codes.hpp"
#include "gateway/openapi/event_schemas.hpp"

namespace souk {

int print_schemas(const std::string& /*of*/) {
  const bool printed = print_line(render_event_schemas());
  return printed && std::fflush(stdout) == 0 ? exit_code::kOk : exit_code::kDiskFailed;
}

}  // namespace souk
