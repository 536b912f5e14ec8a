#include "limits/gates.hpp"

#include <cassert>
#include <utility>

namespace souk::limits {

bool Gates::enter(const Id128& key, std::int64_t most) {
  Shard& own = shard(key);
  const std::scoped_lock lock(own.mutex);
  const auto found = own.inside.find(key);
  if (found == own.inside.end()) {
    own.inside.emplace(key, 1);
    return true;
  }
  if (found->second >= most) return false;
  ++found->second;
  return true;
}

void Gates::leave(const Id128& key) {
  Shard& own = shard(key);
  const std::scoped_lock lock(own.mutex);
  const auto found = own.inside.find(key);
  assert(found != own.inside.end());
  if (--found->second == 0) own.inside.erase(found);
}

std::int64_t Gates::inside(const Id128& key) const {
  const Shard& own = shards_[key.low % kShards];
  const std::scoped_lock lock(own.mutex);
  const auto found = own.inside.find(key);
  return found == own.inside.end() ? 0 : found->second;
}

Hold& Hold::operator=(Hold&& other) noexcept {
  if (this == &other) return *this;
  release();
  gates_ = std::move(other.gates_);
  keys_ = other.keys_;
  count_ = std::exchange(other.count_, 0);
  return *this;
}

bool Hold::enter(const Id128& key, std::int64_t most) {
  assert(count_ < kPlacesMax);
  if (!gates_->enter(key, most)) return false;
  keys_[count_++] = key;
  return true;
}

void Hold::release() {
  while (count_ > 0) gates_->leave(keys_[--count_]);
}

}  // namespace souk::limits
