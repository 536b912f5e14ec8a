/// The folder DATA/keys and its files, which nobody but their owner may read.
#pragma once

#include <string>

#include "engine/base/result.hpp"

namespace souk {

/// Makes `data_dir`/keys (mode 0700) if it is not there and returns its path. `data_dir` must exist.
/// The functions here fail with kInternal and `reason`, saying which file and why.
Result<std::string> keys_folder(const std::string& data_dir, std::string_view reason);

/// Durability: names made or removed in the folder stay so after this returns.
Result<void> sync_folder(const std::string& folder, std::string_view reason);

/// Writes `folder`/`name` (mode 0600) as a whole: after a crash there is the old text or the new one.
/// Durability: the new one is there after this returned.
Result<void> replace_private_file(const std::string& folder, const std::string& name, std::string_view text,
                                  std::string_view reason);

/// "what: the system's message for errno".
tl::unexpected<Error> system_error(std::string_view reason, const std::string& what);

}  // namespace souk
