/// How the program itself asks entities while it starts: as the configuration, and waiting for the answer.
#pragma once

#include <chrono>
#include <future>
#include <memory>
#include <utility>

#include "engine/base/id.hpp"
#include "engine/base/result.hpp"
#include "eventstore/record.hpp"

namespace souk {

/// Of a command that nobody says but the configuration. Each is another one.
inline CommandMeta configuration_meta() {
  CommandMeta meta;
  meta.command_id = CommandId{random_id()};
  meta.principal = "system:configuration";
  return meta;
}

/// An answer that is given on one thread and waited for on another. Copies stand for the same one.
template <class T>
class Awaited {
 public:
  /// Once.
  void give(Result<T> answer) const { promise_->set_value(std::move(answer)); }
  /// Once. Errors: the answer's, or `late` if there is none for half a minute.
  Result<T> take(Error late) const {
    auto answer = promise_->get_future();
    if (answer.wait_for(kLongest) == std::future_status::ready) return answer.get();
    return tl::unexpected<Error>(std::move(late));
  }

 private:
  static constexpr auto kLongest = std::chrono::seconds(30);

  std::shared_ptr<std::promise<Result<T>>> promise_ = std::make_shared<std::promise<Result<T>>>();
};

}  // namespace souk
