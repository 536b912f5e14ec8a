#include "gateway/guest_token.hpp"

#include "privacy/base64url.hpp"

namespace souk {
namespace {

constexpr std::size_t kTokenBytes = 32;

void append_bytes(std::string& bytes, std::uint64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(value >> shift));
}

}  // namespace

std::string make_cart_token() {
  std::string bytes;
  for (const Id128& id : {random_id(), random_id()}) {
    append_bytes(bytes, id.high);
    append_bytes(bytes, id.low);
  }
  return base64url(bytes);
}

std::optional<CartId> cart_of_token(const KeyedHash& hash, std::string_view token) {
  const auto bytes = from_base64url(token);
  if (!bytes || bytes->size() != kTokenBytes) return std::nullopt;
  return CartId{hash.id({"guest_cart", *bytes})};
}

}  // namespace souk
