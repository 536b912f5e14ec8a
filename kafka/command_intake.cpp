#include "kafka/command_intake.hpp"

#include <algorithm>

#include "eventstore/thread_name.hpp"

namespace souk::kafka {

namespace {

constexpr std::chrono::milliseconds kWait{100};

}  // namespace

void CommandIntake::Inbox::put(WorkPtr work, Step step) {
  const std::lock_guard lock(mutex);
  steps.emplace_back(std::move(work), step);
  if (consumer != nullptr) consumer->wake();
}

Result<std::unique_ptr<CommandIntake>> CommandIntake::open(IntakeOptions options) {
  std::unique_ptr<CommandIntake> intake(new CommandIntake(std::move(options)));
  auto begun = intake->begin();
  if (!begun) return tl::unexpected<Error>(std::move(begun.error()));
  return intake;
}

Result<void> CommandIntake::begin() {
  ConsumerOptions options;
  options.client = options_.client;
  options.topic = options_.topic;
  options.group = options_.group;
  options.on_revoked = [this] { return drop_all(); };
  options.on_trouble = [this](const std::string& what) { tell_trouble(what); };
  auto consumer = Consumer::open(std::move(options));
  if (!consumer) return tl::unexpected<Error>(std::move(consumer.error()));
  consumer_ = std::move(*consumer);
  return make_undertaker();
}

Result<void> CommandIntake::make_undertaker() {
  undertaker_.reset();
  for (const auto& [work, kept] : coffins_) later(kept);
  coffins_.clear();
  ProducerOptions options;
  options.client = options_.client;
  options.linger_ms = 0;
  options.on_answers = [inbox = inbox_](const std::vector<Delivery>& answers) {
    for (const auto& answer : answers) {
      // Kept alive by `coffins_` as long as this producer lives.
      const auto work = *static_cast<WorkPtr*>(answer.tag);
      inbox->put(work, answer.error ? Step::kNotBuried : Step::kBuried);
    }
  };
  auto made = Producer::open(std::move(options));
  if (!made) return tl::unexpected<Error>(std::move(made.error()));
  undertaker_ = std::move(*made);
  return {};
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
  std::vector<std::pair<WorkPtr, Step>> steps;
  while (!stopping_) {
    {
      const std::lock_guard lock(inbox_->mutex);
      steps.swap(inbox_->steps);
    }
    for (const auto& [work, step] : steps) go_on(work, step);
    const bool was_busy = !steps.empty();
    steps.clear();
    const auto now = Clock::now();
    while (!again_.empty() && again_.begin()->first <= now) {
      const auto work = again_.begin()->second;
      again_.erase(again_.begin());
      if (work->is_dealt_with) continue;
      ++options_.figures->retried;
      begin_work(work);
    }
    commit();
    consumer_->pause(count_ >= options_.at_a_time_max);
    if (auto message = consumer_->poll(was_busy ? std::chrono::milliseconds(0) : kWait)) take(std::move(*message));
  }
}

void CommandIntake::take(InboundMessage message) {
  last_trouble_.clear();
  auto work = std::make_shared<Work>();
  work->message = std::move(message);
  dealt_with_.try_emplace(work->message.partition, work->message.offset);
  windows_[work->message.partition].push_back(work);
  ++count_;
  auto& lane = lanes_[{work->message.partition, work->message.key}];
  lane.push_back(work);
  if (lane.size() == 1) begin_work(work);
}

void CommandIntake::begin_work(const WorkPtr& work) {
  if (work->outcome.kind == CommandOutcome::Kind::kRefused) {
    bury(work);
    return;
  }
  options_.obey(work->message, [work, inbox = inbox_](CommandOutcome outcome) {
    work->outcome = std::move(outcome);
    inbox->put(work, Step::kAnswered);
  });
}

void CommandIntake::go_on(const WorkPtr& work, Step step) {
  const auto lane = lanes_.find({work->message.partition, work->message.key});
  // Its partition is somebody else's by now.
  if (lane == lanes_.end() || lane->second.front() != work) return;
  if (step == Step::kBuried) {
    coffins_.erase(work.get());
    finish(work);
  } else if (step == Step::kNotBuried || work->outcome.kind == CommandOutcome::Kind::kLater) {
    later(work);
  } else if (work->outcome.kind == CommandOutcome::Kind::kObeyed) {
    finish(work);
  } else {
    bury(work);
  }
}

void CommandIntake::bury(const WorkPtr& work) {
  if (undertaker_ && undertaker_->failed()) {
    tell_trouble(undertaker_->failed()->detail);
    (void)make_undertaker();
  }
  if (!undertaker_) {
    later(work);
    return;
  }
  auto& kept = coffins_.insert_or_assign(work.get(), work).first->second;
  OutboundMessage letter;
  letter.topic = options_.dead_letter_topic;
  letter.key = work->message.key;
  letter.payload = work->message.payload;
  letter.headers = {{"reason", work->outcome.reason},
                    {"detail", work->outcome.detail},
                    {"topic", options_.topic},
                    {"partition", std::to_string(work->message.partition)},
                    {"offset", std::to_string(work->message.offset)}};
  letter.tag = &kept;
  const auto sent = undertaker_->send(letter);
  if (sent) return;
  tell_trouble(sent.error().detail);
  coffins_.erase(work.get());
  later(work);
}

void CommandIntake::later(const WorkPtr& work) {
  work->backoff = std::clamp(work->backoff * 2, options_.backoff_min, options_.backoff_max);
  again_.emplace(Clock::now() + work->backoff, work);
}

void CommandIntake::finish(const WorkPtr& work) {
  const bool is_obeyed = work->outcome.kind == CommandOutcome::Kind::kObeyed;
  ++(is_obeyed ? options_.figures->obeyed : options_.figures->refused);
  work->is_dealt_with = true;
  const auto partition = work->message.partition;
  const auto lane = lanes_.find({partition, work->message.key});
  auto& window = windows_[partition];
  while (!window.empty() && window.front()->is_dealt_with) {
    dealt_with_[partition] = window.front()->message.offset + 1;
    window.pop_front();
    --count_;
  }
  lane->second.pop_front();
  if (lane->second.empty()) {
    lanes_.erase(lane);
  } else {
    begin_work(lane->second.front());
  }
}

void CommandIntake::commit() {
  if (Clock::now() < committed_at_ + options_.commit_every) return;
  committed_at_ = Clock::now();
  options_.figures->behind = consumer_->behind(dealt_with_);
  if (dealt_with_ == committed_) return;
  consumer_->commit(dealt_with_);
  committed_ = dealt_with_;
}

Offsets CommandIntake::drop_all() {
  windows_.clear();
  lanes_.clear();
  again_.clear();
  count_ = 0;
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
