/// What the routes share: the live shop, its read models, its keys and its settings.
///
/// Ownership: everything named here outlives the server whose handlers use it.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>

#include "actors/durability_gate.hpp"
#include "actors/entity_host.hpp"
#include "actors/worker_pool.hpp"
#include "engine/base/clock.hpp"
#include "engine/base/exchangeable.hpp"
#include "gateway/catalogue/names.hpp"
#include "gateway/events/feed.hpp"
#include "gateway/events/streams.hpp"
#include "gateway/http/server.hpp"
#include "gateway/limits/traffic.hpp"
#include "peers/breakers.hpp"
#include "gateway/permissions/policy_keeper.hpp"
#include "privacy/access_token.hpp"
#include "privacy/cursor.hpp"
#include "privacy/install_keys.hpp"
#include "privacy/keyed_hash.hpp"
#include "privacy/one_time_token.hpp"
#include "privacy/password.hpp"
#include "privacy/refresh_token.hpp"
#include "privacy/revocations.hpp"
#include "privacy/vault.hpp"
#include "projections/projections.hpp"

namespace souk {

class Metrics;
class Storefront;
class PaymentServices;
class SettingsDesk;

using LiveDuration = Exchangeable<Duration>;

/// What is exchangeable may change while the shop serves.
struct ApiOptions {
  LiveDuration payment_timeout = Duration::minutes(10);               ///< from placing an order to its cancellation
  LiveDuration answer_deadline = Duration::milliseconds(2000);        ///< how long an answer waits for a saga
  LiveDuration registration_deadline = Duration::milliseconds(5000);  ///< the same for a registration
  LiveDuration reset_ttl = Duration::minutes(30);                     ///< how long a token resets a password
  LiveDuration verification_ttl = Duration::minutes(24 * 60);         ///< how long a token verifies an e-mail address
  LiveDuration message_interval = Duration::seconds(60);              ///< between two messages of one kind to a person
  Duration reset_answer_delay = Duration::milliseconds(300);          ///< of asking for a reset, whoever asks for whom
  LiveDuration position_wait = Duration::milliseconds(2000);          ///< how long a read waits for its Souk-Position
  Duration command_deadline = Duration::seconds(10);                  ///< a command not begun by then is refused
  LiveDuration guest_cart_ttl = Duration::seconds(30 * 86'400);       ///< from a guest's last change to its cart's end
  LiveDuration event_heartbeat = Duration::seconds(15);               ///< between two signs of life of a quiet stream
  EventStreams::Limits event_streams;                                 ///< that clients may have open
  Duration refresh_ttl = Duration::seconds(7 * 86'400);               ///< how long a session holds that is not used
  Duration refresh_grace = Duration::seconds(10);            ///< a used refresh token is answered again so long
  Duration refresh_due = Duration::seconds(600);             ///< answers to an access token that holds no longer say so
  Duration token_key_life = Duration::seconds(30 * 86'400);  ///< then another key signs; 0: never
  Exchangeable<bool> one_session_only = false;               ///< logging in ends the account's other sessions
  bool cookies_secure = true;                                ///< cookies with tokens are sent over HTTPS only
  std::vector<Currency> currencies{Currency{}};              ///< that prices may be in
};

class Api {
 public:
  struct Parts {
    EventLog& log;
    Clock& clock;
    EntityHost& host;
    Projections& projections;
    Vault& vault;
    PasswordPool& passwords;
    PaymentServices& payments;
    const InstallKeys& keys;
    TokenKeys& token_keys;
    Duration token_ttl;
    std::size_t token_cache_max;
    std::function<std::string()> render_metrics;
  };

  Api(const Parts& parts, ApiOptions options);
  ~Api();

  /// Adds every route of Souk.
  void add_routes(http::Router& router);
  /// From now on answers are posted to this server's I/O thread, all that one commit released in one go. Null: the
  /// server is about to end, and what becomes durable now is told where it happens.
  void attach(http::Server* server);
  /// Lets limits hold from the first request on. It must outlive the last request.
  void use(Traffic& traffic) { traffic_ = &traffic; }
  /// Null: nothing is limited.
  [[nodiscard]] Traffic* traffic() const { return traffic_; }
  /// Runs it on the I/O thread. Once the server ends it is dropped, with whom it would answer.
  void post(std::function<void()> task);
  /// Whether /readyz says yes.
  void set_ready(bool ready) { ready_ = ready; }
  [[nodiscard]] bool ready() const { return ready_; }

  EventLog& log;
  Clock& clock;
  EntityHost& host;
  Projections& projections;
  Vault& vault;
  PasswordPool& passwords;
  PaymentServices& payments;
  ApiOptions options;
  SettingsDesk* settings = nullptr;  ///< there before the first request is
  const KeyedHash claim_ids;
  const KeyedHash command_ids;
  const KeyedHash fingerprints;
  TokenKeys& token_keys;
  const AccessTokens tokens;
  const RefreshTokens refresh_tokens;
  TokenCache verified_tokens;
  EventStreams event_streams;
  Revocations revocations;
  PolicyKeeper permissions;
  CatalogueNames names;
  const OneTimeTokens one_time_tokens;
  const Cursors cursors;
  const PositionTokens positions;
  const std::function<std::string()> render_metrics;
  /// Around what is asked outside of this process.
  Breakers breakers;

 private:
  Traffic* traffic_ = nullptr;
  std::mutex server_mutex_;  ///< held while answers are posted, so that the server does not end meanwhile
  http::Server* server_ = nullptr;

 public:
  /// Holds every answer until what it was judged at is durable.
  DurabilityGate answers;
  /// Runs what reads the disk for a list.
  WorkerPool queries{1};
  /// Runs reports and what operators ask of followers, which may take long: nobody's list waits for it.
  WorkerPool reports{2, "souk:reports"};
  /// Runs what jobs look up and compare, which may take long: nobody's list waits for it.
  WorkerPool jobs{1, "souk:jobs"};
  /// For those who follow what happens as it happens.
  EventFeed feed;
  /// Searches, and what is kept at hand for those who look.
  const std::unique_ptr<Storefront> storefront;

 private:
  std::atomic<bool> ready_{false};
};

}  // namespace souk
