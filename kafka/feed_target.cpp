#include "kafka/feed_target.hpp"

#include <algorithm>
#include <utility>

#include "eventstore/record_text.hpp"
#include "kafka/feed_destination.hpp"

namespace souk::kafka {

namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kWriteDownEvery{200};
constexpr std::chrono::milliseconds kFinish{2'000};
constexpr std::chrono::milliseconds kTurn{500};
constexpr std::chrono::milliseconds kAskCluster{100};
constexpr std::chrono::milliseconds kRetryOne{3'000};
constexpr std::chrono::milliseconds kRetryDrain{2'000};

/// What librdkafka and we need for a message, besides its texts, and for each header; rounded up.
constexpr std::size_t kMessageBytes = 512 + sizeof(EventRecord);
constexpr std::size_t kHeaderBytes = 80;

template <class T>
bool holds(const std::vector<T>& some, std::string_view one) {
  return some.empty() || std::ranges::find(some, one) != some.end();
}

/// In place, for there are many of them.
void fill(OutboundMessage& message, const EventRecord& record) {
  message.key = record.stream.text();
  message.timestamp_ms = record.recorded_at.us / 1'000;
  auto& headers = message.headers;
  headers.clear();
  headers.emplace_back("position", std::to_string(record.position.value));
  headers.emplace_back("epoch", std::to_string(record.epoch));
  headers.emplace_back("version", std::to_string(record.version.value));
  headers.emplace_back("type", record.type);
  headers.emplace_back("schema", std::to_string(record.schema));
  headers.emplace_back("recorded_at", record.recorded_at.str());
  headers.emplace_back("event_id", record.event_id().str());
  headers.emplace_back("correlation", record.meta.correlation);
  headers.emplace_back("cause", name_of(record.meta.cause));
  if (record.meta.causation.value > 0) {
    headers.emplace_back("causation", std::to_string(record.meta.causation.value));
  }
}

ParkedEvent poison_of(const EventRecord& record, const Error& error, Time now) {
  return {record.position, record.stream, record.type, error.reason, error.detail, now};
}

/// Nobody shall be told to rebuild it.
tl::unexpected<Error> unusable(const std::string& path, Error error) {
  if (!error.reason.starts_with("projection.")) return tl::unexpected<Error>(std::move(error));
  if (error.reason == "projection.other_schema") error.detail = path + " is of another program";
  error.detail = error.detail.substr(0, error.detail.find("; rebuild it")) +
                 "; to send all events again, stop the server and remove the file with its -wal and -shm";
  return tl::unexpected<Error>(std::move(error));
}

}  // namespace

class FeedTarget::Judge final : public Projection {
 public:
  FeedTarget* target = nullptr;

  [[nodiscard]] std::string_view name() const override { return kName; }
  [[nodiscard]] std::uint32_t schema() const override { return 1; }
  [[nodiscard]] std::vector<std::string_view> kinds() const override { return {}; }
  Result<void> create_tables(sqlite::Database& /*db*/) override { return {}; }
  Result<void> apply(sqlite::Database& /*db*/, const EventRecord& record) override {
    const auto refused = target->refused_.find(record.position);
    if (refused != target->refused_.end()) return tl::unexpected<Error>(refused->second.error);
    return target->send_and_wait(record);
  }
};

Result<std::unique_ptr<FeedTarget>> FeedTarget::open(const EventLog& log, Clock& clock, FeedOptions options,
                                                     const std::string& path) {
  auto judge = std::make_unique<Judge>();
  ProjectionStore::OpenOptions file;
  file.path = path;
  file.keeps_other_schema = true;
  auto store =
      ProjectionStore::open(file, *judge, LogIdentity{log.log_id(), log.epoch()}, log.head(Visibility::kDurable));
  if (!store) return unusable(path, std::move(store.error()));
  auto checked = check_destination(path, options, store->checkpoint() == Position{});
  if (!checked) return tl::unexpected<Error>(std::move(checked.error()));
  std::unique_ptr<FeedTarget> target(
      new FeedTarget(clock, std::move(options), path, std::move(judge), std::move(*store)));
  target->judge_->target = target.get();
  auto made = target->make_producer();
  if (!made) return tl::unexpected<Error>(std::move(made.error()));
  return target;
}

FeedTarget::FeedTarget(Clock& clock, FeedOptions options, std::string path, std::unique_ptr<Judge> judge,
                       ProjectionStore store)
    : clock_(clock),
      options_(std::move(options)),
      path_(std::move(path)),
      judge_(std::move(judge)),
      store_(std::move(store)),
      window_(options_.in_flight_events_max),
      held_at_renewal_(store_.checkpoint()),
      accepted_(store_.checkpoint()),
      held_(accepted_.value) {}

FeedTarget::~FeedTarget() {
  producer_.reset();  // it reads what waits here
}

std::vector<std::string_view> FeedTarget::kinds() const {
  return {options_.kinds.begin(), options_.kinds.end()};
}

bool FeedTarget::wanted(const EventRecord& record) const {
  return holds(options_.kinds, record.stream.kind()) && holds(options_.types, record.type);
}

bool FeedTarget::is_parked(const StreamId& stream) const {
  if (store_.parked_count() > 0 && store_.is_parked(stream)) return true;
  const std::lock_guard lock(mutex_);
  return !parking_.empty() && parking_.contains(stream);
}

bool FeedTarget::is_full() const {
  return entries_.size() >= options_.in_flight_events_max || bytes_ >= options_.in_flight_bytes_max;
}

const std::string& FeedTarget::topic_of(const StreamId& stream) {
  const auto kind = stream.kind();
  const auto found = topics_.find(kind);
  if (found != topics_.end()) return found->second;
  return topics_.emplace(kind, options_.topic_prefix + std::string(kind)).first->second;
}

Result<void> FeedTarget::make_producer() {
  ProducerOptions options;
  options.client = options_.client;
  options.compression = options_.compression;
  options.linger_ms = options_.linger_ms;
  options.message_bytes_max = options_.message_bytes_max;
  options.on_answers = [this](const std::vector<Delivery>& answers) { answered(answers); };
  options.on_trouble = options_.on_trouble;
  auto made = Producer::open(std::move(options));
  if (!made) return tl::unexpected<Error>(std::move(made.error()));
  producer_ = std::move(*made);
  return {};
}

Result<bool> FeedTarget::knows_cluster(std::chrono::milliseconds longest) {
  if (is_cluster_known_) return true;
  const auto cluster = producer_->cluster(longest);
  if (!cluster) return false;
  auto checked = check_cluster(path_, *cluster);
  if (!checked) return tl::unexpected<Error>(std::move(checked.error()));
  is_cluster_known_ = true;
  return true;
}

Result<std::size_t> FeedTarget::room() {
  if (!producer_) return fail(ErrorCode::kUnavailable, "kafka.failed", "there is no producer");
  if (const auto failed = producer_->failed()) return tl::unexpected<Error>(*failed);
  auto written = write_down(false);
  if (!written) return tl::unexpected<Error>(std::move(written.error()));
  const auto is_known = knows_cluster(kAskCluster);
  if (!is_known) return tl::unexpected<Error>(is_known.error());
  const auto unreachable = producer_->unreachable();
  const std::lock_guard lock(mutex_);
  if (entries_.empty() && *is_known) return options_.in_flight_events_max;
  if (unreachable) return fail(ErrorCode::kUnavailable, "kafka.unreachable", *unreachable);
  // Not for each one that is acknowledged: reading the log has its price, too.
  const auto free = options_.in_flight_events_max - std::min(entries_.size(), options_.in_flight_events_max);
  if (!*is_known || window_.is_on() || is_full() || free < options_.in_flight_events_max / 4) return 0;
  return free;
}

Result<FollowerTarget::Taken> FeedTarget::take(const std::vector<RecordPtr>& records, Position upto, OnPoison policy,
                                               Time now) {
  Taken taken;
  taken.upto = upto;
  const auto end = SteadyClock::now() + kTurn;
  for (const auto& record : records) {
    if (!wanted(*record)) continue;
    if (is_parked(record->stream)) {
      park_later(record);
      continue;
    }
    auto refusal = known_refusal(*record, policy);
    if (!refusal) {
      if (!await_turn(end)) {
        taken.upto = Position{record->position.value - 1};
        break;
      }
      auto sent = send(record);
      if (sent) {
        ++taken.applied;
        continue;
      }
      if (sent.error().reason != "kafka.refused") {
        taken.upto = Position{record->position.value - 1};
        break;
      }
      refusal = std::move(sent.error());
    }
    refused_.try_emplace(record->position, Refused{*refusal, SteadyClock::now()});
    if (policy != OnPoison::kPark) {
      taken.upto = Position{record->position.value - 1};
      taken.poison = poison_of(*record, *refusal, now);
      forget_refusal(*record, policy);
      break;
    }
    park_later(record);
  }
  {
    const std::lock_guard lock(mutex_);
    accepted_ = std::max(accepted_, taken.upto);
    drop_done();
  }
  taken.upto = accepted_;
  taken.wrote = taken.applied > 0;
  auto written = write_down(false);
  if (!written) return tl::unexpected<Error>(std::move(written.error()));
  taken.parked = std::exchange(parked_now_, {});
  return taken;
}

/// Errors: those of Producer::send.
Result<void> FeedTarget::send(const RecordPtr& record) {
  fill(message_, *record);
  Entry* entry = nullptr;
  {
    const std::lock_guard lock(mutex_);
    if (is_full()) return fail(ErrorCode::kUnavailable, "kafka.full");
    entry = &entries_.emplace_back();
    entry->record = record;
    if (may_hold_secret(record->payload)) entry->changed = without_secrets(record->payload);
    entry->bytes = kMessageBytes + sizeof(Entry) + record->payload.size() + entry->changed.size() + message_.key.size();
    for (const auto& [name, value] : message_.headers) entry->bytes += kHeaderBytes + name.size() + value.size();
    bytes_ += entry->bytes;
  }
  message_.topic = topic_of(record->stream);
  message_.payload = entry->changed.empty() ? std::string_view(record->payload) : entry->changed;
  message_.tag = entry;
  auto sent = producer_->send(message_);
  if (!sent) {
    const std::lock_guard lock(mutex_);
    bytes_ -= entry->bytes;
    entries_.pop_back();
  }
  return sent;
}

void FeedTarget::park_later(const RecordPtr& record) {
  const std::lock_guard lock(mutex_);
  auto& entry = entries_.emplace_back();
  entry.record = record;
  entry.is_done = true;
  entry.is_parked = true;
  ++parking_[record->stream];
}

void FeedTarget::answered(const std::vector<Delivery>& answers) {
  {
    const std::lock_guard lock(mutex_);
    for (const auto& answer : answers) {
      auto& entry = *static_cast<Entry*>(answer.tag);
      if (!answer.error) {
        entry.is_done = true;
        ++options_.figures->acknowledged;
      } else if (answer.error->reason == "kafka.refused") {
        const auto position = entry.record->position;
        if (!refusal_ || position < refusal_->position) {
          refusal_ = Refusal{position, *answer.error, entry.record->stream, answer.is_topics_fault};
        }
      }
    }
    drop_done();
  }
  answered_.notify_all();
  const std::lock_guard telling(tell_mutex_);
  if (tell_) tell_();
}

void FeedTarget::drop_done() {
  while (!entries_.empty() && entries_.front().is_done) {
    auto& entry = entries_.front();
    bytes_ -= entry.bytes;
    if (entry.is_parked) to_park_.push_back(std::move(entry.record));
    entries_.pop_front();
  }
  // Parked events that are tried again stand here, too, far behind what is held.
  const auto upto = entries_.empty() ? accepted_.value : entries_.front().record->position.value - 1;
  held_.store(std::max(held_.load(), upto), std::memory_order_release);
  options_.figures->in_flight_events = entries_.size();
  options_.figures->in_flight_bytes = bytes_;
}

Result<void> FeedTarget::write_down(bool at_once) {
  std::vector<RecordPtr> parked;
  Position upto;
  {
    const std::lock_guard lock(mutex_);
    parked = to_park_;
    upto = held();
  }
  if (parked.empty() && upto == store_.checkpoint()) return {};
  if (!at_once && parked.empty() && SteadyClock::now() < written_at_ + kWriteDownEvery) return {};
  auto taken = store_.apply_batch(*judge_, parked, upto, OnPoison::kPark, clock_.now());
  if (!taken) return tl::unexpected<Error>(std::move(taken.error()));
  written_at_ = SteadyClock::now();
  for (auto& event : taken->parked) parked_now_.push_back(std::move(event));
  refused_.erase(refused_.begin(), refused_.upper_bound(upto));
  const std::lock_guard lock(mutex_);
  to_park_.erase(to_park_.begin(), to_park_.begin() + static_cast<std::ptrdiff_t>(parked.size()));
  for (const auto& record : parked) {
    const auto found = parking_.find(record->stream);
    if (--found->second == 0) parking_.erase(found);
  }
  return {};
}

Result<void> FeedTarget::send_and_wait(const EventRecord& record) {
  const auto& topic = topic_of(record.stream);
  if (!asked_topics_.contains(topic)) {
    if (auto refusal = producer_->topic_refusal(topic, kAskTopic)) return tl::unexpected<Error>(std::move(*refusal));
    asked_topics_.insert(topic);
    refused_topics_.erase(topic);
  }
  // It lives until it is answered or the producer is gone, also where nobody waits for it any more.
  auto sent = send(std::make_shared<const EventRecord>(record));
  if (!sent) return sent;
  std::unique_lock lock(mutex_);
  answered_.wait_for(lock, kRetryOne, [this] { return entries_.empty() || refusal_; });
  if (entries_.empty()) return {};
  auto error = refusal_ ? refusal_->error : Error{ErrorCode::kUnavailable, "kafka.busy", "there is no answer"};
  refusal_.reset();
  lock.unlock();
  auto renewed = renew();
  return renewed ? tl::unexpected<Error>(std::move(error)) : renewed;
}

Result<FollowerTarget::Retried> FeedTarget::retry_parked(EventLog& log, Position from) {
  if (!producer_ || producer_->failed()) return fail(ErrorCode::kUnavailable, "kafka.busy", "the producer has failed");
  const auto is_known = knows_cluster(kRetryDrain);
  if (!is_known) return tl::unexpected<Error>(is_known.error());
  if (!*is_known) return fail(ErrorCode::kUnavailable, "kafka.busy", "no broker answers");
  asked_topics_.clear();
  {
    std::unique_lock lock(mutex_);
    if (!answered_.wait_for(lock, kRetryDrain, [this] { return entries_.empty(); })) {
      return fail(ErrorCode::kUnavailable, "kafka.busy", "what is under way is not acknowledged; try again later");
    }
  }
  auto written = write_down(true);
  if (!written) return tl::unexpected<Error>(std::move(written.error()));
  return store_.retry_parked(*judge_, log, from, kRetryTurn);
}

void FeedTarget::finish(Time /*now*/) {
  if (producer_ && !producer_->failed() && !producer_->unreachable()) producer_->flush(kFinish);
  // What cannot be written is sent again by the next process.
  (void)write_down(true);
}

void FeedTarget::on_change(std::function<void()> tell) {
  const std::lock_guard telling(tell_mutex_);
  tell_ = std::move(tell);
}

}  // namespace souk::kafka
