/// An ordered set that is cheap to copy and cheap to change afterwards: copies share chunks of some hundred entries,
/// and a change copies the one that it touches.
///
/// `Order` says how entries stand: a type `Key`, `Key key(const Entry&)`, and `bool before(const Entry&, const Key&)`.
/// Keys are distinct.
/// Thread-safety: any thread may read any copy. Changes are made by one thread, to a copy that nobody else reads yet,
/// under an edit of its own: chunks that were made under this edit are changed in place, all others are left alone.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace souk::permissions {

/// Tells chunks that were made by this change from those that others may be reading.
class Edit {
 public:
  Edit() : number_(last_.fetch_add(1, std::memory_order_relaxed) + 1) {}
  Edit(const Edit&) = delete;
  Edit& operator=(const Edit&) = delete;
  [[nodiscard]] std::uint64_t number() const { return number_; }

 private:
  static inline std::atomic<std::uint64_t> last_{0};
  std::uint64_t number_;
};

template <class Entry, class Order>
class SortedChunks {
 public:
  using Key = typename Order::Key;

  static constexpr std::size_t kEntriesMax = 384;
  static constexpr std::size_t kEntriesMin = kEntriesMax / 4;

  class Cursor {
   public:
    [[nodiscard]] bool at_end() const { return chunk_ == of_->slots_.size(); }
    [[nodiscard]] const Entry& operator*() const { return of_->slots_[chunk_].chunk->entries[entry_]; }
    void next() {
      if (++entry_ == of_->slots_[chunk_].chunk->entries.size()) {
        ++chunk_;
        entry_ = 0;
      }
    }

   private:
    friend class SortedChunks;
    Cursor(const SortedChunks& of, std::size_t chunk, std::size_t entry) : of_(&of), chunk_(chunk), entry_(entry) {}
    const SortedChunks* of_;
    std::size_t chunk_;
    std::size_t entry_;
  };

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] Cursor begin() const { return Cursor(*this, 0, 0); }

  /// The first entry that does not stand before the key.
  [[nodiscard]] Cursor find(const Key& key) const {
    if (slots_.empty()) return begin();
    const auto chunk = chunk_for(key);
    const auto& entries = slots_[chunk].chunk->entries;
    const auto entry = count_before(entries, [&](const Entry& one) { return Order::before(one, key); });
    return entry == entries.size() ? Cursor(*this, chunk + 1, 0) : Cursor(*this, chunk, entry);
  }

  void insert(Entry entry, const Edit& edit) {
    const Key key = Order::key(entry);
    if (slots_.empty()) slots_.push_back({key, std::make_shared<Chunk>(Chunk{edit.number(), {}})});
    const auto number = chunk_for(key);
    auto& entries = own(number, edit);
    const auto before = count_before(entries, [&](const Entry& one) { return Order::before(one, key); });
    entries.insert(entries.begin() + static_cast<std::ptrdiff_t>(before), std::move(entry));
    slots_[number].first = Order::key(entries.front());
    ++size_;
    if (entries.size() > kEntriesMax) split(number, edit);
  }

  /// Whether there was one.
  bool erase(const Key& key, const Edit& edit) {
    if (slots_.empty()) return false;
    const auto number = chunk_for(key);
    const auto& shared = slots_[number].chunk->entries;
    const auto at = count_before(shared, [&](const Entry& one) { return Order::before(one, key); });
    if (at == shared.size() || Order::key(shared[at]) != key) return false;
    auto& entries = own(number, edit);
    entries.erase(entries.begin() + static_cast<std::ptrdiff_t>(at));
    --size_;
    if (entries.empty()) {
      slots_.erase(slots_.begin() + static_cast<std::ptrdiff_t>(number));
    } else {
      slots_[number].first = Order::key(entries.front());
      if (entries.size() < kEntriesMin) join(number, edit);
    }
    return true;
  }

 private:
  struct Chunk {
    std::uint64_t edit;
    std::vector<Entry> entries;
  };
  struct Slot {
    Key first;
    std::shared_ptr<Chunk> chunk;
  };

  /// How many of these stand before something: a binary search whose steps need not be foretold.
  template <class Ordered, class Before>
  static std::size_t count_before(const std::vector<Ordered>& all, const Before& before) {
    const Ordered* at = all.data();
    for (std::size_t left = all.size(); left > 0;) {
      const auto half = (left + 1) / 2;
      at += before(at[half - 1]) ? half : 0;
      left -= half;
    }
    return static_cast<std::size_t>(at - all.data());
  }

  [[nodiscard]] std::size_t chunk_for(const Key& key) const {
    const auto not_after = count_before(slots_, [&](const Slot& one) { return !(key < one.first); });
    return not_after == 0 ? 0 : not_after - 1;
  }

  /// The entries of a chunk that is ours to change.
  std::vector<Entry>& own(std::size_t number, const Edit& edit) {
    auto& chunk = slots_[number].chunk;
    if (chunk->edit != edit.number()) {
      auto copy = std::make_shared<Chunk>();
      copy->edit = edit.number();
      copy->entries.reserve(chunk->entries.size() + 1);
      copy->entries = chunk->entries;
      chunk = std::move(copy);
    }
    return chunk->entries;
  }

  void split(std::size_t number, const Edit& edit) {
    auto& entries = own(number, edit);
    const auto middle = entries.begin() + static_cast<std::ptrdiff_t>(entries.size() / 2);
    auto upper = std::make_shared<Chunk>();
    upper->edit = edit.number();
    upper->entries.assign(std::make_move_iterator(middle), std::make_move_iterator(entries.end()));
    entries.erase(middle, entries.end());
    const Key first = Order::key(upper->entries.front());
    slots_.insert(slots_.begin() + static_cast<std::ptrdiff_t>(number) + 1, Slot{first, std::move(upper)});
  }

  /// Puts what follows into a chunk that has become small, if both fit.
  void join(std::size_t number, const Edit& edit) {
    if (number + 1 == slots_.size()) return;
    const auto following = slots_[number + 1].chunk;
    auto& entries = own(number, edit);
    if (entries.size() + following->entries.size() > kEntriesMax - kEntriesMin) return;
    entries.insert(entries.end(), following->entries.begin(), following->entries.end());
    slots_.erase(slots_.begin() + static_cast<std::ptrdiff_t>(number) + 1);
  }

  std::vector<Slot> slots_;
  std::size_t size_ = 0;
};

}  // namespace souk::permissions
