#include "app/shop_client.hpp"

#include <termios.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <chrono>
#include <cstdio>
#include <future>
#include <optional>
#include <thread>

#include "engine/base/codec.hpp"

namespace souk {
namespace {

constexpr Duration kDeadline = Duration::seconds(120);
constexpr Duration kLogOutDeadline = Duration::seconds(5);
constexpr std::size_t kAnswerBytesMax = 64 << 20;
/// Before a request is sent again; together the patience of half a minute.
constexpr std::array<std::chrono::milliseconds, 8> kPauses{
    std::chrono::milliseconds(100),   std::chrono::milliseconds(400),   std::chrono::milliseconds(1'500),
    std::chrono::milliseconds(3'000), std::chrono::milliseconds(5'000), std::chrono::milliseconds(5'000),
    std::chrono::milliseconds(7'500), std::chrono::milliseconds(7'500)};

struct LogIn {
  std::string username;
  std::string password;
  static constexpr auto fields() {
    return field_list(field("username", &LogIn::username), field("password", &LogIn::password));
  }
};

struct Session {
  std::string access_token;
  static constexpr auto fields() { return field_list(field("access_token", &Session::access_token)); }
};

struct Refusal {
  std::string reason;
  std::string detail;
  static constexpr auto fields() {
    return field_list(field("reason", &Refusal::reason), defaulted("detail", &Refusal::detail));
  }
};

/// What the server said no to; an answer that is none of its problems is told by its status.
Error refusal_of(const HttpAnswer& answer) {
  const auto problem = decode<Refusal>(answer.body, UnknownFields::kIgnored);
  if (problem && (answer.status == 401 || answer.status == 403)) {
    return {ErrorCode::kInvalid, "config.refused", "admin.username or admin.password: " + problem->detail};
  }
  const auto code = answer.status >= 500 ? ErrorCode::kUnavailable : ErrorCode::kInvalid;
  if (problem) return {code, problem->reason, problem->detail};
  return {ErrorCode::kUnavailable, "http.unexpected", "the server answered " + std::to_string(answer.status)};
}

/// Whether what is sent there stays on this machine or is encrypted. What it says of a URL that is none does not count.
bool is_private(std::string url) {
  std::ranges::transform(url, url.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (url.starts_with("https://")) return true;
  if (url.starts_with("http://")) url.erase(0, 7);
  const auto authority = url.substr(0, url.find_first_of("/?#"));
  // Before it stands who asks, and may look like a host.
  if (authority.find('@') != std::string::npos) return false;
  const auto host = authority.substr(0, authority.starts_with('[') ? authority.find(']') + 1 : authority.find(':'));
  // A name that only begins like an address is somebody else's.
  const bool is_loopback_v4 = host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string::npos;
  return host == "localhost" || host == "[::1]" || is_loopback_v4;
}

/// A line from the terminal, wherever standard input comes from; nothing if there is none.
std::optional<std::string> ask_terminal(const char* prompt, bool echo) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> terminal(std::fopen("/dev/tty", "r+"), std::fclose);
  if (!terminal) return std::nullopt;
  std::fputs(prompt, terminal.get());
  std::fflush(terminal.get());
  termios before{};
  ::tcgetattr(::fileno(terminal.get()), &before);
  termios wanted = before;
  if (!echo) wanted.c_lflag &= ~static_cast<tcflag_t>(ECHO);
  ::tcsetattr(::fileno(terminal.get()), TCSANOW, &wanted);
  std::array<char, 1'024> line{};
  const bool is_read = std::fgets(line.data(), static_cast<int>(line.size()), terminal.get()) != nullptr;
  ::tcsetattr(::fileno(terminal.get()), TCSANOW, &before);
  if (!echo) std::fputs("\n", terminal.get());
  if (!is_read) return std::nullopt;
  std::string text = line.data();
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

}  // namespace

ShopClient::ShopClient(const RemoteShop& shop, Credentials credentials)
    : url_(shop.url), credentials_(std::move(credentials)), client_({.ca_file = shop.ca_file}) {
  while (url_.ends_with('/')) url_.pop_back();
}

Result<std::unique_ptr<ShopClient>> ShopClient::connect(const RemoteShop& shop, const Config& config) {
  if (!shop.plain_http && !is_private(shop.url)) {
    return fail(ErrorCode::kInvalid, "config.plain_http",
                "the password would go to another machine in the clear: use https, or say --plain-http");
  }
  std::optional<std::string> username = config.admin_username;
  if (username->empty()) username = ask_terminal("administrator: ", true);
  std::optional<std::string> password = config.admin_password;
  if (password->empty()) password = ask_terminal("password: ", false);
  if (!username || !password) {
    return fail(ErrorCode::kInvalid, "config.credentials",
                "admin.username and admin.password say who asks (SOUK_ADMIN_USERNAME, SOUK_ADMIN_PASSWORD)");
  }
  std::unique_ptr<ShopClient> client(new ShopClient(shop, {std::move(*username), std::move(*password)}));
  if (auto done = client->log_in(Unreachable::kIsAnError); !done) return tl::unexpected<Error>(std::move(done.error()));
  return client;
}

ShopClient::~ShopClient() {
  if (token_.empty()) return;
  HttpRequest request{.url = url_ + "/api/v1/sessions/current", .form = {}};
  request.method = "DELETE";
  request.headers = {"Authorization: Bearer " + token_};
  request.deadline = kLogOutDeadline;
  std::promise<void> said;
  client_.send(std::move(request), [&said](const Result<HttpAnswer>& /*answer*/) { said.set_value(); });
  said.get_future().wait();
}

Result<std::string> ShopClient::get(const std::string& path) {
  return ask({.url = url_ + path, .form = {}});
}

Result<std::string> ShopClient::post(const std::string& path, const std::string& media_type, std::string body) {
  return ask({.url = url_ + path, .form = {}, .body = std::move(body), .headers = {"Content-Type: " + media_type}});
}

Result<std::string> ShopClient::patch(const std::string& path, std::string body) {
  HttpRequest request{.url = url_ + path, .form = {}, .body = std::move(body)};
  request.headers = {"Content-Type: application/merge-patch+json"};
  request.method = "PATCH";
  return ask(request);
}

Result<std::string> ShopClient::put(const std::string& path, std::string body) {
  HttpRequest request{.url = url_ + path, .form = {}, .body = std::move(body)};
  request.headers = {"Content-Type: application/json"};
  request.method = "PUT";
  return ask(request);
}

Result<std::string> ShopClient::remove(const std::string& path) {
  return ask({.url = url_ + path, .form = {}, .method = "DELETE"});
}

Result<void> ShopClient::log_in(Unreachable unreachable) {
  HttpRequest request{.url = url_ + "/api/v1/sessions", .form = {}};
  request.body = encode(LogIn{credentials_.username, credentials_.password});
  request.headers = {"Content-Type: application/json"};
  const auto answer = send(std::move(request), unreachable);
  if (!answer) return tl::unexpected<Error>(answer.error());
  if (answer->status != 201) return tl::unexpected<Error>(refusal_of(*answer));
  auto session = decode<Session>(answer->body, UnknownFields::kIgnored);
  if (!session) return tl::unexpected<Error>(std::move(session.error()));
  token_ = std::move(session->access_token);
  return {};
}

Result<std::string> ShopClient::ask(const HttpRequest& request) {
  for (bool is_first = true;; is_first = false) {
    HttpRequest with_token = request;
    with_token.headers.push_back("Authorization: Bearer " + token_);
    auto answer = send(std::move(with_token), Unreachable::kIsWaitedFor);
    if (!answer) return tl::unexpected<Error>(std::move(answer.error()));
    if (answer->status >= 200 && answer->status < 300) return std::move(answer->body);
    const bool is_expired = answer->status == 401 && is_first;
    if (!is_expired) return tl::unexpected<Error>(refusal_of(*answer));
    if (auto done = log_in(Unreachable::kIsWaitedFor); !done) return tl::unexpected<Error>(std::move(done.error()));
  }
}

Result<HttpAnswer> ShopClient::send(HttpRequest request, Unreachable unreachable) {
  request.deadline = kDeadline;
  request.answer_bytes_max = kAnswerBytesMax;
  // Curl would wait for the server to ask for a long body, which it does not.
  request.headers.emplace_back("Expect:");
  for (const auto* pause = kPauses.begin();; ++pause) {
    std::promise<Result<HttpAnswer>> said;
    client_.send(request, [&said](Result<HttpAnswer> answer) { said.set_value(std::move(answer)); });
    auto answer = said.get_future().get();
    const bool may_help =
        answer ? answer->status == 503 || answer->status == 429 : unreachable == Unreachable::kIsWaitedFor;
    if (!may_help || pause == kPauses.end()) return answer;
    std::this_thread::sleep_for(*pause);
  }
}

}  // namespace souk
