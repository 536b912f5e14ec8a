/// Who has streams of events open: how many there may be, and which must end because their token became void.
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

  /// The right to have one stream open, given back when it goes.
  class Place {
   public:
    Place(EventStreams& streams, const Principal& principal) : streams_(streams), principal_(principal) {}
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    ~Place() { streams_.give_back(*this); }

    /// From now on the stream ends when the token does not count any more; at once if that has happened.
    void hold(http::StreamPtr stream);

   private:
    friend class EventStreams;
    EventStreams& streams_;
    const Principal principal_;
    http::StreamPtr stream_;  ///< these two under the mutex of the streams
    bool is_void_ = false;
  };

  explicit EventStreams(Limits limits) : limits_(limits) {}

  /// Errors: kUnavailable "events.too_many_streams", kTooMany "events.too_many_streams_of_account".
  Result<std::unique_ptr<Place>> take_place(const Principal& principal);
  using IsVoid = std::function<bool(const Principal&)>;
  /// Ends the account's streams whose tokens are void.
  void end_void(AccountId account, const IsVoid& is_void);
  /// The same of all accounts.
  void end_void(const IsVoid& is_void);
  [[nodiscard]] std::size_t size() const;

 private:
  using Places = std::set<Place*>;

  void give_back(Place& place);
  /// Adds the streams to be ended to `ending`. Under the mutex.
  static void find_void(const Places& places, const IsVoid& is_void, std::vector<http::StreamPtr>& ending);

  const Limits limits_;
  mutable std::mutex mutex_;
  std::unordered_map<AccountId, Places> places_;
  std::size_t size_ = 0;
};

}  // namespace souk
