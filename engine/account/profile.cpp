#include "engine/account/profile.hpp"

#include <algorithm>

#include "engine/base/utf8.hpp"

namespace souk::account {
namespace {

/// What an attribute of a page can hold as it stands: no spaces, quotes, brackets or control characters.
bool is_web_address(std::string_view text) {
  const std::size_t scheme = text.starts_with("https://") ? 8 : (text.starts_with("http://") ? 7 : 0);
  if (scheme == 0 || text.size() == scheme || text.size() > kAvatarBytesMax) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return c > ' ' && c < '\x7f' && std::string_view("\"'<>\\^`{|}").find(c) == std::string_view::npos;
  });
}

}  // namespace

Result<void> validate(const Profile& profile) {
  if (!is_prose_of(profile.description, 0, kDescriptionSizeMax)) {
    return fail(ErrorCode::kInvalid, "account.description_invalid", "a description has at most 1,000 characters");
  }
  if (!profile.avatar.empty() && !is_web_address(profile.avatar)) {
    return fail(ErrorCode::kInvalid, "account.avatar_invalid",
                "an avatar is the http or https address of a picture, of at most 2,048 characters");
  }
  return {};
}

}  // namespace souk::account
