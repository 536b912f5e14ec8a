/// One HTTP request, read whole: target, parameters, headers and body.
///
/// Ownership: owns its bytes; every view it gives out is valid as long as it lives. It lives in its Exchange.
/// Thread-safety: not changed any more once the handler has it, so any thread may read it.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/result.hpp"
#include "gateway/http/method.hpp"
#include "gateway/http/target.hpp"

namespace souk::http {

struct HeaderView {
  std::string_view name;
  std::string_view value;
};

/// Letters of ASCII compare without regard to case, as names of headers do.
bool equals_ignoring_case(std::string_view a, std::string_view b);

class Request {
 public:
  static constexpr std::size_t kPathParametersMax = 4;

  Request() = default;
  /// Views point into the object's own bytes, so it is neither copied nor moved.
  Request(const Request&) = delete;
  Request& operator=(const Request&) = delete;
  ~Request() {
    if (body_account_) body_account_->fetch_sub(body_bytes_.size(), std::memory_order_relaxed);
  }

  /// As sent. HEAD is told from GET here although both reach the same handler.
  Method method = Method::kGet;
  /// The path as sent, still percent-encoded, without the query: ASCII without controls, so safe to log.
  [[nodiscard]] std::string_view path() const { return target.path(); }
  /// The segments of the path and the parameters of the query, decoded.
  Target target;
  std::string_view body;
  std::string_view request_id;
  std::string_view peer;  ///< the address of the other end of the connection, without its port
  std::chrono::steady_clock::time_point received;

  /// The first header of that name.
  [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const;
  /// Errors: kInvalid "request.duplicate_header" when it is there twice.
  [[nodiscard]] Result<std::optional<std::string_view>> single_header(std::string_view name) const;
  [[nodiscard]] const std::vector<HeaderView>& headers() const { return headers_; }

  /// The decoded value of {name} in the route's pattern; a name the pattern does not have is our bug.
  [[nodiscard]] std::string_view path_parameter(std::string_view name) const;

  /// All of them, in the order of the pattern.
  [[nodiscard]] std::span<const std::pair<std::string_view, std::string_view>> path_parameters() const {
    return {path_parameters_.data(), path_parameter_count_};
  }

  /// The value of a query parameter. Errors: kInvalid "query.duplicate" when it is there twice.
  [[nodiscard]] Result<std::optional<std::string_view>> query(std::string_view name) const {
    return target.query(name);
  }

  /// How many bytes the request had on the wire, head and body.
  [[nodiscard]] std::size_t size_bytes() const { return size_bytes_; }

 private:
  friend class Router;
  friend class RequestReader;
  friend class Session;

  std::string head_;  ///< what the headers, the path and usually the request id point into
  std::string body_bytes_;
  std::shared_ptr<std::atomic<std::size_t>> body_account_;  ///< where the bytes of the body are counted while they live
  std::string made_id_;
  std::shared_ptr<const std::string> peer_text_;
  std::vector<HeaderView> headers_;
  std::array<std::pair<std::string_view, std::string_view>, kPathParametersMax> path_parameters_;
  std::size_t path_parameter_count_ = 0;
  std::size_t size_bytes_ = 0;
};

}  // namespace souk::http
