#include "gateway/http/loop.hpp"

#include <algorithm>
#include <array>
#include <ctime>
#include <random>

#include "gateway/http/session.hpp"

namespace souk::http {
namespace {

std::chrono::milliseconds tick_interval(const ServerLimits& limits) {
  const auto shortest =
      std::min({limits.idle, limits.handshake, limits.head_read, limits.body_read, limits.write, limits.linger});
  return std::clamp(shortest / 4, std::chrono::milliseconds(1), std::chrono::milliseconds(50));
}

std::uint64_t random_word() {
  std::random_device device;
  return std::uint64_t{device()} << 32 | device();
}

}  // namespace

Loop::Loop(std::shared_ptr<Shared> shared)
    : shared_(std::move(shared)),
      tick_interval_(tick_interval(shared_->limits)),
      random_state_{random_word() | 1, random_word()} {}

Loop::~Loop() = default;

void Loop::run() {
  const auto work = net::make_work_guard(ioc_);
  renew_date();
  tick();
  ioc_.run();
}

void Loop::stop() {
  while (!sessions_.empty()) sessions_.back()->close();
  ioc_.stop();
}

void Loop::adopt(Transport transport, std::string peer) {
  auto session = std::make_shared<Session>(shared_from_this(), shared_, std::move(transport), std::move(peer));
  session->index = sessions_.size();
  sessions_.push_back(session);
  shared_->observe([](Observer& observer) { observer.connection_opened(); });
  session->start();
  // It was accepted before the draining began and adopted after.
  if (shared_->draining.load(std::memory_order_relaxed)) session->drain();
}

void Loop::forget(Session& session) {
  const std::size_t index = session.index;
  if (index + 1 != sessions_.size()) {
    std::swap(sessions_[index], sessions_.back());
    sessions_[index]->index = index;
  }
  sessions_.pop_back();
  shared_->connections.fetch_sub(1, std::memory_order_relaxed);
  shared_->observe([](Observer& observer) { observer.connection_closed(); });
  note_if_drained();
}

void Loop::lingering(int change) {
  lingering_ = static_cast<std::size_t>(static_cast<std::ptrdiff_t>(lingering_) + change);
  note_if_drained();
}

void Loop::begin_drain() {
  // From the back, for a session that closes is replaced by the last one.
  for (std::size_t i = sessions_.size(); i-- > 0;) {
    if (i < sessions_.size()) std::shared_ptr<Session>(sessions_[i])->drain();
  }
  note_if_drained();
}

void Loop::note_if_drained() {
  if (drain_noted_ || !shared_->draining.load(std::memory_order_relaxed) || sessions_.size() != lingering_) return;
  drain_noted_ = true;
  const std::lock_guard lock(shared_->drained_mutex);
  ++shared_->drained_loops;
  shared_->drained_changed.notify_all();
}

void Loop::tick() {
  renew_date();
  const auto now = std::chrono::steady_clock::now();
  for (std::size_t i = sessions_.size(); i-- > 0;) {
    if (i < sessions_.size()) std::shared_ptr<Session>(sessions_[i])->check(now);
  }
  tick_timer_.expires_after(tick_interval_);
  tick_timer_.async_wait([this](const boost::system::error_code& ec) {
    if (!ec) tick();
  });
}

void Loop::renew_date() {
  const auto now = std::chrono::system_clock::now();
  const auto second = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch());
  if (second == date_second_) return;
  date_second_ = second;
  constexpr std::array<const char*, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<const char*, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t time = second.count();
  std::tm utc{};
  gmtime_r(&time, &utc);
  std::array<char, 64> text{};
  // Not strftime's names, for those follow the locale.
  std::snprintf(text.data(), text.size(), "%s, %02d %s %04d %02d:%02d:%02d GMT",
                kDays[static_cast<std::size_t>(utc.tm_wday)], utc.tm_mday,
                kMonths[static_cast<std::size_t>(utc.tm_mon)], utc.tm_year + 1900, utc.tm_hour, utc.tm_min, utc.tm_sec);
  date_ = text.data();
}

std::string Loop::make_request_id() {
  // xorshift128+: request ids must differ, not be secret. Source: Vigna, "Further scramblings of Marsaglia's xorshift".
  const auto next = [this] {
    auto a = random_state_[0];
    const auto b = random_state_[1];
    random_state_[0] = b;
    a ^= a << 23;
    random_state_[1] = a ^ b ^ (a >> 18) ^ (b >> 5);
    return random_state_[1] + b;
  };
  const auto high = next();
  return Id128{high, next()}.str();
}

}  // namespace souk::http
