/// How many events may be under way after a failure: one, then two, then four, and so on, each time once all before
/// them are acknowledged. So the one to blame comes to stand alone after few tries, and little is sent twice until
/// then.
///
/// Where events are refused only together, for their topic takes no batch of that size, there is none to blame: then
/// half as many is what is tried for long.
///
/// Thread-safety: one thread at a time.
#pragma once

#include <algorithm>
#include <cstddef>

namespace souk::kafka {

class CarefulWindow {
 public:
  /// Where nothing has failed it is `whole`.
  explicit CarefulWindow(std::size_t whole) : whole_(whole), ceiling_(whole) {}

  [[nodiscard]] bool is_on() const { return is_on_; }
  /// Whether there is only one under way: if that is refused, it is to blame.
  [[nodiscard]] bool is_alone() const { return is_on_ && size_ == 1; }

  /// Something was refused, or failed otherwise. All begins anew.
  void narrow(bool is_refused) {
    if (is_alone()) {
      ceiling_ = whole_;
    } else if (is_refused && is_on_) {
      ceiling_ = std::max<std::size_t>(1, size_ / 2);
    }
    is_on_ = true;
    size_ = 0;
    left_ = 0;
    calm_ = 0;
  }

  /// False: all that is under way has to be acknowledged first, and `open_next` be called.
  bool take_one() {
    if (!is_on_) return true;
    if (left_ == 0) return false;
    --left_;
    return true;
  }

  void open_next() {
    if (size_ >= ceiling_ && ++calm_ >= kCalm) {
      ceiling_ *= 2;
      calm_ = 0;
    }
    size_ = std::min({std::max<std::size_t>(1, size_ * 2), ceiling_, whole_});
    left_ = size_;
    is_on_ = size_ == 1 || size_ < whole_;
  }

 private:
  static constexpr std::size_t kCalm = 64;  ///< so many times in a row half as many is enough

  std::size_t whole_;
  std::size_t ceiling_;
  bool is_on_ = false;
  std::size_t size_ = 0;
  std::size_t left_ = 0;
  std::size_t calm_ = 0;
};

}  // namespace souk::kafka
