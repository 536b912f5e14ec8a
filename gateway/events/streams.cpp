#include "gateway/events/streams.hpp"

#include <string>

namespace souk {

Result<std::unique_ptr<EventStreams::Place>> EventStreams::take_place(const Principal& principal, MayFollow may_follow) {
  const std::lock_guard lock(mutex_);
  if (size_ >= limits_.all_max) {
    return fail(ErrorCode::kUnavailable, "events.too_many_streams", "every stream there may be is open");
  }
  const auto own = places_.find(principal.account);
  if (own != places_.end() && own->second.size() >= limits_.per_account_max) {
    return fail(ErrorCode::kTooMany, "events.too_many_streams_of_account",
                "an account may have " + std::to_string(limits_.per_account_max) + " streams open");
  }
  auto place = std::make_unique<Place>(*this, principal, std::move(may_follow));
  places_[principal.account].insert(place.get());
  ++size_;
  return place;
}

void EventStreams::give_back(Place& place) {
  const std::lock_guard lock(mutex_);
  const auto own = places_.find(place.principal_.account);
  own->second.erase(&place);
  if (own->second.empty()) places_.erase(own);
  --size_;
}

template <class IsOver>
void EventStreams::make_void(const Places& places, const IsOver& is_over, Ending& ending) {
  for (auto* place : places) {
    if (!is_over(*place)) continue;
    place->is_void_ = true;
    if (place->stream_) ending.push_back(place->stream_);
  }
}

void EventStreams::end_void(AccountId account, const IsVoid& is_void) {
  Ending ending;
  {
    const std::lock_guard lock(mutex_);
    const auto own = places_.find(account);
    if (own == places_.end()) return;
    make_void(own->second, [&](const Place& place) { return is_void(place.principal_); }, ending);
  }
  for (const auto& stream : ending) stream->end();
}

void EventStreams::end_void(const IsVoid& is_void) {
  Ending ending;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [account, places] : places_) {
      make_void(places, [&](const Place& place) { return is_void(place.principal_); }, ending);
    }
  }
  for (const auto& stream : ending) stream->end();
}

void EventStreams::end_denied() {
  Ending ending;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [account, places] : places_) {
      make_void(places, [](const Place& place) { return !place.may_follow_(); }, ending);
    }
  }
  for (const auto& stream : ending) stream->end();
}

std::size_t EventStreams::size() const {
  const std::lock_guard lock(mutex_);
  return size_;
}

void EventStreams::Place::hold(http::StreamPtr stream) {
  bool is_void = false;
  {
    const std::lock_guard lock(streams_.mutex_);
    stream_ = stream;
    is_void = is_void_;
  }
  if (is_void) stream->end();
}

}  // namespace souk
