/// Sends messages to people by writing each as a JSON file into a folder, from where whoever delivers mail takes it.
///
/// A file is written whole under another name, synced and renamed; nobody but its owner may read it, for it holds a
/// token. Its name follows from the message, so that writing it again after a crash replaces it.
/// Thread-safety: any thread may send. Limits: 10,000 messages wait; one more is not sent.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "actors/message_sender.hpp"
#include "engine/base/clock.hpp"
#include "privacy/one_time_token.hpp"
#include "privacy/vault.hpp"

namespace souk {

class MessageFiles final : public MessageSender {
 public:
  static constexpr std::size_t kWaitingMax = 10'000;

  struct Options {
    std::string directory;  ///< made, for its owner only, if it is not there
    std::chrono::milliseconds retry_after{1'000};
    /// Told of each failure to write.
    std::function<void(const Error&)> report = {};
  };

  /// Errors: kUnavailable "messages.directory".
  static Result<std::unique_ptr<MessageFiles>> open(Options options, Vault& vault, OneTimeTokens tokens, Clock& clock);
  /// Drops what waits; its events ask for it again at the next start.
  ~MessageFiles() override;

  /// Tried again until it is written or its token has expired.
  void send(const SendMessage& message, std::function<void(bool sent)> answer) override;

 private:
  struct Job {
    SendMessage message;
    std::function<void(bool)> answer;
  };

  MessageFiles(Options options, Vault& vault, OneTimeTokens tokens, Clock& clock);
  void run();
  [[nodiscard]] Result<void> write(const SendMessage& message);

  const Options options_;
  Vault& vault_;
  const OneTimeTokens tokens_;
  Clock& clock_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> waiting_;
  bool stopped_ = false;
  std::thread thread_;
};

}  // namespace souk
