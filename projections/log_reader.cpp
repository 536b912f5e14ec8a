#include "projections/log_reader.hpp"

#include <algorithm>
#include <utility>

namespace souk {

namespace {

constexpr std::uint64_t kChunkEvents = 5'000;

}  // namespace

Result<LogReader::Read> LogReader::read(Position after, std::size_t limit) {
  const std::uint64_t number = after.value / kChunkEvents;
  const std::uint64_t end = (number + 1) * kChunkEvents;
  if (log_.head(Visibility::kDurable).value < end) {
    auto records = log_.read(after, limit, Visibility::kDurable);
    if (!records) return tl::unexpected<Error>(std::move(records.error()));
    const auto size = records->size();
    return Read{std::make_shared<const std::vector<RecordPtr>>(std::move(*records)), 0, size};
  }
  auto& slot = slots_[number % slots_.size()];
  const std::lock_guard lock(slot.reading);
  if (slot.number != number || !slot.chunk) {
    auto records = log_.read(Position{number * kChunkEvents}, kChunkEvents, Visibility::kDurable);
    if (!records) return tl::unexpected<Error>(std::move(records.error()));
    slot.number = number;
    slot.chunk = std::make_shared<const std::vector<RecordPtr>>(std::move(*records));
  }
  const auto begin = static_cast<std::size_t>(after.value % kChunkEvents);
  return Read{slot.chunk, begin, std::min(slot.chunk->size(), begin + limit)};
}

}  // namespace souk
