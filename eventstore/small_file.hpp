/// Small files that are replaced as a whole and survive a power cut: either the old or the new content is there.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/base/result.hpp"

namespace souk {

/// Writes beside, syncs, renames, syncs the directory. Errors: kUnavailable "store.io".
[[nodiscard]] Result<void> replace_file(const std::string& directory, const std::string& name,
                                        std::string_view content);

/// Nothing where there is no such file. Errors: kUnavailable "store.io".
/// Limits: reads the first 64 KiB.
[[nodiscard]] Result<std::optional<std::string>> read_small_file(const std::string& path);

}  // namespace souk
