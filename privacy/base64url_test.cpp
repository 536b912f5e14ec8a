#include "privacy/base64url.hpp"

#include <doctest/doctest.h>

#include <string>

namespace souk {

TEST_CASE("base64url has one text for each bytes and no other is accepted") {
  for (std::size_t size = 0; size < 40; ++size) {
    std::string bytes;
    for (std::size_t i = 0; i < size; ++i) bytes.push_back(static_cast<char>(i * 73 + size));
    const std::string text = base64url(bytes);
    CHECK(text.find_first_of("+/=") == std::string::npos);
    CHECK((from_base64url(text) == bytes));
  }
  CHECK(base64url("\xfb\xff") == "-_8");
  for (const char* bad : {"A", "AA=", "AA==", "AB", "AAB", "A A", "AA\n", "+_8", "-/8", "AA.A", "AAAAA"}) {
    CAPTURE(bad);
    CHECK(!from_base64url(bad));
  }
}

TEST_CASE("of all bytes only those of the alphabet are accepted") {
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    const bool known =
        (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    CAPTURE(byte);
    CHECK((from_base64url(std::string("AAA") + c).has_value() == known));
    CHECK((from_base64url(c + std::string("AAA")).has_value() == known));
  }
}

}  // namespace souk
