#include "projections/log_reader.hpp"

#include <algorithm>
#include <utility>

namespace souk {

namespace {

constexpr std::uint64_t kChunkEvents = 5'000;
/// Whoever is further behind than so many chunks has to read by himself anyway.
constexpr std::uint64_t kCloseChunks = 8;

}  // namespace

std::shared_ptr<LogReader::Seat> LogReader::take_seat() {
  auto seat = std::make_shared<Seat>();
  const std::lock_guard lock(mutex_);
  std::erase_if(seats_, [](const auto& one) { return one.expired(); });
  seats_.push_back(seat);
  return seat;
}

Result<LogReader::Read> LogReader::read(Seat& seat, Position after, std::size_t limit) {
  const std::uint64_t number = after.value / kChunkEvents;
  const std::uint64_t end = (number + 1) * kChunkEvents;
  if (log_.head(Visibility::kDurable).value < end) {
    move(seat, Seat::kNowhere);
    auto records = log_.read(after, limit, Visibility::kDurable);
    if (!records) return tl::unexpected<Error>(std::move(records.error()));
    const auto size = records->size();
    return Read{std::make_shared<const std::vector<RecordPtr>>(std::move(*records)), 0, size};
  }
  move(seat, number);
  auto& slot = slots_[number % slots_.size()];
  std::unique_lock lock(slot.reading);
  if (slot.chunk && slot.number < number) {
    lock.unlock();
    wait_for_those_behind(number);
    lock.lock();
  }
  if (slot.number != number || !slot.chunk) {
    auto records = log_.read(Position{number * kChunkEvents}, kChunkEvents, Visibility::kDurable);
    if (!records) return tl::unexpected<Error>(std::move(records.error()));
    slot.number = number;
    slot.chunk = std::make_shared<const std::vector<RecordPtr>>(std::move(*records));
  }
  const auto begin = static_cast<std::size_t>(after.value % kChunkEvents);
  return Read{slot.chunk, begin, std::min(slot.chunk->size(), begin + limit)};
}

void LogReader::move(Seat& seat, std::uint64_t chunk) {
  {
    const std::lock_guard lock(mutex_);
    seat.read_at = std::chrono::steady_clock::now();
    if (std::exchange(seat.chunk, chunk) == chunk) return;
  }
  moved_.notify_all();
}

/// Those who have not come to, or are still in, the chunk that would be dropped for this one.
bool LogReader::is_somebody_behind(std::uint64_t chunk) {
  const auto now = std::chrono::steady_clock::now();
  return std::ranges::any_of(seats_, [&](const auto& one) {
    const auto seat = one.lock();
    if (!seat || seat->chunk >= chunk) return false;
    const auto behind = chunk - seat->chunk;
    return behind >= slots_.size() && behind <= kCloseChunks && now - seat->read_at < patience_.active;
  });
}

void LogReader::wait_for_those_behind(std::uint64_t chunk) {
  std::unique_lock lock(mutex_);
  moved_.wait_for(lock, patience_.longest, [&] { return !is_somebody_behind(chunk); });
}

}  // namespace souk
