#include "kafka/command_intake.hpp"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "eventstore/thread_name.hpp"
#include "kafka/handles.hpp"

namespace souk::kafka {

namespace {

constexpr std::chrono::milliseconds kWait{100};
/// What the consumer could take, the undertaker can send; librdkafka allows no more.
constexpr std::int64_t kLetterBytesMax = 1'000'000'000;
/// What is left of a part of a letter that its topic does not take whole.
constexpr std::size_t kCutBytes = 1'000;

constexpr std::chrono::milliseconds kCountEvery{500};
/// Ours; of the sender's those of other names are kept.
constexpr std::array<std::string_view, 6> kLetterHeaders{"reason",    "detail", "topic",
                                                         "partition", "offset", "truncated"};

std::size_t size_of(const InboundMessage& message) {
  std::size_t size = (message.key ? message.key->size() : 0) + (message.payload ? message.payload->size() : 0);
  for (const auto& [name, value] : message.headers) size += name.size() + value.size();
  return size;
}

bool is_too_large(const Error& error) {
  return error.detail == told(RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE) ||
         error.detail == told(RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE);
}

}  // namespace

void CommandIntake::Inbox::put(WorkPtr work, CommandOutcome outcome) {
  const std::lock_guard lock(mutex);
  outcomes.emplace_back(std::move(work), std::move(outcome));
  if (consumer != nullptr) consumer->wake();
}

void CommandIntake::Inbox::put(LetterId letter, Step step) {
  const std::lock_guard lock(mutex);
  letters.emplace_back(letter, step);
  if (consumer != nullptr) consumer->wake();
}

Result<std::unique_ptr<CommandIntake>> CommandIntake::open(IntakeOptions options) {
  std::unique_ptr<CommandIntake> intake(new CommandIntake(std::move(options)));
  auto consumer = intake->open_consumer();
  if (!consumer) return tl::unexpected<Error>(std::move(consumer.error()));
  intake->consumer_ = std::move(*consumer);
  auto made = intake->make_undertaker();
  if (!made) return tl::unexpected<Error>(std::move(made.error()));
  return intake;
}

Result<std::unique_ptr<Consumer>> CommandIntake::open_consumer() {
  ConsumerOptions options;
  options.client = options_.client;
  options.topic = options_.topic;
  options.group = options_.group;
  options.on_revoked = [this] { return drop_all(); };
  options.on_trouble = [this](const std::string& what) { tell_trouble(what); };
  return Consumer::open(std::move(options));
}

void CommandIntake::renew_consumer() {
  if (Clock::now() < reopen_at_) return;
  reopening_backoff_ = std::clamp(reopening_backoff_ * 2, options_.backoff_min, options_.backoff_max);
  reopen_at_ = Clock::now() + reopening_backoff_;
  auto made = open_consumer();
  if (!made) {
    tell_trouble(made.error().detail);
    return;
  }
  {
    const std::lock_guard lock(inbox_->mutex);
    inbox_->consumer = made->get();
  }
  consumer_ = std::move(*made);
  drop_all();
}

Result<void> CommandIntake::make_undertaker() {
  undertaker_.reset();
  // What it had on its way may have arrived or not.
  for (const auto& [letter, work] : std::exchange(letters_, {})) go_on(work, Step::kNotBuried);
  ProducerOptions options;
  options.client = options_.client;
  // One by one, so that a refusal is of that letter.
  options.client.properties.emplace_back("batch.num.messages", "1");
  options.linger_ms = 0;
  options.message_bytes_max = kLetterBytesMax;
  options.on_answers = [inbox = inbox_](const std::vector<Delivery>& answers) {
    for (const auto& answer : answers) {
      const auto step = !answer.error                 ? Step::kBuried
                        : is_too_large(*answer.error) ? Step::kTooLarge
                                                      : Step::kNotBuried;
      inbox->put(reinterpret_cast<LetterId>(answer.tag), step);
    }
  };
  auto made = Producer::open(std::move(options));
  if (!made) return tl::unexpected<Error>(std::move(made.error()));
  undertaker_ = std::move(*made);
  return {};
}

bool CommandIntake::have_undertaker() {
  const auto failed = undertaker_ ? undertaker_->failed() : std::nullopt;
  if (undertaker_ && !failed) return true;
  if (failed) tell_trouble(failed->detail);
  if (Clock::now() < renew_at_) return false;
  renewal_backoff_ = std::clamp(renewal_backoff_ * 2, options_.backoff_min, options_.backoff_max);
  renew_at_ = Clock::now() + renewal_backoff_;
  const auto made = make_undertaker();
  if (!made) tell_trouble(made.error().detail);
  return made.has_value();
}

CommandIntake::~CommandIntake() {
  stop();
}

void CommandIntake::start() {
  {
    const std::lock_guard lock(inbox_->mutex);
    inbox_->consumer = consumer_.get();
  }
  thread_ = std::thread([this] {
    name_this_thread("souk:commands");
    loop();
  });
}

void CommandIntake::stop() {
  if (thread_.joinable()) {
    stopping_ = true;
    consumer_->wake();
    thread_.join();
  }
  {
    const std::lock_guard lock(inbox_->mutex);
    inbox_->consumer = nullptr;
  }
  undertaker_.reset();
  consumer_.reset();  // commits what is dealt with and leaves the group
}

void CommandIntake::loop() {
  while (!stopping_) {
    const bool was_busy = take_answers();
    const auto now = Clock::now();
    while (!again_.empty() && again_.begin()->first <= now) {
      ready_.push_back(again_.begin()->second);
      again_.erase(again_.begin());
      ++options_.figures->retried;
    }
    begin_ready();
    commit();
    if (consumer_->has_failed()) renew_consumer();
    if (auto message = consumer_->poll(was_busy ? std::chrono::milliseconds(0) : kWait)) {
      take(std::move(*message));
      begin_ready();
    }
  }
}

bool CommandIntake::take_answers() {
  std::vector<std::pair<WorkPtr, CommandOutcome>> outcomes;
  std::vector<std::pair<LetterId, Step>> letters;
  {
    const std::lock_guard lock(inbox_->mutex);
    outcomes.swap(inbox_->outcomes);
    letters.swap(inbox_->letters);
  }
  for (auto& [work, outcome] : outcomes) {
    work->outcome = std::move(outcome);
    go_on(work, Step::kAnswered);
  }
  for (const auto& [letter, step] : letters) {
    // What another undertaker had is begun anew already.
    const auto sent = letters_.extract(letter);
    if (!sent.empty()) go_on(sent.mapped(), step);
  }
  return !outcomes.empty() || !letters.empty();
}

void CommandIntake::take(InboundMessage message) {
  last_trouble_.clear();
  reopening_backoff_ = {};
  auto work = std::make_shared<Work>();
  work->message = std::move(message);
  const auto partition = work->message.partition;
  dealt_with_.try_emplace(partition, work->message.offset);
  auto& window = windows_[partition];
  window.works.push_back(work);
  window.bytes += size_of(work->message);
  steer(partition);
  auto& lane = lanes_[lane_of(*work)];
  lane.push_back(work);
  if (lane.size() == 1) ready_.push_back(work);
}

void CommandIntake::steer(std::int32_t partition) {
  const auto& window = windows_[partition];
  if (window.works.size() >= options_.ahead_max || window.bytes >= options_.ahead_bytes_max) {
    consumer_->pause(partition, true);
  } else if (window.works.size() <= options_.ahead_max / 2 && window.bytes <= options_.ahead_bytes_max / 2) {
    consumer_->pause(partition, false);
  }
}

void CommandIntake::begin_ready() {
  while (under_way_ < options_.at_a_time_max && !ready_.empty()) {
    const auto work = ready_.front();
    ready_.pop_front();
    ++under_way_;
    begin_work(work);
  }
}

void CommandIntake::begin_work(const WorkPtr& work) {
  if (work->outcome.kind == CommandOutcome::Kind::kRefused) {
    bury(work);
    return;
  }
  const auto written = std::chrono::system_clock::time_point(std::chrono::milliseconds(work->message.timestamp_ms));
  if (work->message.timestamp_ms > 0 && written + options_.age_max < std::chrono::system_clock::now()) {
    work->outcome = {CommandOutcome::Kind::kRefused, "command.too_old", "it may have been obeyed, and forgotten"};
    bury(work);
    return;
  }
  options_.obey(work->message, work->failures + 1 >= options_.failures_max,
                [work, inbox = inbox_](CommandOutcome outcome) { inbox->put(work, std::move(outcome)); });
}

void CommandIntake::go_on(const WorkPtr& work, Step step) {
  const auto lane = lanes_.find(lane_of(*work));
  // Its partition is somebody else's by now.
  if (lane == lanes_.end() || lane->second.front() != work) return;
  using Kind = CommandOutcome::Kind;
  const auto kind = work->outcome.kind;
  if (step == Step::kBuried) {
    renewal_backoff_ = {};
    finish(work);
  } else if (step == Step::kTooLarge) {
    work->is_cut = true;
    later(work);
  } else if (step == Step::kNotBuried || kind == Kind::kLater || kind == Kind::kFailed) {
    if (kind == Kind::kFailed) ++work->failures;
    later(work);
  } else if (kind == Kind::kObeyed) {
    finish(work);
  } else {
    bury(work);
  }
}

void CommandIntake::bury(const WorkPtr& work) {
  if (!have_undertaker()) {
    later(work);
    return;
  }
  const auto& message = work->message;
  const auto part = [&](std::string_view text) { return work->is_cut ? text.substr(0, kCutBytes) : text; };
  OutboundMessage letter;
  letter.topic = options_.dead_letter_topic;
  if (message.key) letter.key = part(*message.key);
  if (message.payload) letter.payload = part(*message.payload);
  letter.headers = {{"reason", work->outcome.reason},
                    {"detail", std::string(part(work->outcome.detail))},
                    {"topic", options_.topic},
                    {"partition", std::to_string(message.partition)},
                    {"offset", std::to_string(message.offset)}};
  if (work->is_cut) {
    letter.headers.emplace_back("truncated", std::to_string(message.payload.value_or("").size()));
  } else {
    std::ranges::copy_if(message.headers, std::back_inserter(letter.headers), [](const auto& header) {
      return std::ranges::find(kLetterHeaders, header.first) == kLetterHeaders.end();
    });
  }
  letter.tag = reinterpret_cast<void*>(++last_letter_);
  letters_.emplace(last_letter_, work);
  const auto sent = undertaker_->send(letter);
  if (sent) return;
  tell_trouble(sent.error().detail);
  letters_.erase(last_letter_);
  go_on(work, is_too_large(sent.error()) ? Step::kTooLarge : Step::kNotBuried);
}

void CommandIntake::later(const WorkPtr& work) {
  --under_way_;
  work->backoff = std::clamp(work->backoff * 2, options_.backoff_min, options_.backoff_max);
  again_.emplace(Clock::now() + work->backoff, work);
}

void CommandIntake::finish(const WorkPtr& work) {
  --under_way_;
  const bool is_obeyed = work->outcome.kind == CommandOutcome::Kind::kObeyed;
  ++(is_obeyed ? options_.figures->obeyed : options_.figures->refused);
  work->is_dealt_with = true;
  const auto partition = work->message.partition;
  const auto lane = lanes_.find(lane_of(*work));
  auto& window = windows_[partition];
  window.bytes -= size_of(work->message);
  // One before it may wait for long.
  work->message.payload.reset();
  work->message.headers.clear();
  while (!window.works.empty() && window.works.front()->is_dealt_with) {
    dealt_with_[partition] = window.works.front()->message.offset + 1;
    window.works.pop_front();
  }
  steer(partition);
  lane->second.pop_front();
  if (lane->second.empty()) {
    lanes_.erase(lane);
  } else {
    ready_.push_back(lane->second.front());
  }
}

void CommandIntake::commit() {
  if (Clock::now() < committed_at_ + options_.commit_every) return;
  committed_at_ = Clock::now();
  if (committed_at_ >= counted_at_ + kCountEvery) {
    counted_at_ = committed_at_;
    options_.figures->behind = consumer_->behind(dealt_with_);
  }
  if (dealt_with_ == committed_) return;
  consumer_->commit(dealt_with_);
  committed_ = dealt_with_;
}

Offsets CommandIntake::drop_all() {
  windows_.clear();
  lanes_.clear();
  ready_.clear();
  again_.clear();
  under_way_ = 0;
  committed_.clear();
  return std::exchange(dealt_with_, {});
}

void CommandIntake::tell_trouble(const std::string& what) {
  // Told with the time it took; what is the same but for that is not told again.
  const auto gist = what.substr(0, what.find(':'));
  if (gist == last_trouble_) return;
  last_trouble_ = gist;
  if (options_.on_trouble) options_.on_trouble(what);
}

}  // namespace souk::kafka
