/// What people tell of themselves. Only ever stored sealed, as `Personal<Profile>`.
///
/// Errors of `validate`: kInvalid "account.description_invalid", "account.avatar_invalid".
#pragma once

#include <string>

#include "engine/base/codec.hpp"

namespace souk::account {

enum class Sex : std::uint8_t { kUnknown, kMale, kFemale };

}  // namespace souk::account

template <>
struct souk::EnumNames<souk::account::Sex> {
  static constexpr std::array<std::string_view, 3> values{"unknown", "male", "female"};
};

namespace souk::account {

inline constexpr std::size_t kDescriptionSizeMax = 1'000;
inline constexpr std::size_t kAvatarBytesMax = 2'048;

/// Limits: a description has at most 1,000 characters; an avatar is empty or an http or https URL of at most 2,048
/// bytes.
struct Profile {
  Sex sex = Sex::kUnknown;
  std::string description;
  std::string avatar;

  static constexpr auto fields() {
    return field_list(defaulted("sex", &Profile::sex), defaulted("description", &Profile::description),
                      defaulted("avatar", &Profile::avatar));
  }
  friend bool operator==(const Profile&, const Profile&) = default;
};

Result<void> validate(const Profile& profile);

}  // namespace souk::account
