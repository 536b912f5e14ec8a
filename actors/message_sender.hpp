/// Whoever sends messages to people: called only about durable intents, at least once for each.
#pragma once

#include <functional>

#include "engine/entities.hpp"

namespace souk {

/// Thread-safety: called on any thread, answers on any thread, exactly once a call.
class MessageSender {
 public:
  MessageSender() = default;
  MessageSender(const MessageSender&) = delete;
  MessageSender& operator=(const MessageSender&) = delete;
  virtual ~MessageSender() = default;

  /// Must not block. A message that is given twice may be sent twice: it says the same both times. `answer` is false
  /// when it can never be sent any more.
  virtual void send(const SendMessage& message, std::function<void(bool sent)> answer) = 0;
};

/// Says that everything is sent and does nothing.
class MessagesDropped final : public MessageSender {
 public:
  void send(const SendMessage& message, std::function<void(bool sent)> answer) override {
    (void)message;
    answer(true);
  }
};

}  // namespace souk
