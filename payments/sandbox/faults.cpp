#include "payments/sandbox/faults.hpp"

#include <algorithm>

namespace souk::sandbox {

bool has(const Faults& faults, Fault fault) {
  return std::ranges::find(faults, fault) != faults.end();
}

std::optional<Faults> parse_faults(std::string_view text) {
  Faults faults;
  while (!text.empty()) {
    const auto end = std::min(text.find(','), text.size());
    auto name = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    while (name.starts_with(' ')) name.remove_prefix(1);
    while (name.ends_with(' ')) name.remove_suffix(1);
    const auto& names = EnumNames<Fault>::values;
    const auto found = std::ranges::find(names, name);
    if (found == names.end()) return std::nullopt;
    faults.push_back(static_cast<Fault>(found - names.begin()));
  }
  return faults;
}

}  // namespace souk::sandbox
