#include "projections/elastic/shared.hpp"

#include <chrono>
#include <utility>

#include "projections/elastic/index_shape.hpp"

namespace souk::elastic {

namespace {

constexpr Duration kPublishMax = Duration::milliseconds(2'000);

}  // namespace

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

void Shared::suspect(const std::string& index) {
  const std::lock_guard lock(mutex_);
  whole_.erase(index);
  suspected_.insert(index);
}

bool Shared::take_suspicion(const std::string& index) {
  const std::lock_guard lock(mutex_);
  return suspected_.erase(index) > 0;
}

void Shared::publish(const std::string& index) {
  {
    const std::lock_guard lock(mutex_);
    published_ = index;
    is_due_ = true;
  }
  publish_if_due(kPublishMax);
}

void Shared::publish_if_due(Duration longest) {
  const std::lock_guard one(publishing_);
  std::string index;
  {
    const std::lock_guard lock(mutex_);
    if (!is_due_) return;
    index = published_;
  }
  const auto done = point_alias(client, alias_of(options), index, longest);
  std::string problem;
  {
    const std::lock_guard lock(mutex_);
    if (done && index == published_) is_due_ = false;
    // One that is only away is told of by whoever feeds it.
    if (!done && done.error().reason == "elasticsearch.refused") problem = done.error().detail;
    if (std::exchange(problem_, problem) == problem) problem.clear();
  }
  if (!problem.empty() && tell_)
    tell_("the alias " + alias_of(options) + " cannot be pointed at " + index + ": " + problem);
}

void Shared::note_lost_alias(const std::string& index) {
  const std::lock_guard lock(mutex_);
  is_due_ = is_due_ || index == published_;
}

void Shared::rest(Duration delay) {
  std::unique_lock lock(mutex_);
  wake_.wait_for(lock, std::chrono::microseconds(delay.us), [this] { return stopping_; });
}

bool Shared::is_ending() const {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

void Shared::begin_end() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  client.hurry();
  client.stop_queries();
}

void Shared::stop() {
  begin_end();
  client.stop();
}

std::string alias_of(const Options& options) {
  return options.index_prefix + "-products";
}

std::string index_of(const Options& options, std::uint64_t generation) {
  return alias_of(options) + "-" + std::to_string(generation);
}

}  // namespace souk::elastic
