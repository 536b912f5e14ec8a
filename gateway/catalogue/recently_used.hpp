/// Values by key within a budget of bytes; what was not used for the longest goes first.
///
/// Thread-safety: one thread at a time; whoever has one guards it.
/// Limits: the bytes that callers give for each value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <list>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <utility>

namespace souk {

struct CacheFigures {
  std::uint64_t hits = 0;
  std::uint64_t misses = 0;
  std::uint64_t bytes = 0;
};

template <class Key, class Value>
class RecentlyUsed {
 public:
  /// Of a text only what is looked for is needed, and the table does not hold it a second time.
  using Lookup = std::conditional_t<std::is_same_v<Key, std::string>, std::string_view, Key>;

  explicit RecentlyUsed(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  /// Null if there is none. Does not count as a use.
  [[nodiscard]] const Value* find(const Lookup& key) const {
    const auto found = by_key_.find(key);
    return found == by_key_.end() ? nullptr : &found->second->value;
  }

  /// Null if there is none, or `is_current` does not hold for it.
  template <class IsCurrent>
  const Value* use(const Lookup& key, const IsCurrent& is_current) {
    const auto found = by_key_.find(key);
    if (found == by_key_.end() || !is_current(found->second->value)) return nullptr;
    entries_.splice(entries_.begin(), entries_, found->second);
    return &found->second->value;
  }

  /// Takes the place of what the key had; what is larger than the budget is not taken. Where room has to be made, what
  /// would go is used once more instead if `stays` says so of its key; it must not say so for ever.
  template <class Stays>
  void put(Key key, Value value, std::size_t bytes, Stays stays) {
    if (bytes > bytes_max_) return;
    erase(key);
    entries_.push_front({std::move(key), std::move(value), bytes});
    by_key_.emplace(entries_.front().key, entries_.begin());
    bytes_ += bytes;
    while (bytes_ > bytes_max_) {
      const auto last = std::prev(entries_.end());
      if (stays(last->key)) {
        entries_.splice(entries_.begin(), entries_, last);
      } else {
        drop(last);
      }
    }
  }
  void put(Key key, Value value, std::size_t bytes) {
    put(std::move(key), std::move(value), bytes, [](const Key&) { return false; });
  }

  void erase(const Lookup& key) {
    if (const auto found = by_key_.find(key); found != by_key_.end()) drop(found->second);
  }

  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  struct Entry {
    Key key;
    Value value;
    std::size_t bytes = 0;
  };
  using Entries = std::list<Entry>;

  void drop(typename Entries::iterator entry) {
    bytes_ -= entry->bytes;
    by_key_.erase(entry->key);
    entries_.erase(entry);
  }

  const std::size_t bytes_max_;
  Entries entries_;  ///< what was used last comes first
  std::unordered_map<Lookup, typename Entries::iterator> by_key_;
  std::size_t bytes_ = 0;
};

}  // namespace souk
