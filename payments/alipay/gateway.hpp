/// One call to Alipay's gateway and its answer, checked.
#pragma once

#include <functional>
#include <memory>

#include "engine/base/clock.hpp"
#include "payments/alipay/request.hpp"
#include "payments/alipay/response.hpp"

namespace souk::alipay {

/// Thread-safety: any thread. The client and the clock must outlive the last answer. Cheap to copy.
class Gateway {
 public:
  using Then = std::function<void(Result<Answer>)>;

  Gateway(std::shared_ptr<const Account> account, HttpClient& client, Clock& clock, Duration call_timeout)
      : account_(std::move(account)), client_(&client), clock_(&clock), call_timeout_(call_timeout) {}

  /// Errors: those of HTTP and of `read_answer`; kUnavailable "alipay.status".
  void call(std::string_view method, const std::string& content_json, const CallLinks& links, Then then) const;
  void download(const std::string& url, HttpThen then) const;

  [[nodiscard]] const Account& account() const { return *account_; }
  [[nodiscard]] Time now() const { return clock_->now(); }

 private:
  std::shared_ptr<const Account> account_;
  HttpClient* client_;
  Clock* clock_;
  Duration call_timeout_;
};

}  // namespace souk::alipay
