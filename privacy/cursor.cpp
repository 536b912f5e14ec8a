#include "privacy/cursor.hpp"

#include <sodium.h>

#include <cstring>

#include "privacy/base64url.hpp"

namespace souk {
namespace {

constexpr std::size_t kNonceSize = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTagSize = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr std::size_t kTextSizeMax = 4096;
constexpr char kCursorContext[9] = "souk-cur";
constexpr char kPositionContext[9] = "souk-pos";

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

template <class Integer>
void put(std::string& out, Integer value) {
  for (int shift = (sizeof(Integer) - 1) * 8; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>(static_cast<std::uint8_t>(value >> shift)));
  }
}
template <class Integer>
Integer get(std::string_view bytes) {
  Integer value = 0;
  for (std::size_t i = 0; i < sizeof(Integer); ++i) {
    value = static_cast<Integer>((value << 8) | static_cast<std::uint8_t>(bytes[i]));
  }
  return value;
}

}  // namespace

Cursors::Cursors(const Key256& key) : key_(key.derive(1, kCursorContext)), nonces_(key.derive(2, kCursorContext)) {}

std::string Cursors::seal(std::string_view scope, std::string_view payload) const {
  // A nonce made of what is sealed repeats only with the very same text, which then comes out the same: a list
  // answered twice is the same bytes.
  const auto first = nonces_.fingerprint({scope, payload});
  std::string box(reinterpret_cast<const char*>(first.data()), first.size());
  box.resize(kNonceSize + payload.size() + kTagSize, '\0');
  auto* out = reinterpret_cast<unsigned char*>(box.data());
  crypto_aead_xchacha20poly1305_ietf_encrypt(out + kNonceSize, nullptr, bytes_of(payload), payload.size(),
                                             bytes_of(scope), scope.size(), nullptr, out, key_.data());
  // The rest of the nonce is zero always and need not travel.
  box.erase(first.size(), kNonceSize - first.size());
  return base64url(box);
}

Result<std::string> Cursors::open(std::string_view scope, std::string_view text) const {
  constexpr std::size_t kSent = 16;
  const auto invalid = [] {
    return fail(ErrorCode::kInvalid, "cursor.invalid", "this cursor is not one of this list");
  };
  if (text.size() > kTextSizeMax) return invalid();
  const auto box = from_base64url(text);
  if (!box || box->size() < kSent + kTagSize) return invalid();
  std::array<unsigned char, kNonceSize> nonce{};
  std::memcpy(nonce.data(), box->data(), kSent);
  std::string payload(box->size() - kSent - kTagSize, '\0');
  const int failed = crypto_aead_xchacha20poly1305_ietf_decrypt(
      reinterpret_cast<unsigned char*>(payload.data()), nullptr, nullptr, bytes_of(*box) + kSent, box->size() - kSent,
      bytes_of(scope), scope.size(), nonce.data(), key_.data());
  if (failed != 0) return invalid();
  return payload;
}

PositionTokens::PositionTokens(const Key256& key, const Id128& log_id) {
  static_assert(sizeof(key_) == crypto_shorthash_KEYBYTES);
  key_ = KeyedHash(key.derive(1, kPositionContext)).fingerprint({"position", log_id.str()});
}

std::uint64_t PositionTokens::tag_of(std::string_view bytes) const {
  std::array<unsigned char, crypto_shorthash_BYTES> tag{};
  crypto_shorthash(tag.data(), bytes_of(bytes), bytes.size(), key_.data());
  return get<std::uint64_t>({reinterpret_cast<const char*>(tag.data()), tag.size()});
}

std::string PositionTokens::text(const LogPosition& at) const {
  std::string bytes;
  put<std::uint8_t>(bytes, 1);  // the form of the token
  put(bytes, at.epoch);
  put(bytes, at.position.value);
  put(bytes, tag_of(bytes));
  return base64url(bytes);
}

Result<LogPosition> PositionTokens::parse(std::string_view text) const {
  const auto invalid = [] {
    return fail(ErrorCode::kInvalid, "position.invalid", "this Souk-Position was not given out by this server");
  };
  if (text.size() != kTextSize) return invalid();
  const auto bytes = from_base64url(text);
  if (!bytes) return invalid();
  const std::string_view view = *bytes;
  if (view[0] != 1 || get<std::uint64_t>(view.substr(13)) != tag_of(view.substr(0, 13))) return invalid();
  return LogPosition{get<std::uint32_t>(view.substr(1)), Position{get<std::uint64_t>(view.substr(5))}};
}

}  // namespace souk
