#include "gateway/guest_token.hpp"

#include <algorithm>

#include "privacy/base64url.hpp"

namespace souk {
namespace {

constexpr std::size_t kTokenBytes = 32;

void append_bytes(std::string& bytes, std::uint64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(value >> shift));
}

bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool has_form_of_uuid(std::string_view key) {
  constexpr std::string_view kForm = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  return std::ranges::equal(key, kForm, [](char c, char form) { return form == 'x' ? is_hex(c) : c == form; });
}

}  // namespace

bool is_unguessable_key(std::string_view key) {
  if (!has_form_of_uuid(key)) return false;
  // Of the other versions a time and a machine, or a name, are all that there is to guess.
  const bool has_variant = std::string_view("89abAB").find(key[19]) != std::string_view::npos;
  return has_variant && (key[14] == '4' || key[14] == '7');
}

std::string make_cart_token() {
  return cart_token_of(random_id(), random_id());
}

std::string cart_token_of(const Id128& first, const Id128& second) {
  std::string bytes;
  for (const Id128& id : {first, second}) {
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
