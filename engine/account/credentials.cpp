#include "engine/account/credentials.hpp"

#include <algorithm>

#include "engine/base/utf8.hpp"

namespace souk::account {
namespace {

bool is_ascii_graphic(char c) {
  return c > ' ' && c < '\x7f';
}

/// Spaces that are no control characters: the ordinary one, no-break, the U+2000 block's, and the ideographic one.
bool has_space(std::string_view text) {
  if (text.find(' ') != std::string_view::npos) return true;
  constexpr std::string_view kSpaces[] = {"\xC2\xA0",     "\xE1\x9A\x80", "\xE2\x80\xA8", "\xE2\x80\xA9",
                                          "\xE2\x80\xAF", "\xE2\x81\x9F", "\xE3\x80\x80"};
  for (const auto space : kSpaces) {
    if (text.find(space) != std::string_view::npos) return true;
  }
  for (auto at = text.find("\xE2\x80"); at != std::string_view::npos; at = text.find("\xE2\x80", at + 1)) {
    // U+2000 to U+200A are spaces of various widths, U+200B to U+200F cannot be seen at all.
    if (at + 2 < text.size() && static_cast<unsigned char>(text[at + 2]) <= 0x8F) return true;
  }
  return false;
}

bool is_domain(std::string_view domain) {
  const auto dot = domain.find('.');
  if (dot == std::string_view::npos || domain.front() == '.' || domain.back() == '.') return false;
  if (domain.find("..") != std::string_view::npos) return false;
  return domain.find_first_of("<>()[]\\,;:\"") == std::string_view::npos;
}

}  // namespace

Result<void> validate_username(std::string_view username) {
  if (is_line_of(username, kUsernameSizeMin, kUsernameSizeMax) && !has_space(username)) return {};
  return fail(ErrorCode::kInvalid, "account.username_invalid", "a user name has 3 to 64 characters and no spaces");
}

Result<void> validate_email(std::string_view email) {
  const auto refuse = [] {
    return fail(ErrorCode::kInvalid, "account.email_invalid", "an e-mail address looks like name@example.org");
  };
  if (email.size() > kEmailBytesMax) return refuse();
  const auto at = email.find('@');
  if (at == std::string_view::npos || at == 0 || at + 1 == email.size()) return refuse();
  if (email.find('@', at + 1) != std::string_view::npos) return refuse();
  if (!is_line_of(email, 1, kEmailBytesMax) || has_space(email)) return refuse();
  // Names in other scripts are fine on both sides, but what is ASCII must be visible.
  const bool visible = std::all_of(email.begin(), email.end(),
                                   [](char c) { return static_cast<unsigned char>(c) >= 0x80 || is_ascii_graphic(c); });
  if (!visible || !is_domain(email.substr(at + 1))) return refuse();
  return {};
}

Result<void> validate_password(std::string_view password) {
  const bool fits = password.size() >= kPasswordBytesMin && password.size() <= kPasswordBytesMax;
  if (fits && password.find('\0') == std::string_view::npos && count_code_points(password)) return {};
  return fail(ErrorCode::kInvalid, "account.password_invalid", "a password has 8 to 128 bytes");
}

Result<void> validate_ban_reason(std::string_view reason) {
  if (is_line_of(reason, 1, kBanReasonSizeMax)) return {};
  return fail(ErrorCode::kInvalid, "account.ban_reason_invalid", "a reason is a line of 1 to 500 characters");
}

}  // namespace souk::account
