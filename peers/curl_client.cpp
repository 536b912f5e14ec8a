#include "peers/curl_client.hpp"

#include <curl/curl.h>
#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "peers/steady_time.hpp"

namespace souk {
namespace {

constexpr Duration kConnectMax = Duration::seconds(3);
constexpr long kIdleWaitMs = 60'000;

/// One request on its way.
struct Transfer {
  HttpRequest request;
  HttpThen then;
  Time late_at;
  std::string body;
  bool too_large = false;
  std::unique_ptr<curl_slist, void (*)(curl_slist*)> headers{nullptr, curl_slist_free_all};
};

void add_headers(CURL* easy, Transfer& transfer) {
  for (const auto& header : transfer.request.headers) {
    // It is the list itself that is given back, unless memory is short.
    curl_slist* longer = curl_slist_append(transfer.headers.get(), header.c_str());
    if (longer == nullptr) continue;
    (void)transfer.headers.release();
    transfer.headers.reset(longer);
  }
  if (transfer.headers) curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer.headers.get());
}

std::size_t take_bytes(char* data, std::size_t /*one*/, std::size_t size, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  if (transfer.body.size() + size > transfer.request.answer_bytes_max) {
    transfer.too_large = true;
    return 0;
  }
  transfer.body.append(data, size);
  return size;
}

Error failure_of(CURLcode code, const Transfer& transfer) {
  const auto error = [&](std::string_view reason) {
    return Error{ErrorCode::kUnavailable, std::string(reason), curl_easy_strerror(code)};
  };
  if (transfer.too_large) return error("http.too_large");
  switch (code) {
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT: return error("http.unreachable");
    case CURLE_OPERATION_TIMEDOUT: return error("http.timeout");
    default: return error("http.failed");
  }
}

void global_init() {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

}  // namespace

struct CurlClient::Impl {
  explicit Impl(Options wanted) : options(std::move(wanted)) {
    global_init();
    multi = curl_multi_init();
    curl_multi_setopt(multi, CURLMOPT_MAX_HOST_CONNECTIONS, static_cast<long>(options.connections_max));
    thread = std::thread([this] { run(); });
    pthread_setname_np(thread.native_handle(), options.thread_name.c_str());
  }

  void run();
  void begin(std::unique_ptr<Transfer> transfer);
  void refuse(std::unique_ptr<Transfer> transfer);
  void collect();
  void fire_timers();
  long wait_ms();
  void end_all();

  Options options;
  CURLM* multi = nullptr;
  std::unordered_map<CURL*, std::unique_ptr<Transfer>> under_way;  // its thread's
  std::vector<CURL*> idle;                                         // its thread's

  std::mutex mutex;
  std::vector<std::unique_ptr<Transfer>> posted;
  std::multimap<std::int64_t, std::function<void()>> timers;
  std::size_t count = 0;  ///< posted and under way
  bool stopping = false;
  std::thread thread;
};

void CurlClient::Impl::begin(std::unique_ptr<Transfer> transfer) {
  CURL* easy = nullptr;
  if (idle.empty()) {
    easy = curl_easy_init();
  } else {
    easy = idle.back();
    idle.pop_back();
    curl_easy_reset(easy);
  }
  if (easy == nullptr) return refuse(std::move(transfer));
  const auto left_ms = std::max<std::int64_t>((transfer->late_at - steady_now()).us / 1'000, 1);
  const auto& request = transfer->request;
  curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "https,http");
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(left_ms));
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(std::min(left_ms, kConnectMax.us / 1'000)));
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
  if (!options.ca_file.empty()) curl_easy_setopt(easy, CURLOPT_CAINFO, options.ca_file.c_str());
  curl_easy_setopt(easy, CURLOPT_USERAGENT, "souk");
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_bytes);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer.get());
  if (const auto& sent = request.form.empty() ? request.body : request.form; !sent.empty()) {
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(sent.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, sent.c_str());
  }
  if (request.method == "POST" && request.form.empty() && request.body.empty()) {
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, 0L);
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
  } else if (!request.method.empty()) {
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }
  add_headers(easy, *transfer);
  if (curl_multi_add_handle(multi, easy) != CURLM_OK) {
    idle.push_back(easy);
    return refuse(std::move(transfer));
  }
  under_way.emplace(easy, std::move(transfer));
}

/// There is no memory for it: whoever asks is not left without an answer.
void CurlClient::Impl::refuse(std::unique_ptr<Transfer> transfer) {
  {
    const std::scoped_lock lock(mutex);
    --count;
  }
  transfer->then(fail(ErrorCode::kUnavailable, "http.failed", "the call could not be begun"));
}

void CurlClient::Impl::collect() {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    CURL* easy = message->easy_handle;
    const CURLcode code = message->data.result;
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    curl_multi_remove_handle(multi, easy);
    const auto found = under_way.find(easy);
    const auto transfer = std::move(found->second);
    under_way.erase(found);
    idle.push_back(easy);
    {
      const std::scoped_lock lock(mutex);
      --count;
    }
    if (code == CURLE_OK) {
      transfer->then(HttpAnswer{static_cast<int>(status), std::move(transfer->body)});
    } else {
      transfer->then(tl::unexpected<Error>(failure_of(code, *transfer)));
    }
  }
}

void CurlClient::Impl::fire_timers() {
  for (;;) {
    std::function<void()> task;
    {
      const std::scoped_lock lock(mutex);
      if (stopping || timers.empty() || timers.begin()->first > steady_now().us) return;
      task = std::move(timers.begin()->second);
      timers.erase(timers.begin());
    }
    task();
  }
}

/// Until the next timer; curl wakes up for its own.
long CurlClient::Impl::wait_ms() {
  const std::scoped_lock lock(mutex);
  if (stopping || !posted.empty()) return 0;
  if (timers.empty()) return kIdleWaitMs;
  return std::clamp<long>((timers.begin()->first - steady_now().us + 999) / 1'000, 0, kIdleWaitMs);
}

void CurlClient::Impl::run() {
  for (;;) {
    std::vector<std::unique_ptr<Transfer>> taken;
    {
      const std::scoped_lock lock(mutex);
      if (stopping) break;
      taken.swap(posted);
    }
    for (auto& transfer : taken) begin(std::move(transfer));
    int running = 0;
    curl_multi_perform(multi, &running);
    collect();
    fire_timers();
    curl_multi_poll(multi, nullptr, 0, static_cast<int>(wait_ms()), nullptr);
  }
  end_all();
}

void CurlClient::Impl::end_all() {
  std::vector<std::unique_ptr<Transfer>> left;
  // What they hold may be answered by going away, which is not to happen under the lock.
  std::multimap<std::int64_t, std::function<void()>> dropped;
  {
    const std::scoped_lock lock(mutex);
    left.swap(posted);
    dropped.swap(timers);
    count = 0;
  }
  for (auto& [easy, transfer] : under_way) {
    curl_multi_remove_handle(multi, easy);
    idle.push_back(easy);
    left.push_back(std::move(transfer));
  }
  under_way.clear();
  for (CURL* easy : idle) curl_easy_cleanup(easy);
  curl_multi_cleanup(multi);
  for (const auto& transfer : left) {
    transfer->then(fail(ErrorCode::kUnavailable, "http.stopped", "the shop is about to end"));
  }
}

CurlClient::CurlClient(Options options) : impl_(std::make_unique<Impl>(std::move(options))) {}

CurlClient::~CurlClient() {
  stop();
}

void CurlClient::send(HttpRequest request, HttpThen then) {
  auto transfer = std::make_unique<Transfer>();
  transfer->late_at = now() + request.deadline;
  transfer->request = std::move(request);
  transfer->then = std::move(then);
  std::string_view refusal;
  {
    const std::scoped_lock lock(impl_->mutex);
    if (impl_->stopping) {
      refusal = "http.stopped";
    } else if (impl_->count >= impl_->options.under_way_max) {
      refusal = "http.busy";
    } else {
      ++impl_->count;
      impl_->posted.push_back(std::move(transfer));
      curl_multi_wakeup(impl_->multi);
    }
  }
  if (!refusal.empty()) transfer->then(fail(ErrorCode::kUnavailable, refusal, "no further call is taken now"));
}

Time CurlClient::now() {
  return steady_now();
}

void CurlClient::after(Duration delay, std::function<void()> task) {
  const std::scoped_lock lock(impl_->mutex);
  if (impl_->stopping) return;
  impl_->timers.emplace((now() + delay).us, std::move(task));
  curl_multi_wakeup(impl_->multi);
}

void CurlClient::stop() {
  {
    const std::scoped_lock lock(impl_->mutex);
    if (!impl_->stopping) {
      impl_->stopping = true;
      curl_multi_wakeup(impl_->multi);
    }
  }
  if (impl_->thread.joinable()) impl_->thread.join();
}

}  // namespace souk
