#include "gateway/access_log.hpp"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "engine/base/json_writer.hpp"
#include "engine/base/time.hpp"
#include "eventstore/thread_name.hpp"
#include "gateway/http/router.hpp"

namespace souk {
namespace {

constexpr std::size_t kWaitingBytesMax = 4 * 1024 * 1024;
constexpr std::size_t kWakeBytes = 64 * 1024;
constexpr std::chrono::milliseconds kWriteEvery{100};

Time wall_clock() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<std::chrono::microseconds>(now).count()};
}

void begin_line(JsonWriter& json, std::string_view level, std::string_view msg, std::string_view request_id) {
  json.begin_object();
  json.key("time");
  json.string(wall_clock().str());
  json.key("level");
  json.string(level);
  json.key("msg");
  json.string(msg);
  json.key("request_id");
  json.string(request_id);
}

void text(JsonWriter& json, std::string_view name, std::string_view value) {
  if (value.empty()) return;
  json.key(name);
  json.string(value);
}

void number(JsonWriter& json, std::string_view name, std::size_t value) {
  json.key(name);
  json.unsigned_integer(value);
}

}  // namespace

class AccessLog::Impl {
 public:
  Impl(std::shared_ptr<spdlog::sinks::sink> sink, bool requests)
      : logger_("access", std::move(sink)), requests_(requests) {
    logger_.set_pattern("%v", spdlog::pattern_time_type::utc);
    writer_ = std::thread([this] {
      name_this_thread("souk:access-log");
      write_for_ever();
    });
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
    writer_.join();
  }

  [[nodiscard]] bool logs_requests() const { return requests_.load(std::memory_order_relaxed); }
  void log_requests(bool wanted) { requests_.store(wanted, std::memory_order_relaxed); }

  template <class Fill>
  void line(const Fill& fill) {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() > kWaitingBytesMax) {
      ++dropped_;
      return;
    }
    const bool was_small = waiting_.size() < kWakeBytes;
    JsonWriter json(waiting_);
    fill(json);
    json.end_object();
    waiting_.push_back('\n');
    if (was_small && waiting_.size() >= kWakeBytes) wake_.notify_one();
  }

  void flush() {
    std::unique_lock lock(mutex_);
    const auto wanted = ++flushes_wanted_;
    wake_.notify_all();
    flushed_.wait(lock, [&] { return flushes_done_ >= wanted; });
  }

  [[nodiscard]] std::uint64_t dropped() const {
    const std::lock_guard lock(mutex_);
    return dropped_;
  }

 private:
  void write_for_ever() {
    std::string writing;
    std::unique_lock lock(mutex_);
    for (;;) {
      wake_.wait_for(lock, kWriteEvery,
                     [&] { return stopping_ || flushes_wanted_ > flushes_done_ || waiting_.size() >= kWakeBytes; });
      const bool is_last = stopping_;
      const auto wanted = flushes_wanted_;
      writing.clear();
      writing.swap(waiting_);
      lock.unlock();
      if (!writing.empty()) {
        writing.pop_back();  // the sink ends the last line
        logger_.log(spdlog::level::info, spdlog::string_view_t(writing.data(), writing.size()));
        logger_.flush();
      }
      lock.lock();
      flushes_done_ = wanted;
      flushed_.notify_all();
      if (is_last) return;
    }
  }

  spdlog::logger logger_;
  std::atomic<bool> requests_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable flushed_;
  std::string waiting_;
  std::uint64_t dropped_ = 0;
  std::uint64_t flushes_wanted_ = 0;
  std::uint64_t flushes_done_ = 0;
  bool stopping_ = false;
  std::thread writer_;
};

Result<std::unique_ptr<AccessLog>> AccessLog::open(const AccessLogOptions& options) {
  std::shared_ptr<spdlog::sinks::sink> sink;
  try {
    if (options.file == "-") {
      sink = std::make_shared<spdlog::sinks::stdout_sink_st>();
    } else {
      sink = std::make_shared<spdlog::sinks::basic_file_sink_st>(options.file);
    }
  } catch (const spdlog::spdlog_ex& error) {
    return fail(ErrorCode::kUnavailable, "log.cannot_open", error.what());
  }
  return std::unique_ptr<AccessLog>(new AccessLog(std::make_unique<Impl>(std::move(sink), options.requests)));
}

AccessLog::AccessLog(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
AccessLog::~AccessLog() = default;

void AccessLog::log_requests(bool wanted) {
  impl_->log_requests(wanted);
}

void AccessLog::finished(const http::Finished& request, bool /*handled*/) noexcept {
  if (!impl_->logs_requests()) return;
  impl_->line([&](JsonWriter& json) {
    begin_line(json, "info", "request", request.request_id);
    text(json, "method", request.method);
    if (request.route != nullptr) text(json, "route", request.route->info.name);
    text(json, "path", request.path);
    json.key("status");
    json.integer(request.status);
    json.key("duration_us");
    json.integer(std::chrono::duration_cast<std::chrono::microseconds>(request.took).count());
    number(json, "bytes_in", request.bytes_in);
    number(json, "bytes_out", request.bytes_out);
    text(json, "peer", request.peer);
    text(json, "client", request.client);
    text(json, "account", request.account);
    text(json, "reason", request.reason);
  });
}

void AccessLog::internal_error(std::string_view request_id, std::string_view what) noexcept {
  impl_->line([&](JsonWriter& json) {
    begin_line(json, "error", "internal error", request_id);
    text(json, "error", what);
  });
}

void AccessLog::notice(Level level, std::string_view about, std::string_view what) noexcept {
  impl_->line([&](JsonWriter& json) {
    begin_line(json, level == Level::kInfo ? "info" : "warn", what, {});
    text(json, "about", about);
  });
}

void AccessLog::flush() {
  impl_->flush();
}
std::uint64_t AccessLog::dropped_lines() const {
  return impl_->dropped();
}

}  // namespace souk
