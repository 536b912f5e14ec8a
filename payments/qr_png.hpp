/// A text as a QR code, as the bytes of a PNG picture.
#pragma once

#include <string>
#include <string_view>

#include "engine/base/result.hpp"

namespace souk {

/// Error correction M, four modules of margin, eight pixels a module, one bit a pixel.
/// Limits: 2,331 bytes. Errors: kInvalid "qr.too_long".
Result<std::string> qr_png(std::string_view text);

}  // namespace souk
