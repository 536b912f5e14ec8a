#include "projections/elastic/shared.hpp"

#include <chrono>

#include "projections/elastic/index_shape.hpp"

namespace souk::elastic {

bool Shared::is_whole(const std::string& index, std::uint64_t file) const {
  const std::lock_guard lock(mutex_);
  const auto found = whole_.find(index);
  return found != whole_.end() && found->second == file;
}

void Shared::set_whole(const std::string& index, std::uint64_t file) {
  const std::lock_guard lock(mutex_);
  whole_[index] = file;
}

void Shared::set_lacking(const std::string& index) {
  const std::lock_guard lock(mutex_);
  whole_.erase(index);
}

void Shared::publish(const std::string& index) {
  {
    const std::lock_guard lock(mutex_);
    published_ = index;
    is_due_ = true;
  }
  publish_if_due();
}

void Shared::publish_if_due() {
  std::string index;
  {
    const std::lock_guard lock(mutex_);
    if (!is_due_) return;
    index = published_;
  }
  const auto done = point_alias(client, alias_of(options), index);
  const std::lock_guard lock(mutex_);
  if (done && index == published_) is_due_ = false;
}

void Shared::note_lost_alias(const std::string& index) {
  const std::lock_guard lock(mutex_);
  is_due_ = is_due_ || index == published_;
}

void Shared::rest(Duration delay) {
  std::unique_lock lock(mutex_);
  wake_.wait_for(lock, std::chrono::microseconds(delay.us), [this] { return stopping_; });
}

void Shared::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  client.stop();
}

std::string alias_of(const Options& options) {
  return options.index_prefix + "-products";
}

}  // namespace souk::elastic
