/// What those that feed indices and those that ask them know in common.
///
/// Thread-safety: any thread.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "projections/elastic/client.hpp"

namespace souk::elastic {

class Shared {
 public:
  /// `tell`: a sentence for the log of the process.
  explicit Shared(const Options& wanted, std::function<void(const std::string&)> tell = {})
      : options(wanted), client(wanted), tell_(std::move(tell)) {}

  const Options options;
  Client client;

  /// Whether everything that there was has been written into it, as the embedded search's file of this generation of
  /// its follower's says it.
  [[nodiscard]] bool is_whole(const std::string& index, std::uint64_t file) const;
  void set_whole(const std::string& index, std::uint64_t file);
  void set_lacking(const std::string& index);
  /// A search found it closed or gone: nobody asks it before whoever feeds it has looked.
  void suspect(const std::string& index);
  /// Whether it was suspected; it is not any more.
  [[nodiscard]] bool take_suspicion(const std::string& index);

  /// Points the alias at the index, now or when the server can be reached.
  void publish(const std::string& index);
  void publish_if_due(Duration longest);
  /// It was made anew, and the alias with it is lost.
  void note_lost_alias(const std::string& index);

  /// Waits, unless the end is near.
  void rest(Duration delay);
  [[nodiscard]] bool is_ending() const;
  /// The end is near: searches are not answered any more, and what is written is to be brought to an end.
  void begin_end();
  /// No further call is made.
  void stop();

  std::atomic<std::uint64_t> documents{0};  ///< written
  std::atomic<std::uint64_t> refused{0};    ///< that the server would not take
  std::atomic<std::uint64_t> answers{0};    ///< of searches
  std::atomic<std::uint64_t> fallbacks{0};  ///< searches that another backend had to answer

 private:
  const std::function<void(const std::string&)> tell_;
  std::mutex publishing_;  ///< one at a time
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::unordered_map<std::string, std::uint64_t> whole_;
  std::unordered_set<std::string> suspected_;
  std::string published_;
  std::string problem_;  ///< why the alias could not be pointed, as it was told last
  bool is_due_ = false;
};

std::string alias_of(const Options& options);
std::string index_of(const Options& options, std::uint64_t generation);

}  // namespace souk::elastic
