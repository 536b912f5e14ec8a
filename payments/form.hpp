/// Forms as browsers and payment providers send them: application/x-www-form-urlencoded.
///
/// Source: the WHATWG URL standard, section 5.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "engine/base/result.hpp"

namespace souk {

/// Sorted by name, which is the order in which providers sign.
using Form = std::map<std::string, std::string, std::less<>>;

std::string encode_form(const Form& form);

/// Limits: 128 fields. A name that comes twice is refused, for two readers could read two things.
/// Errors: kInvalid "form.malformed".
Result<Form> decode_form(std::string_view text);

/// The value, or nothing of length 0.
std::string_view field_of(const Form& form, std::string_view name);

/// name=value&… of everything as it is, without encoding: what providers sign. `leave_empty_out`: fields of no value.
std::string text_to_sign(const Form& form, bool leave_empty_out);

}  // namespace souk
