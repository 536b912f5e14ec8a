/// How a record is shown to those outside: the names of causes, and payloads without secrets.
#pragma once

#include <string>
#include <string_view>

#include "eventstore/record.hpp"

namespace souk {

[[nodiscard]] std::string_view name_of(Cause cause);

/// False only for a payload without secrets. A string is one if it begins like one, so this needs to know no event.
[[nodiscard]] bool may_hold_secret(std::string_view payload);

/// The payload with every secret's text replaced; a sealed secret holds no quote.
[[nodiscard]] std::string without_secrets(std::string_view payload);

}  // namespace souk
