/// One connection: reads requests one after the other, gives each to its handler, writes the answer. Internal.
///
/// Thread-safety: on its loop's thread only, save what ExchangeSink has.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/http/chunk_decoder.hpp"
#include "gateway/http/exchange.hpp"
#include "gateway/http/loop.hpp"
#include "gateway/http/request_reader.hpp"
#include "gateway/http/transport.hpp"

namespace souk::http {

class Session final : public ExchangeSink, public std::enable_shared_from_this<Session> {
 public:
  using Clock = std::chrono::steady_clock;

  Session(const std::shared_ptr<Loop>& loop, std::shared_ptr<Shared> shared, Transport transport, std::string peer);

  void start();
  void answer(ExchangePtr exchange, Response response) override;
  void begin_stream(ExchangePtr exchange, Response head, StreamPtr stream) override;
  void go_on(StreamPtr stream) override;
  void set_deadline(ExchangePtr exchange, Clock::time_point when, std::function<void(Exchange&)> fn) override;
  void report(const Exchange& exchange, std::string_view what) noexcept override;

  /// Ends what takes too long.
  void check(Clock::time_point now);
  void drain();
  void close();

  std::size_t index = 0;  ///< its place among the loop's sessions

 private:
  enum class State : std::uint8_t { kHandshake, kHead, kBody, kHandling, kWriting, kStreaming, kLingering, kClosed };
  static constexpr int kServedAtOnceMax = 16;

  [[nodiscard]] bool is_reading() const { return state_ == State::kHead || state_ == State::kBody; }
  void wait_readable(Transport::Socket::wait_type wait = Transport::Socket::wait_read);
  void on_readable();
  void shake_hands();
  /// Bytes come in: `pending_` first, then these.
  void take(std::string_view bytes);
  /// Each takes off what it used and says whether to go on.
  bool take_head(std::string_view& bytes);
  bool take_body(std::string_view& bytes);
  void keep_rest(std::string_view rest);
  bool begin_request(std::string_view head, bool nothing_follows);
  void begin_body(const Framing& framing, std::size_t bytes_max, bool nothing_follows);

  void dispatch();
  [[nodiscard]] std::optional<Problem> refusal() const;
  void hand_over();
  void deliver(const ExchangePtr& exchange, Response response);
  /// 304 for a client that has the answer already.
  static void compare_etag(const Request& request, Response& response);
  [[nodiscard]] bool varies_by_coding(const Response& response, const Route* route) const;
  /// Sees to the coding that the client wants; true when the answer goes on from another thread.
  bool encode(const ExchangePtr& exchange, Response& response);
  void finish(const ExchangePtr& exchange, const Response& response);
  /// Answers without a handler and closes.
  void refuse(const Problem& problem);
  /// Answers without a handler.
  void answer_ourselves(const Response& response, std::string_view reason);

  std::size_t send(const Response& response, const Request& request, const Route* route);
  /// Writes `out_`; false while a rest of it is under way, or when the connection is closed.
  bool write_out();
  void write_rest(std::size_t written);
  void wait_writable(std::size_t written);
  void tell_finished(const Exchange& exchange, int status, std::size_t written);
  void after_write();
  void linger();
  void fresh_request();
  WireContext wire_context(const Response& response, const Request& request, const Route* route);

  // In session_stream.cpp.
  /// On its way to the loop, which may end before it comes there: then the stream is over.
  struct UnopenedStream {
    explicit UnopenedStream(StreamPtr one) : stream(std::move(one)) {}
    UnopenedStream(const UnopenedStream&) = delete;
    UnopenedStream& operator=(const UnopenedStream&) = delete;
    ~UnopenedStream();
    StreamPtr stream;
  };
  void open_stream(const ExchangePtr& exchange, const Response& head, StreamPtr stream);
  void pump_stream();
  void append_chunk(std::string_view bytes, bool is_last);
  void check_stream(Clock::time_point now);
  void read_beside_stream();
  void drop_stream();

  std::weak_ptr<Loop> loop_ref_;
  Loop& loop_;  ///< only on the loop's thread
  std::shared_ptr<Shared> shared_;
  std::optional<Transport> transport_;
  std::shared_ptr<const std::string> peer_;

  State state_ = State::kHead;
  bool is_waiting_ = false;  ///< for the socket to become readable
  bool is_taking_ = false;   ///< `take` is below us on the stack and goes on by itself
  bool has_begun_head_ = false;
  bool close_after_ = false;
  bool is_http10_ = false;
  Clock::time_point deadline_ = Clock::time_point::max();

  std::string pending_;  ///< what came and was not used yet
  HeadScanner scanner_;
  std::unique_ptr<Request> request_;
  Match match_;
  std::uint64_t body_left_ = 0;
  std::optional<ChunkDecoder> chunks_;
  std::weak_ptr<Exchange> current_;
  std::string out_;
  StreamPtr stream_;  ///< the answer goes on; kStreaming, or kWriting while the client is slow
  std::string stream_request_id_;
  Clock::time_point idle_text_due_;
  std::size_t lingered_bytes_ = 0;
};

}  // namespace souk::http
