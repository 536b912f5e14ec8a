#include "privacy/canonical_name.hpp"

#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

#include <array>

namespace souk {
namespace {

/// Compatibility forms grow: one code point may become 18.
constexpr std::size_t kUnitsMax = kNameBytesMax * 18;

tl::unexpected<Error> invalid(std::string what) {
  return fail(ErrorCode::kInvalid, "name.invalid", std::move(what));
}

/// A later Unicode may fold what is unassigned today, and then a stored claim would no longer be found.
bool all_assigned(const UChar* text, std::int32_t size) {
  for (std::int32_t i = 0; i < size;) {
    UChar32 c = 0;
    U16_NEXT(text, i, size, c);
    if (u_charType(c) == U_UNASSIGNED) return false;
  }
  return true;
}

}  // namespace

Result<std::string> canonical_name(std::string_view name) {
  if (name.size() > kNameBytesMax) return invalid("a name has at most 1,024 bytes");
  UErrorCode error = U_ZERO_ERROR;
  const UNormalizer2* folding = unorm2_getNFKCCasefoldInstance(&error);
  if (U_FAILURE(error) != 0) return fail(ErrorCode::kInternal, "name.unavailable", u_errorName(error));

  std::array<UChar, kNameBytesMax> wide{};
  std::int32_t wide_size = 0;
  u_strFromUTF8(wide.data(), static_cast<std::int32_t>(wide.size()), &wide_size, name.data(),
                static_cast<std::int32_t>(name.size()), &error);
  if (U_FAILURE(error) != 0) return invalid("a name is UTF-8 text");
  if (!all_assigned(wide.data(), wide_size)) return invalid("a name has no unassigned characters");

  std::u16string folded(kUnitsMax, u'\0');
  error = U_ZERO_ERROR;
  const std::int32_t folded_size = unorm2_normalize(folding, wide.data(), wide_size, folded.data(),
                                                    static_cast<std::int32_t>(folded.size()), &error);
  if (U_FAILURE(error) != 0) return invalid("a name cannot be folded");

  std::string out(static_cast<std::size_t>(folded_size) * 3, '\0');
  std::int32_t out_size = 0;
  error = U_ZERO_ERROR;
  u_strToUTF8(out.data(), static_cast<std::int32_t>(out.size()), &out_size, folded.data(), folded_size, &error);
  if (U_FAILURE(error) != 0) return invalid("a name cannot be folded");
  out.resize(static_cast<std::size_t>(out_size));
  if (out.empty()) return invalid("a name has at least one visible character");
  if (out.size() > kNameBytesMax) return invalid("a name has at most 1,024 bytes when folded");
  return out;
}

ClaimId claim_id(const KeyedHash& claims, NameKind kind, std::string_view canonical) {
  const std::string_view kind_name = kind == NameKind::kUsername ? "username" : "email";
  return {claims.id({"claim", kind_name, canonical})};
}

}  // namespace souk
