#include "bench/load/process_figures.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace souk::load {
namespace {

struct Times {
  std::string name;
  double user_s = 0;
  double system_s = 0;
};

/// The file `stat` of a process or of a thread. The name in it may hold anything, spaces and parentheses too.
Times read_times(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::string text;
  std::getline(in, text);
  const auto open = text.find('(');
  const auto close = text.rfind(')');
  if (open == std::string::npos || close == std::string::npos) return {};
  Times times;
  times.name = text.substr(open + 1, close - open - 1);
  std::istringstream fields(text.substr(close + 1));
  // The first field behind the name is the third of all, the state; utime is the 14th and stime the 15th.
  std::string skipped;
  for (int field = 3; field < 14; ++field) fields >> skipped;
  double user = 0;
  double system = 0;
  fields >> user >> system;
  static const auto ticks_per_s = static_cast<double>(::sysconf(_SC_CLK_TCK));
  times.user_s = user / ticks_per_s;
  times.system_s = system / ticks_per_s;
  return times;
}

void read_switches(const std::filesystem::path& file, ThreadFigures& thread) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    const auto colon = line.find(':');
    if (line.starts_with("voluntary_ctxt_switches")) thread.switches_voluntary = std::stoull(line.substr(colon + 1));
    if (line.starts_with("nonvoluntary_ctxt_switches")) thread.switches_forced = std::stoull(line.substr(colon + 1));
  }
}

}  // namespace

ProcessFigures read_process_figures(pid_t process) {
  const std::filesystem::path folder = "/proc/" + std::to_string(process);
  ProcessFigures figures;
  const Times all = read_times(folder / "stat");
  figures.cpu_s = all.user_s + all.system_s;
  std::error_code gone;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "task", gone)) {
    const Times times = read_times(entry.path() / "stat");
    auto& thread = figures.threads.emplace_back();
    thread.id = static_cast<pid_t>(std::stol(entry.path().filename().string()));
    thread.name = times.name;
    thread.user_s = times.user_s;
    thread.system_s = times.system_s;
    read_switches(entry.path() / "status", thread);
  }
  return figures;
}

ProcessFigures difference(const ProcessFigures& before, const ProcessFigures& after) {
  ProcessFigures used;
  used.cpu_s = after.cpu_s - before.cpu_s;
  for (auto thread : after.threads) {
    const auto same = std::ranges::find(before.threads, thread.id, &ThreadFigures::id);
    if (same != before.threads.end()) {
      thread.user_s -= same->user_s;
      thread.system_s -= same->system_s;
      thread.switches_voluntary -= same->switches_voluntary;
      thread.switches_forced -= same->switches_forced;
    }
    used.threads.push_back(std::move(thread));
  }
  std::ranges::sort(used.threads, [](const ThreadFigures& a, const ThreadFigures& b) {
    return a.user_s + a.system_s > b.user_s + b.system_s;
  });
  return used;
}

}  // namespace souk::load
