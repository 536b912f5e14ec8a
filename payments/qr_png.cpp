#include "payments/qr_png.hpp"

#include <qrencode.h>
#include <zlib.h>

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

namespace souk {
namespace {

constexpr std::size_t kMargin = 4;  // modules, as the standard wants
constexpr std::size_t kScale = 8;   // pixels of a module
constexpr std::size_t kBytesMax = 2'331;

void append_number(std::string& out, std::size_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>((value >> shift) & 255U));
}

/// Length, type, data and the checksum of the last two. Source: PNG, third edition, section 5.3.
void append_chunk(std::string& out, std::string_view type, std::string_view data) {
  append_number(out, data.size());
  const std::size_t begin = out.size();
  out.append(type).append(data);
  const auto* bytes = reinterpret_cast<const Bytef*>(out.data() + begin);
  append_number(out, crc32(0, bytes, static_cast<uInt>(out.size() - begin)));
}

/// Rows of one bit a pixel, white being 1, each behind a byte that says "no filter".
std::string rows_of(const QRcode& code, std::size_t pixels) {
  const auto modules = static_cast<std::size_t>(code.width);
  const std::size_t row_bytes = (pixels + 7) / 8;
  std::string rows;
  for (std::size_t y = 0; y < pixels; ++y) {
    std::string row(1 + row_bytes, '\xff');
    row[0] = 0;
    const std::size_t module_y = y / kScale;
    for (std::size_t x = 0; x < pixels; ++x) {
      const std::size_t module_x = x / kScale;
      if (module_x < kMargin || module_y < kMargin) continue;
      if (module_x >= kMargin + modules || module_y >= kMargin + modules) continue;
      const bool dark = (code.data[(module_y - kMargin) * modules + module_x - kMargin] & 1U) != 0;
      if (dark) row[1 + x / 8] = static_cast<char>(static_cast<unsigned char>(row[1 + x / 8]) & ~(128U >> (x % 8)));
    }
    rows += row;
  }
  return rows;
}

}  // namespace

Result<std::string> qr_png(std::string_view text) {
  const auto too_long = [] { return fail(ErrorCode::kInvalid, "qr.too_long", "no code holds so long a text"); };
  if (text.empty() || text.size() > kBytesMax) return too_long();
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  const std::unique_ptr<QRcode, decltype(&QRcode_free)> code(
      QRcode_encodeData(static_cast<int>(text.size()), bytes, 0, QR_ECLEVEL_M), QRcode_free);
  if (code == nullptr) return too_long();

  const std::size_t pixels = (static_cast<std::size_t>(code->width) + 2 * kMargin) * kScale;
  const std::string rows = rows_of(*code, pixels);
  uLongf packed_size = compressBound(static_cast<uLong>(rows.size()));
  std::string packed(packed_size, '\0');
  const int done = compress2(reinterpret_cast<Bytef*>(packed.data()), &packed_size,
                             reinterpret_cast<const Bytef*>(rows.data()), static_cast<uLong>(rows.size()), 9);
  if (done != Z_OK) return fail(ErrorCode::kInternal, "qr.failed", "zlib could not compress the picture");
  packed.resize(packed_size);

  std::string header;
  append_number(header, pixels);
  append_number(header, pixels);
  header.append({1, 0, 0, 0, 0});  // one bit a pixel, grey, deflate, filters, not interlaced
  std::string png = "\x89PNG\r\n\x1a\n";
  append_chunk(png, "IHDR", header);
  append_chunk(png, "IDAT", packed);
  append_chunk(png, "IEND", {});
  return png;
}

}  // namespace souk
