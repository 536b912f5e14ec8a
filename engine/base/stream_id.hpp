/// The name of one entity's stream of events: its kind and its id, such as "order-01h…".
#pragma once

#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <string_view>

#include "engine/base/id.hpp"

namespace souk {

/// Held inline and trivially copyable, for it is copied with every message and every record.
/// Limits: a kind has 1 to 20 characters of a–z and '_'.
class StreamId {
 public:
  static constexpr std::size_t kKindSizeMax = 20;

  StreamId() = default;
  StreamId(std::string_view kind, const Id128& id);

  static std::optional<StreamId> parse(std::string_view text);

  [[nodiscard]] std::string_view text() const { return {text_, size_}; }
  [[nodiscard]] std::string_view kind() const;
  [[nodiscard]] Id128 id() const;
  [[nodiscard]] bool empty() const { return size_ == 0; }

  /// The virtual slot that will decide which partition owns the stream. Frozen: FNV-1a of the text mod 4,096.
  [[nodiscard]] std::uint16_t slot() const;

  friend bool operator==(const StreamId& a, const StreamId& b) { return a.text() == b.text(); }
  friend auto operator<=>(const StreamId& a, const StreamId& b) { return a.text() <=> b.text(); }

 private:
  std::uint8_t size_ = 0;
  char text_[kKindSizeMax + 1 + Id128::kTextSize] = {};
};

}  // namespace souk

template <>
struct std::hash<souk::StreamId> {
  std::size_t operator()(const souk::StreamId& id) const noexcept { return std::hash<std::string_view>{}(id.text()); }
};
