#include "privacy/one_time_token.hpp"

#include "privacy/base64url.hpp"

namespace souk {
namespace {

std::string text_of(const std::array<std::uint8_t, 16>& bytes) {
  return base64url({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

}  // namespace

std::string OneTimeTokens::text(AccountId account, const Id128& message) const {
  const std::string person = account.str();
  return person + "." + text_of(hash_.fingerprint({"one-time token", person, message.str()}));
}

std::string OneTimeTokens::hash_of(std::string_view text) const {
  return text_of(hash_.fingerprint({"hash of a one-time token", text}));
}

std::optional<AccountId> OneTimeTokens::account_of(std::string_view text) {
  if (text.size() != kTextSize || text[Id128::kTextSize] != '.') return std::nullopt;
  const auto account = AccountId::parse(text.substr(0, Id128::kTextSize));
  if (!account || account->empty() || !from_base64url(text.substr(Id128::kTextSize + 1))) return std::nullopt;
  return account;
}

}  // namespace souk
