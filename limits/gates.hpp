/// How many are inside at once, for each key: who comes in holds a place until it lets go of it.
///
/// Thread-safety: any thread; a `Hold` by one thread at a time.
/// Limits: as many keys as there are places held.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "engine/base/id.hpp"
#include "engine/limits/rule.hpp"

namespace souk::limits {

class Gates {
 public:
  /// False: so many are inside already.
  bool enter(const Id128& key, std::int64_t most);
  void leave(const Id128& key);
  [[nodiscard]] std::int64_t inside(const Id128& key) const;

 private:
  static constexpr std::size_t kShards = 16;

  struct alignas(64) Shard {
    mutable std::mutex mutex;
    std::unordered_map<Id128, std::int64_t> inside;
  };

  [[nodiscard]] Shard& shard(const Id128& key) { return shards_[key.low % kShards]; }

  std::array<Shard, kShards> shards_;
};

/// The places of one request, at most four. Given back when it is destroyed or assigned to.
class Hold {
 public:
  static constexpr std::size_t kPlacesMax = kConcurrentOfRouteMax;

  Hold() = default;
  explicit Hold(std::shared_ptr<Gates> gates) : gates_(std::move(gates)) {}
  Hold(Hold&& other) noexcept { *this = std::move(other); }
  Hold& operator=(Hold&& other) noexcept;
  Hold(const Hold&) = delete;
  Hold& operator=(const Hold&) = delete;
  ~Hold() { release(); }

  bool enter(const Id128& key, std::int64_t most);
  void release();

 private:
  std::shared_ptr<Gates> gates_;
  std::array<Id128, kPlacesMax> keys_;
  std::size_t count_ = 0;
};

}  // namespace souk::limits
