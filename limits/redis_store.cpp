#include "limits/redis_store.hpp"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <system_error>
#include <utility>

#include "limits/redis_connection.hpp"
#include "limits/redis_script.hpp"

namespace souk::limits {
namespace {

tl::unexpected<Error> away(std::string detail) {
  return fail(ErrorCode::kUnavailable, kAway, std::move(detail));
}

tl::unexpected<Error> away_with_another(std::string detail) {
  return fail(ErrorCode::kUnavailable, kAwayWithAnother, std::move(detail));
}

/// Whatever a server says: what is counted with must be in bounds.
bool is_possible(const Standing& said, const Rate& rate) {
  return said.debt >= 0 && said.debt <= 2 * Rate::kDebtMax && said.cost >= rate.cost &&
         said.cost <= Rate::kColdFactor * rate.cost && said.warm_us >= 0 && said.warm_us <= rate.warm_up_us;
}

}  // namespace

RedisStore::RedisStore(RedisOptions options)
    : options_(std::move(options)), wake_fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (wake_fd_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
  thread_ = std::thread([this] { run(); });
}

RedisStore::~RedisStore() {
  is_stopping_ = true;
  wake();
  thread_.join();
  close(wake_fd_);
}

void RedisStore::charge(std::vector<Charge> charges, StandingsThen then) {
  assert(charges.size() <= kChargesMax);
  bool is_first = false;
  bool is_connected = false;
  {
    const std::scoped_lock lock(mutex_);
    is_connected = is_connected_;
    if (is_connected && queued_.size() < options_.waiting_max) {
      is_first = queued_.empty();
      queued_.push_back({std::move(charges), std::move(then), Clock::now() + options_.deadline});
      then = nullptr;
    }
  }
  if (then) {
    then(is_connected ? away_with_another("too many wait") : failure("not connected"));
  } else if (is_first) {
    wake();
  }
}

tl::unexpected<Error> RedisStore::failure(std::string detail) {
  return is_gone_ || has_news_.exchange(false) ? away(std::move(detail)) : away_with_another(std::move(detail));
}

std::optional<std::string> RedisStore::trouble() const {
  const std::scoped_lock lock(mutex_);
  if (is_connected_) return std::nullopt;
  return trouble_;
}

void RedisStore::run() {
  pthread_setname_np(pthread_self(), "souk-limits");
  // A peer that is gone is told by write(); the signal stays pending in this thread and nobody gets it.
  sigset_t pipe;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
  while (!is_stopping_) {
    std::unique_ptr<RedisConnection> connection;
    auto outcome = connect(connection);
    is_gone_ = !outcome;
    if (outcome) {
      set_trouble(std::nullopt);
      outcome = serve(*connection);
    }
    connection.reset();
    set_trouble(outcome ? "stopped" : outcome.error().detail);
    has_news_ = true;
    fail_all();
    const auto until = Clock::now() + options_.reconnect_after;
    while (!is_stopping_ && Clock::now() < until) wait(nullptr, until);
  }
  fail_all();
}

Result<void> RedisStore::connect(std::unique_ptr<RedisConnection>& made) {
  auto begun = RedisConnection::begin(options_.host, options_.port);
  if (!begun) return tl::unexpected<Error>(std::move(begun.error()));
  made = std::move(*begun);
  std::size_t awaited = 1;
  if (!options_.password.empty()) {
    std::vector<std::string> auth = {"AUTH", options_.password};
    if (!options_.user.empty()) auth.insert(auth.begin() + 1, options_.user);
    made->send(auth);
    ++awaited;
  }
  if (options_.database != 0) {
    made->send({"SELECT", std::to_string(options_.database)});
    ++awaited;
  }
  made->send({"SCRIPT", "LOAD", kRedisScript});
  const auto until = Clock::now() + options_.connect_deadline;
  std::optional<Error> refused;
  const auto take = [&](RedisReply reply) {
    if (reply.is_error && !refused) refused = Error{ErrorCode::kUnavailable, "limits.store_away", reply.text};
    if (awaited > 0) --awaited;
    script_sha_ = std::move(reply.text);
  };
  while (awaited > 0) {
    if (is_stopping_) return away("stopped");
    if (Clock::now() >= until) return away("no answer while connecting");
    const auto is_readable = wait(made.get(), until);
    if (!is_readable) return tl::unexpected<Error>(is_readable.error());
    if (made->wants_to_write()) {
      if (auto written = made->write(); !written) return written;
    }
    if (!*is_readable) continue;
    if (auto read = made->read(take); !read) return read;
  }
  if (refused) return tl::unexpected<Error>(std::move(*refused));
  return {};
}

Result<void> RedisStore::serve(RedisConnection& connection) {
  std::optional<std::string> wrong;
  bool has_answered = false;
  const auto take = [&](const RedisReply& reply) {
    if (sent_.empty()) {
      wrong = "an answer to no question";
      return;
    }
    has_answered = true;
    Waiting question = std::move(sent_.front());
    sent_.pop_front();
    if (given_up_ > 0) --given_up_;
    if (reply.is_error && reply.text.starts_with("NOSCRIPT") && !question.is_again) {
      ask_again(connection, std::move(question));
      return;
    }
    // A replica was asked, memory is full: nothing that the next question would find better.
    if (reply.is_error) wrong = reply.text;
    if (question.then) answer(question, reply);
  };
  while (!is_stopping_) {
    send_queued(connection);
    if (connection.wants_to_write()) {
      if (auto written = connection.write(); !written) return written;
    }
    // The time before it is looked what has come: what is not there then is late by it.
    const auto now = Clock::now();
    const auto is_readable = wait(&connection, next_deadline(now));
    if (!is_readable) return tl::unexpected<Error>(is_readable.error());
    has_answered = false;
    if (*is_readable) {
      if (auto read = connection.read(take); !read) return read;
      if (wrong) return away(*wrong);
    }
    if (!has_answered && !sent_.empty() && sent_.front().deadline + patience() <= now) return away("no answer in time");
    // While answers come more of them may be there.
    give_up(has_answered ? now - patience() : now, now);
  }
  return {};
}

RedisStore::Clock::time_point RedisStore::next_deadline(Clock::time_point now) const {
  if (sent_.empty()) return now + std::chrono::hours(1);
  const auto lost = sent_.front().deadline + patience();
  return given_up_ < sent_.size() ? std::min(lost, sent_[given_up_].deadline) : lost;
}

void RedisStore::give_up(Clock::time_point late, Clock::time_point now) {
  for (; given_up_ < sent_.size() && sent_[given_up_].deadline <= late; ++given_up_) {
    if (now - told_late_ >= options_.deadline) {
      told_late_ = now;
      has_news_ = true;
    }
    std::exchange(sent_[given_up_].then, nullptr)(failure("no answer within the deadline"));
  }
}

void RedisStore::send_queued(RedisConnection& connection) {
  std::deque<Waiting> taken;
  {
    const std::scoped_lock lock(mutex_);
    taken.swap(queued_);
  }
  const auto now = Clock::now();
  for (auto& question : taken) {
    if (question.deadline <= now) {
      question.then(away_with_another("this node was too slow to ask in time"));
      continue;
    }
    connection.send(command(question));
    sent_.push_back(std::move(question));
  }
}

/// It has charged nothing. The other questions that are under way are told the same.
void RedisStore::ask_again(RedisConnection& connection, Waiting question) {
  if (!question.then) return;
  question.is_again = true;
  question.deadline = Clock::now() + options_.deadline;
  connection.send(command(question));
  sent_.push_back(std::move(question));
}

std::vector<std::string> RedisStore::command(const Waiting& question) const {
  std::vector<std::string> parts = {"EVALSHA", script_sha_};
  if (question.is_again) parts = {"EVAL", kRedisScript};
  parts.push_back(std::to_string(question.charges.size()));
  for (const auto& charge : question.charges) parts.push_back(options_.key_prefix + charge.key.str());
  parts.push_back(options_.clock ? std::to_string(options_.clock().us) : "");
  for (const auto& charge : question.charges) {
    const Rate& rate = charge.rate;
    for (const auto number : {rate.parts, rate.cost, rate.capacity, rate.wait_max_us, rate.warm_up_us}) {
      parts.push_back(std::to_string(number));
    }
  }
  return parts;
}

void RedisStore::answer(const Waiting& question, const RedisReply& reply) {
  if (reply.is_error || reply.integers.size() != 3 * question.charges.size()) {
    question.then(away(reply.is_error ? reply.text : "not what was asked for"));
    return;
  }
  std::vector<Standing> standings;
  for (std::size_t i = 0; i < question.charges.size(); ++i) {
    const Standing said{reply.integers[3 * i], reply.integers[3 * i + 1], reply.integers[3 * i + 2]};
    if (!is_possible(said, question.charges[i].rate)) {
      question.then(away("not what was asked for"));
      return;
    }
    standings.push_back(said);
  }
  question.then(std::move(standings));
}

void RedisStore::set_trouble(const std::optional<std::string>& trouble) {
  bool has_changed = false;
  {
    const std::scoped_lock lock(mutex_);
    has_changed = is_connected_ != !trouble || (trouble && trouble_ != *trouble);
    is_connected_ = !trouble;
    trouble_ = trouble.value_or("");
  }
  if (has_changed && options_.on_change) options_.on_change(trouble);
}

void RedisStore::fail_all() {
  std::deque<Waiting> all = std::exchange(sent_, {});
  {
    const std::scoped_lock lock(mutex_);
    std::move(queued_.begin(), queued_.end(), std::back_inserter(all));
    queued_.clear();
  }
  given_up_ = 0;
  for (const auto& question : all) {
    if (question.then) question.then(failure("the connection is over"));
  }
}

Result<bool> RedisStore::wait(const RedisConnection* connection, Clock::time_point until) {
  std::array<pollfd, 2> watched{};
  watched[0] = {wake_fd_, POLLIN, 0};
  if (connection != nullptr) {
    const int also_write = connection->wants_to_write() ? POLLOUT : 0;
    watched[1] = {connection->fd(), static_cast<short>(POLLIN | also_write), 0};
  }
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count();
  const int timeout_ms = static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000));
  const int found = poll(watched.data(), connection != nullptr ? 2 : 1, timeout_ms);
  if (found < 0 && errno != EINTR) return away("poll failed");
  if (found <= 0) return false;
  if (watched[0].revents != 0) {
    std::uint64_t count = 0;
    [[maybe_unused]] const auto ignored = read(wake_fd_, &count, sizeof count);
  }
  return (watched[1].revents & (POLLIN | POLLHUP | POLLERR)) != 0;
}

void RedisStore::wake() const {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto ignored = write(wake_fd_, &one, sizeof one);
}

}  // namespace souk::limits
