/// What `souk serve` looks at before it opens anything, and all that `--check-config` looks at besides single values:
/// which settings go together, and whether the files are there and hold what they should.
#pragma once

#include <string>
#include <string_view>

#include "app/config.hpp"

namespace souk {

/// Errors: kInvalid "config.invalid"; the detail has a line for each part of the configuration that is wrong.
Result<void> check_setup(const Config& config);
/// The same, and each setting that is named has its origin behind it.
Result<void> check_setup(const EffectiveConfig& config);

// For the parts. Errors: kInvalid "config.invalid".

/// Two that belong together; secrets are not told.
Result<void> check_pair(std::string_view one_key, const std::string& one, std::string_view other_key,
                        const std::string& other);
/// A file of certificates to trust (PEM), if one is named.
Result<void> check_certificates(std::string_view key, const std::string& path);

}  // namespace souk
