/// What `souk` tells its caller by its exit code. Source: the numbers of sysexits.h where one fits.
#pragma once

namespace souk::exit_code {

inline constexpr int kOk = 0;
inline constexpr int kUsage = 64;        ///< unknown subcommand or flag
inline constexpr int kRowsRefused = 65;  ///< import: some rows were refused, the others were taken
inline constexpr int kRowsDiffer =
    65;                              ///< a diff: a read model is not as the log says, a server not as configured here
inline constexpr int kNoInput = 66;  ///< a file that cannot be read
inline constexpr int kUnavailable = 69;  ///< the data directory is in use, damaged or foreign; the port is taken
inline constexpr int kInternal = 70;     ///< our own fault
inline constexpr int kDiskFailed = 74;   ///< a write or sync failed: nothing acknowledged was lost (see fatal.hpp)
inline constexpr int kNotDrained = 75;   ///< stopped at the drain deadline with requests unanswered
inline constexpr int kBadConfig = 78;

}  // namespace souk::exit_code
