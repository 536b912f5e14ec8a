/// What those that feed indices and those that ask them know in common.
///
/// Thread-safety: any thread.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>
#include <unordered_map>

#include "projections/elastic/client.hpp"

namespace souk::elastic {

class Shared {
 public:
  explicit Shared(const Options& wanted) : options(wanted), client(wanted) {}

  const Options options;
  Client client;

  /// Whether everything that there was has been written into it, as the embedded search's file of this generation of
  /// its follower's says it.
  [[nodiscard]] bool is_whole(const std::string& index, std::uint64_t file) const;
  void set_whole(const std::string& index, std::uint64_t file);
  void set_lacking(const std::string& index);

  /// Points the alias at the index, now or when the server can be reached.
  void publish(const std::string& index);
  void publish_if_due();
  /// It was made anew, and the alias with it is lost.
  void note_lost_alias(const std::string& index);

  /// Waits, unless the end is near.
  void rest(Duration delay);
  /// No further call is made; whoever waits is told.
  void stop();

  std::atomic<std::uint64_t> documents{0};  ///< written
  std::atomic<std::uint64_t> refused{0};    ///< that the server would not take
  std::atomic<std::uint64_t> answers{0};    ///< of searches
  std::atomic<std::uint64_t> fallbacks{0};  ///< searches that another backend had to answer

 private:
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::unordered_map<std::string, std::uint64_t> whole_;
  std::string published_;
  bool is_due_ = false;
};

std::string alias_of(const Options& options);

}  // namespace souk::elastic
