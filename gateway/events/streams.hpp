/// Who has streams of events open: how many there may be, and which must end because their token became void, or
/// because the permissions do not let their owner follow them any more.
///
/// Thread-safety: any thread may call.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <unordered_map>
#include <vector>

#include "engine/base/result.hpp"
#include "gateway/http/stream.hpp"
#include "privacy/access_token.hpp"

namespace souk {

class EventStreams {
 public:
  struct Limits {
    std::size_t all_max = 4'096;
    std::size_t per_account_max = 16;
  };

  /// Whether its owner may follow a stream as things stand. Asked on any thread; must not block.
  using MayFollow = std::function<bool()>;

  /// The right to have one stream open, given back when it goes.
  class Place {
   public:
    Place(EventStreams& streams, const Principal& principal, MayFollow may_follow)
        : streams_(streams), principal_(principal), may_follow_(std::move(may_follow)) {}
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    ~Place() { streams_.give_back(*this); }

    /// From now on the stream ends when the token does not count any more; at once if that has happened.
    void hold(http::StreamPtr stream);

   private:
    friend class EventStreams;
    EventStreams& streams_;
    const Principal principal_;
    const MayFollow may_follow_;
    http::StreamPtr stream_;  ///< these two under the mutex of the streams
    bool is_void_ = false;
  };

  explicit EventStreams(Limits limits) : limits_(limits) {}

  /// Errors: kUnavailable "events.too_many_streams", kTooMany "events.too_many_streams_of_account".
  Result<std::unique_ptr<Place>> take_place(const Principal& principal, MayFollow may_follow);
  using IsVoid = std::function<bool(const Principal&)>;
  /// Ends the account's streams whose tokens are void.
  void end_void(AccountId account, const IsVoid& is_void);
  /// The same of all accounts.
  void end_void(const IsVoid& is_void);
  /// Ends the streams that their owners may not follow any more.
  void end_denied();
  [[nodiscard]] std::size_t size() const;

 private:
  using Places = std::set<Place*>;
  using Ending = std::vector<http::StreamPtr>;

  void give_back(Place& place);
  /// Adds the streams of places that are to be void to `ending`. Under the mutex.
  template <class IsOver>
  static void make_void(const Places& places, const IsOver& is_over, Ending& ending);

  const Limits limits_;
  mutable std::mutex mutex_;
  std::unordered_map<AccountId, Places> places_;
  std::size_t size_ = 0;
};

}  // namespace souk
