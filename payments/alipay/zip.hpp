/// The files of a ZIP archive that lies in memory.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"

namespace souk::alipay {

/// The contents of its files; names do not matter. Limits: 16 files, `bytes_max` together, unpacked.
/// Errors: kUnavailable "bill.unreadable".
Result<std::vector<std::string>> unzip(std::string_view archive, std::size_t bytes_max);

}  // namespace souk::alipay
