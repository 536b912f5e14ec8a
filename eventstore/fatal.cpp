#include "eventstore/fatal.hpp"

#include <unistd.h>

namespace souk {

void die_of(const std::string& what) {
  const std::string line = "souk: fatal: " + what + "\n";
  // Nothing can be done about a failure to say why.
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
  ::_exit(kFatalExitCode);
}

}  // namespace souk
