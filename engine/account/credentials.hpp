/// What user names, e-mail addresses, passwords and reasons of bans may look like. Checked in the clear, before
/// anything is sealed.
///
/// Limits: a user name has 3 to 64 characters without spaces; an e-mail at most 254 bytes; a password 8 to 128 bytes; a
/// reason 1 to 500 characters.
/// Errors: kInvalid "account.username_invalid", "account.email_invalid", "account.password_invalid",
/// "account.ban_reason_invalid".
#pragma once

#include <string_view>

#include "engine/base/result.hpp"

namespace souk::account {

inline constexpr std::size_t kUsernameSizeMin = 3;
inline constexpr std::size_t kUsernameSizeMax = 64;
inline constexpr std::size_t kEmailBytesMax = 254;
inline constexpr std::size_t kPasswordBytesMin = 8;
inline constexpr std::size_t kPasswordBytesMax = 128;
inline constexpr std::size_t kBanReasonSizeMax = 500;

Result<void> validate_username(std::string_view username);
/// Pragmatic: one '@', something before it, a dot inside the domain. Only a mail that arrives proves an address.
Result<void> validate_email(std::string_view email);
Result<void> validate_password(std::string_view password);
Result<void> validate_ban_reason(std::string_view reason);

}  // namespace souk::account
