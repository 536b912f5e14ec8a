#include "projections/elastic/client.hpp"

#include <sodium.h>

#include <algorithm>
#include <future>
#include <random>
#include <utility>

namespace souk::elastic {

namespace {

constexpr std::size_t kAnswerBytesMax = 16U << 20U;
constexpr std::size_t kQueriesMax = 256;
constexpr std::size_t kDetailBytesMax = 300;
constexpr Duration kHurried = Duration::milliseconds(1'000);

std::string base64(const std::string& bytes) {
  std::string out(sodium_base64_encoded_len(bytes.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
  sodium_bin2base64(out.data(), out.size(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
                    sodium_base64_VARIANT_ORIGINAL);
  out.pop_back();
  return out;
}

CurlClient::Options curl_options(const Options& options, std::string thread_name) {
  CurlClient::Options curl;
  curl.thread_name = std::move(thread_name);
  curl.ca_file = options.ca_file;
  curl.under_way_max = kQueriesMax;
  return curl;
}

GuardedClient::Options guard_options(const Options& options) {
  GuardedClient::Options guard;
  guard.retry.attempts_max = 2;
  guard.retry.first_delay = Duration::milliseconds(20);
  guard.retry.budget = options.query_timeout;
  guard.breaker.failures_in_row_max = options.breaker_failures_max;
  guard.breaker.open_for = options.breaker_open_for;
  guard.is_failure = [](int status) {
    // Who asks is not known any more, what is asked is closed or gone, or there is too much to do.
    return status >= 500 || status == 400 || status == 401 || status == 403 || status == 404 || status == 429;
  };
  return guard;
}

/// The client has refused it: no node has anything to do with that.
bool was_refused_here(const Result<HttpAnswer>& answer) {
  return !answer && (answer.error().reason == "http.busy" || answer.error().reason == "http.stopped");
}

}  // namespace

Client::Nodes::Nodes(HttpClient& client, const Options& options) : client_(client), urls_(options.urls) {
  for (auto& url : urls_) {
    while (url.ends_with('/')) url.pop_back();
  }
  if (!options.api_key.empty()) {
    authorization_ = "Authorization: ApiKey " + options.api_key;
  } else if (!options.username.empty()) {
    authorization_ = "Authorization: Basic " + base64(options.username + ":" + options.password);
  }
}

void Client::Nodes::send(HttpRequest request, HttpThen then) {
  const auto asked = current_->load();
  request.url.insert(0, urls_[asked % urls_.size()]);
  if (!authorization_.empty()) request.headers.push_back(authorization_);
  client_.send(std::move(request), [current = current_, asked, then = std::move(then)](Result<HttpAnswer> answer) {
    if (!was_refused_here(answer) && (!answer || answer->status >= 500)) {
      // Whoever finds out first moves on for all.
      auto expected = asked;
      current->compare_exchange_strong(expected, asked + 1);
    }
    then(std::move(answer));
  });
}

Client::Client(const Options& options)
    : query_timeout_(options.query_timeout),
      write_timeout_(options.write_timeout),
      queries_(curl_options(options, "souk-elastic")),
      writes_(curl_options(options, "souk-elastic-w")),
      query_nodes_(queries_, options),
      write_nodes_(writes_, options),
      guarded_(query_nodes_, queries_, guard_options(options), chance) {}

Result<HttpAnswer> Client::call(const Request& request) {
  auto longest = std::min(write_timeout_, request.deadline_max.value_or(write_timeout_));
  if (is_hurried_) longest = std::min(longest, kHurried);
  const auto late_at = writes_.now() + longest;
  for (std::size_t tried = 1;; ++tried) {
    HttpRequest sent;
    sent.url = request.path;
    sent.method = request.method;
    sent.body = request.body;
    sent.headers = {"Content-Type: application/json"};
    sent.deadline = late_at - writes_.now();
    sent.answer_bytes_max = kAnswerBytesMax;
    std::promise<Result<HttpAnswer>> said;
    auto answer = said.get_future();
    write_nodes_.send(std::move(sent), [&said](Result<HttpAnswer> one) { said.set_value(std::move(one)); });
    auto got = answer.get();
    if (got || got.error().reason != "http.unreachable" || tried >= write_nodes_.size()) return got;
  }
}

void Client::query(std::string path, std::string body, HttpThen then) {
  HttpRequest sent;
  sent.url = std::move(path);
  sent.method = "POST";
  sent.body = std::move(body);
  sent.headers = {"Content-Type: application/json"};
  // Another node is asked if this one does not answer in its part of the time.
  sent.deadline = query_nodes_.size() > 1 ? Duration{query_timeout_.us / 2} : query_timeout_;
  guarded_.send(std::move(sent), std::move(then));
}

double chance() {
  thread_local std::minstd_rand random{std::random_device{}()};
  return std::uniform_real_distribution<double>(0, 1)(random);
}

Result<std::string> body_of(Result<HttpAnswer> answer) {
  if (!answer) return tl::unexpected<Error>(std::move(answer.error()));
  if (answer->status >= 200 && answer->status < 300) return std::move(answer->body);
  return fail(ErrorCode::kUnavailable, "elasticsearch.refused",
              std::to_string(answer->status) + ": " + answer->body.substr(0, kDetailBytesMax));
}

}  // namespace souk::elastic
