/// Asks a running server as its administrator, one request at a time.
///
/// What may be asked again is: a server that goes away, starts or is overloaded is waited for, for half a minute in
/// all, and an access token that has expired is replaced. So only requests that do no harm twice may be sent. Errors,
/// beside the problems of the server by their reasons: kUnavailable "http.…" (peers/http_client.hpp). Thread-safety:
/// one thread.
#pragma once

#include <memory>
#include <string>

#include "app/config.hpp"
#include "engine/base/result.hpp"
#include "peers/curl_client.hpp"

namespace souk {

/// Which server, and how it is known.
struct RemoteShop {
  std::string url;          ///< "https://shop.example"; empty: none, a data directory is meant
  std::string ca_file;      ///< certificates that are trusted; empty: the system's
  bool plain_http = false;  ///< the password may go to another machine in the clear
};

class ShopClient {
 public:
  /// Logs in with the settings admin.username and admin.password; what is missing is asked for on the terminal.
  /// Errors, beside the above: kInvalid "config.credentials" (there is no terminal), "config.refused" (by the server),
  /// "config.plain_http" (the password would go to another machine in the clear).
  static Result<std::unique_ptr<ShopClient>> connect(const RemoteShop& shop, const Config& config);
  ShopClient(const ShopClient&) = delete;
  ShopClient& operator=(const ShopClient&) = delete;
  /// Logs out, so that no session is left behind; tries once.
  ~ShopClient();

  /// The body of the answer. `path` begins with "/api/v1/".
  Result<std::string> get(const std::string& path);
  Result<std::string> post(const std::string& path, const std::string& media_type, std::string body);
  /// `body` is a merge patch.
  Result<std::string> patch(const std::string& path, std::string body);
  /// `body` is JSON.
  Result<std::string> put(const std::string& path, std::string body);
  Result<std::string> remove(const std::string& path);

 private:
  struct Credentials {
    std::string username;
    std::string password;
  };

  ShopClient(const RemoteShop& shop, Credentials credentials);
  /// Whether a server that cannot be reached is waited for: it was there before.
  enum class Unreachable : std::uint8_t { kIsWaitedFor, kIsAnError };
  Result<void> log_in(Unreachable unreachable);
  Result<std::string> ask(const HttpRequest& request);
  Result<HttpAnswer> send(HttpRequest request, Unreachable unreachable);

  std::string url_;
  Credentials credentials_;
  std::string token_;
  CurlClient client_;
};

}  // namespace souk
