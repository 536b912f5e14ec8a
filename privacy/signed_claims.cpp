#include "privacy/signed_claims.hpp"

#include <jwt.h>

#include <cstdlib>
#include <memory>

#include "privacy/base64url.hpp"

namespace souk {

namespace {

constexpr std::size_t kSignatureBytes = 32;

struct Freed {
  void operator()(jwt_t* jwt) const { jwt_free(jwt); }
  void operator()(char* text) const { std::free(text); }
};

}  // namespace

ClaimsSigner::ClaimsSigner(const Key256& key, const std::string& key_id) : key_(key), key_id_(key_id) {
  const std::string any = sign("{}");
  header_ = any.substr(0, any.find('.') + 1);
}

std::string ClaimsSigner::sign(const std::string& claims) const {
  jwt_t* made = nullptr;
  if (jwt_new(&made) != 0) std::abort();
  const std::unique_ptr<jwt_t, Freed> jwt(made);
  const bool is_set = jwt_set_alg(jwt.get(), JWT_ALG_HS256, key_.data(), static_cast<int>(Key256::kSize)) == 0 &&
                      jwt_add_header(jwt.get(), "kid", key_id_.c_str()) == 0 &&
                      jwt_add_grants_json(jwt.get(), claims.c_str()) == 0;
  const std::unique_ptr<char, Freed> text(is_set ? jwt_encode_str(jwt.get()) : nullptr);
  // Only memory can be short, or the claims be no JSON, which is our bug.
  if (!text) std::abort();
  return text.get();
}

std::optional<ClaimsSigner::Opened> ClaimsSigner::open(std::string_view token) const {
  if (token.size() > kTextSizeMax || !token.starts_with(header_)) return std::nullopt;
  const auto rest = token.substr(header_.size());
  const auto dot = rest.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  auto claims = from_base64url(rest.substr(0, dot));
  const auto signature = from_base64url(rest.substr(dot + 1));
  if (!claims || !signature || signature->size() != kSignatureBytes) return std::nullopt;
  jwt_t* read = nullptr;
  const bool is_signed =
      jwt_decode(&read, std::string(token).c_str(), key_.data(), static_cast<int>(Key256::kSize)) == 0;
  const std::unique_ptr<jwt_t, Freed> jwt(read);
  return Opened{std::move(*claims), is_signed && jwt_get_alg(jwt.get()) == JWT_ALG_HS256, key_id_};
}

}  // namespace souk
