#include "engine/base/stream_id.hpp"

#include <cassert>

namespace souk {
namespace {

bool is_kind(std::string_view kind) {
  if (kind.empty() || kind.size() > StreamId::kKindSizeMax) return false;
  for (const char c : kind) {
    if ((c < 'a' || c > 'z') && c != '_') return false;
  }
  return true;
}

}  // namespace

StreamId::StreamId(std::string_view kind, const Id128& id) {
  assert(is_kind(kind));
  const auto id_text = id.text();
  std::memcpy(text_, kind.data(), kind.size());
  text_[kind.size()] = '-';
  std::memcpy(text_ + kind.size() + 1, id_text.data(), id_text.size());
  size_ = static_cast<std::uint8_t>(kind.size() + 1 + id_text.size());
}

std::optional<StreamId> StreamId::parse(std::string_view text) {
  const auto dash = text.find('-');
  if (dash == std::string_view::npos || !is_kind(text.substr(0, dash))) return std::nullopt;
  const auto id = Id128::parse(text.substr(dash + 1));
  if (!id) return std::nullopt;
  return StreamId(text.substr(0, dash), *id);
}

std::string_view StreamId::kind() const {
  return empty() ? std::string_view{} : std::string_view{text_, size_ - Id128::kTextSize - 1};
}

Id128 StreamId::id() const {
  if (empty()) return {};
  return Id128::parse({text_ + size_ - Id128::kTextSize, Id128::kTextSize}).value_or(Id128{});
}

std::uint16_t StreamId::slot() const {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : text()) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  }
  return static_cast<std::uint16_t>(hash % 4096);
}

}  // namespace souk
