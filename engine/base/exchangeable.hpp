/// A small value that somebody may exchange while others read it; whoever reads has the one or the other.
#pragma once

#include <atomic>

namespace souk {

template <class T>
class Exchangeable {
 public:
  Exchangeable(T value) : value_(value) {}  // NOLINT(google-explicit-constructor): it stands for the value
  Exchangeable(const Exchangeable& other) : value_(other.get()) {}
  Exchangeable& operator=(const Exchangeable& other) { return *this = other.get(); }
  Exchangeable& operator=(T value) {
    value_.store(value, std::memory_order_relaxed);
    return *this;
  }
  [[nodiscard]] T get() const { return value_.load(std::memory_order_relaxed); }
  operator T() const { return get(); }  // NOLINT(google-explicit-constructor)

 private:
  static_assert(std::atomic<T>::is_always_lock_free);
  std::atomic<T> value_;
};

}  // namespace souk
