/// The name by which the calling thread is seen in `top -H`, `perf` and core dumps.
///
/// Thread-safety: each thread names itself.
#pragma once

#include <pthread.h>

namespace souk {

/// At most 15 characters, else the name stays what it was.
inline void name_this_thread(const char* name) {
  pthread_setname_np(pthread_self(), name);
}

}  // namespace souk
