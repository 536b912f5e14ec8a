/// A server on a free port for tests, with a few routes and a memory of what happened.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "gateway/http/raw_client.hpp"
#include "gateway/http/server.hpp"

namespace souk::http {

/// Remembers what a server tells, and waits for it.
class Recorder final : public Observer {
 public:
  void connection_opened() noexcept override {
    change([&] { ++opened; });
  }
  void connection_closed() noexcept override {
    change([&] { ++closed; });
  }
  void finished(const Finished& request, bool) noexcept override {
    change([&] {
      statuses.push_back(request.status);
      reasons.emplace_back(request.reason);
      accounts.emplace_back(request.account);
      bytes_in.push_back(request.bytes_in);
    });
  }
  void internal_error(std::string_view, std::string_view what) noexcept override {
    change([&] { errors.emplace_back(what); });
  }

  template <class Predicate>
  bool wait(const Predicate& predicate) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(5), predicate);
  }

  std::size_t opened = 0;
  std::size_t closed = 0;
  std::vector<int> statuses;
  std::vector<std::string> reasons;
  std::vector<std::string> accounts;
  std::vector<std::size_t> bytes_in;
  std::vector<std::string> errors;

 private:
  template <class Fn>
  void change(const Fn& fn) {
    const std::lock_guard lock(mutex_);
    fn();
    changed_.notify_all();
  }
  std::mutex mutex_;
  std::condition_variable changed_;
};

/// Exchanges whose handler has returned without an answer.
class Held {
 public:
  void put(ExchangePtr exchange) {
    const std::lock_guard lock(mutex_);
    exchanges_.push_back(std::move(exchange));
    changed_.notify_all();
  }
  /// The oldest, waited for; null after five seconds.
  ExchangePtr take() {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, std::chrono::seconds(5), [&] { return !exchanges_.empty(); })) return nullptr;
    auto exchange = std::move(exchanges_.front());
    exchanges_.erase(exchanges_.begin());
    return exchange;
  }
  std::size_t size() {
    const std::lock_guard lock(mutex_);
    return exchanges_.size();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<ExchangePtr> exchanges_;
};

struct TestServer {
  Recorder recorder;
  Held held;
  std::unique_ptr<Server> server;

  explicit TestServer(const ServerLimits& limits = {}, std::size_t io_threads = 1) {
    ServerOptions options;
    options.limits = limits;
    options.io_threads = io_threads;
    options.observers = {&recorder};
    auto started = Server::start(std::move(options), routes());
    if (started) {
      server = std::move(*started);
    } else {
      std::fprintf(stderr, "%s\n", started.error().detail.c_str());
    }
  }

  RawClient client() const { return RawClient(server->port()); }

  Router routes() {
    Router router;
    router.add(Method::kGet, "/fixed", {.name = "fixed"}, [](const ExchangePtr& exchange) {
      auto response = json_response(200, R"({"fixed":true})");
      response.etag = "\"7\"";
      exchange->respond(std::move(response));
    });
    router.add(Method::kGet, "/items/{id}", {.name = "item"}, [](const ExchangePtr& exchange) {
      exchange->respond(json_response(200, std::string(exchange->request().path_parameter("id"))));
    });
    router.add(Method::kPost, "/echo", {.name = "echo"}, [](const ExchangePtr& exchange) {
      exchange->respond(json_response(200, std::string(exchange->request().body)));
    });
    router.add(Method::kPost, "/json", {.name = "json", .media_type = "application/json", .body_bytes_max = 50},
               [](const ExchangePtr& exchange) { exchange->respond(json_response(201, "{}")); });
    router.add(Method::kGet, "/held", {.name = "held"}, [this](const ExchangePtr& exchange) { held.put(exchange); });
    router.add(Method::kGet, "/probe", {.name = "probe", .always_admitted = true},
               [](const ExchangePtr& exchange) { exchange->respond({}); });
    router.add(Method::kGet, "/dropped", {.name = "dropped"}, [](const ExchangePtr&) {});
    router.add(Method::kGet, "/throws", {.name = "throws"},
               [](const ExchangePtr&) { throw std::runtime_error("secret of ours"); });
    router.add(Method::kGet, "/tagged", {.name = "tagged"}, [](const ExchangePtr& exchange) {
      auto response = json_response(200, std::string(5'000, 'x'));
      response.etag = "\"7\"";
      exchange->respond(std::move(response));
    });
    router.add(Method::kPost, "/old",
               {.name = "old",
                .media_type = "application/json",
                .deprecation = "@1767225600",
                .sunset = "Thu, 31 Dec 2026 23:59:59 GMT"},
               [](const ExchangePtr& exchange) { exchange->respond(json_response(200, "{}")); });
    router.add(Method::kGet, "/secret", {.name = "secret", .holds_secret = true},
               [](const ExchangePtr& exchange) { exchange->respond(json_response(200, std::string(3'000, 'x'))); });
    router.add(Method::kGet, "/big", {.name = "big"}, [](const ExchangePtr& exchange) {
      exchange->respond(json_response(200, std::string(32 * 1024 * 1024, 'x')));
    });
    return router;
  }
};

inline std::string get(std::string_view path, std::string_view headers = {}) {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: a\r\n" + std::string(headers) + "\r\n";
}
inline std::string post(std::string_view path, std::string_view body, std::string_view headers = {}) {
  return "POST " + std::string(path) + " HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n" + std::string(headers) + "\r\n" + std::string(body);
}

}  // namespace souk::http
