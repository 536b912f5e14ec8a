#include "eventstore/record_text.hpp"

#include <array>

#include "engine/base/personal.hpp"

namespace souk {

namespace {

constexpr std::array<std::string_view, 4> kCauses{"request", "effect", "timer", "call"};

const std::string& marker() {
  static const std::string kMarker = '"' + std::string(Secret<int>::kPrefix);
  return kMarker;
}

}  // namespace

std::string_view name_of(Cause cause) {
  return kCauses[static_cast<std::size_t>(cause)];
}

bool may_hold_secret(std::string_view payload) {
  // Without the quote before it: there are so many of them that looking at each takes a while.
  return payload.find(Secret<int>::kPrefix) != std::string_view::npos;
}

std::string without_secrets(std::string_view payload) {
  std::string out;
  std::size_t from = 0;
  for (auto at = payload.find(marker()); at != std::string_view::npos; at = payload.find(marker(), from)) {
    out.append(payload.substr(from, at - from)).append("\"secret\"");
    from = payload.find('"', at + marker().size()) + 1;
  }
  return out.append(payload.substr(from));
}

}  // namespace souk
