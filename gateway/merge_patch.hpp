/// What null means in a merge patch: it takes a member away. Source: RFC 7396.
#pragma once

#include <string>
#include <string_view>

#include "engine/base/json_reader.hpp"

namespace souk {

/// Calls `remove` with the name of each member that the patch takes away; it returns false for one that cannot be.
/// Errors: kInvalid "field.invalid".
inline Result<void> for_each_removed(std::string_view patch, FunctionRef<bool(std::string_view)> remove) {
  return read_json(patch, [&](JsonValue json) -> Result<void> {
    Result<void> result;
    json.for_each_field([&](std::string_view key, JsonValue value) {
      if (!value.is_null() || remove(key)) return true;
      result = fail(ErrorCode::kInvalid, "field.invalid", std::string(key) + ": cannot be taken away");
      return false;
    });
    return result;
  });
}

}  // namespace souk
