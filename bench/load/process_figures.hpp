/// What a process has used so far, read from /proc: processor time and context switches, by thread.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace souk::load {

struct ThreadFigures {
  pid_t id = 0;
  std::string name;
  double user_s = 0;
  double system_s = 0;
  std::uint64_t switches_voluntary = 0;
  std::uint64_t switches_forced = 0;
};

struct ProcessFigures {
  double cpu_s = 0;  ///< user and system time of all threads, those that ended too
  std::vector<ThreadFigures> threads;
};

/// All zero if there is no such process.
ProcessFigures read_process_figures(pid_t process);

/// What was used between two readings; threads that ended or began in between count from their first reading.
ProcessFigures difference(const ProcessFigures& before, const ProcessFigures& after);

}  // namespace souk::load
