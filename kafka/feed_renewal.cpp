#include <algorithm>
#include <utility>

#include "kafka/feed_target.hpp"

namespace souk::kafka {

namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kRenewMin{100};
constexpr std::chrono::milliseconds kRenewMax{10'000};
constexpr std::chrono::milliseconds kTryAgain{3'000};
/// Where everything of a topic is parked.
constexpr std::chrono::milliseconds kTopicPause{30'000};

}  // namespace

Result<void> FeedTarget::renew() {
  producer_.reset();
  std::string topic;
  {
    const std::lock_guard lock(mutex_);
    if (refusal_ && refusal_->is_topics_fault) topic = topic_of(refusal_->stream);
    const bool is_found = refusal_ && window_.is_alone();
    if (is_found) note_refusal();
    vain_renewals_ = is_found || held() > held_at_renewal_ ? 0 : vain_renewals_ + 1;
    held_at_renewal_ = held();
    renewed_at_ = SteadyClock::now();
    window_.narrow(refusal_.has_value());
    refusal_.reset();
    entries_.clear();
    bytes_ = 0;
    parking_.clear();
    for (const auto& record : to_park_) ++parking_[record->stream];
    accepted_ = held();
    options_.figures->in_flight_events = 0;
    options_.figures->in_flight_bytes = 0;
  }
  ++options_.figures->renewed;
  auto made = make_producer();
  // librdkafka looks half a minute for a topic that is not there: once is enough.
  if (made && !topic.empty()) {
    if (auto refusal = producer_->topic_refusal(topic, kAskTopic)) {
      refused_topics_.insert_or_assign(topic, Refused{std::move(*refusal), SteadyClock::now()});
    }
  }
  return made;
}

Result<void> FeedTarget::reload() {
  auto read = store_.reload();
  if (!read) return read;
  if (!producer_) return renew();
  const auto failed = producer_->failed();
  if (!failed) return {};
  if (SteadyClock::now() < renewed_at_ + pause_before_renewal()) return tl::unexpected<Error>(*failed);
  return renew();
}

bool FeedTarget::await_turn(SteadyClock::time_point end) {
  std::unique_lock lock(mutex_);
  if (window_.take_one()) return true;
  drop_done();  // what waits to be parked is not under way
  answered_.wait_until(lock, end, [this] { return entries_.empty() || producer_->failed(); });
  if (!entries_.empty()) return false;
  window_.open_next();
  return window_.take_one();
}

void FeedTarget::note_refusal() {
  Refused refused{refusal_->error, SteadyClock::now()};
  if (refusal_->is_topics_fault) {
    refused_topics_.insert_or_assign(topic_of(refusal_->stream), std::move(refused));
  } else {
    refused_.insert_or_assign(refusal_->position, std::move(refused));
  }
}

std::chrono::milliseconds FeedTarget::pause_before_renewal() const {
  if (vain_renewals_ == 0) return std::chrono::milliseconds(0);
  return std::min(kRenewMax, kRenewMin * (1U << std::min(vain_renewals_ - 1, 10U)));
}

std::optional<Error> FeedTarget::known_refusal(const EventRecord& record, OnPoison policy) {
  if (const auto found = refused_.find(record.position); found != refused_.end()) return found->second.error;
  if (refused_topics_.empty()) return std::nullopt;
  const auto& topic = topic_of(record.stream);
  const auto found = refused_topics_.find(topic);
  if (found == refused_topics_.end()) return std::nullopt;
  auto& [error, at] = found->second;
  const auto now = SteadyClock::now();
  if (now < at + (policy == OnPoison::kPark ? kTopicPause : kTryAgain)) return error;
  if (auto refusal = producer_->topic_refusal(topic, kAskTopic)) {
    error = std::move(*refusal);
    at = now;
    return error;
  }
  refused_topics_.erase(found);
  window_.narrow(false);  // it may be there, and not to be written to
  return std::nullopt;
}

void FeedTarget::forget_refusal(const EventRecord& record, OnPoison policy) {
  const auto found = refused_.find(record.position);
  if (policy == OnPoison::kStop && refused_topics_.erase(topic_of(record.stream)) > 0) window_.narrow(false);
  if (found == refused_.end()) return;
  // Each try costs a producer.
  if (policy == OnPoison::kStop || SteadyClock::now() > found->second.at + kTryAgain) refused_.erase(found);
}

}  // namespace souk::kafka
