#include "payments/alipay/zip.hpp"

#include <zip.h>

#include <memory>

namespace souk::alipay {
namespace {

constexpr zip_int64_t kFilesMax = 16;

auto unreadable(std::string detail) {
  return fail(ErrorCode::kUnavailable, "bill.unreadable", std::move(detail));
}

}  // namespace

Result<std::vector<std::string>> unzip(std::string_view archive, std::size_t bytes_max) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* source = zip_source_buffer_create(archive.data(), archive.size(), 0, &error);
  if (source == nullptr) return unreadable("the archive does not fit into memory");
  zip_t* opened = zip_open_from_source(source, ZIP_RDONLY, &error);
  if (opened == nullptr) {
    zip_source_free(source);
    return unreadable("it is no ZIP archive");
  }
  const std::unique_ptr<zip_t, decltype(&zip_discard)> zip(opened, zip_discard);
  const zip_int64_t count = zip_get_num_entries(zip.get(), 0);
  if (count > kFilesMax) return unreadable("the archive has more than 16 files");
  std::vector<std::string> files;
  std::size_t left = bytes_max;
  for (zip_int64_t i = 0; i < count; ++i) {
    const std::unique_ptr<zip_file_t, decltype(&zip_fclose)> file(
        zip_fopen_index(zip.get(), static_cast<zip_uint64_t>(i), 0), zip_fclose);
    if (file == nullptr) return unreadable("a file of the archive cannot be opened");
    std::string& text = files.emplace_back();
    // The size that the archive claims is not believed.
    char chunk[16'384];
    for (;;) {
      const zip_int64_t got = zip_fread(file.get(), chunk, sizeof chunk);
      if (got < 0) return unreadable("a file of the archive is damaged");
      if (got == 0) break;
      const auto size = static_cast<std::size_t>(got);
      if (size > left) return unreadable("the archive unpacks to too much");
      left -= size;
      text.append(chunk, size);
    }
  }
  return files;
}

}  // namespace souk::alipay
