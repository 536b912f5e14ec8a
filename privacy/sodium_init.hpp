/// Makes libsodium ready: called by whatever in this folder may be its first user.
#pragma once

namespace souk {

/// Thread-safe; costs a comparison after the first call. Ends the process if the system has no random numbers.
void init_sodium();

}  // namespace souk
