#include "gateway/events/streams.hpp"

#include <doctest/doctest.h>

#include "gateway/http/exchange.hpp"

namespace souk {
namespace {

/// A connection that counts how often it was told that a stream has something to say.
struct Sink : http::ExchangeSink {
  int told = 0;

  void answer(http::ExchangePtr /*exchange*/, http::Response /*response*/) override {}
  void begin_stream(http::ExchangePtr /*exchange*/, http::Response /*head*/, http::StreamPtr /*stream*/) override {}
  void go_on(http::StreamPtr /*stream*/) override { ++told; }
  void set_deadline(http::ExchangePtr /*exchange*/, std::chrono::steady_clock::time_point /*when*/,
                    std::function<void(http::Exchange&)> /*fn*/) override {}
  void report(const http::Exchange& /*exchange*/, std::string_view /*what*/) noexcept override {}
};

Principal signed_with(std::string key_id, std::uint64_t account) {
  Principal who;
  who.account = AccountId{{0xacc, account}};
  who.key_id = std::move(key_id);
  return who;
}
bool is_old(const Principal& who) {
  return who.key_id == "old";
}

struct Client {
  std::shared_ptr<Sink> sink = std::make_shared<Sink>();
  http::StreamPtr stream = std::make_shared<http::Stream>(sink, http::StreamOptions{});
  std::shared_ptr<bool> may_follow = std::make_shared<bool>(true);
  std::unique_ptr<EventStreams::Place> place;

  Client(EventStreams& streams, const Principal& who)
      : place(std::move(streams.take_place(who, [may = may_follow] { return *may; }).value())) {}
  void hold() { place->hold(stream); }
  [[nodiscard]] bool was_ended() const { return sink->told > 0; }
};

Result<std::unique_ptr<EventStreams::Place>> take(EventStreams& streams, std::uint64_t account) {
  return streams.take_place(signed_with("new", account), [] { return true; });
}

}  // namespace

TEST_CASE("streams whose tokens are void end, whoever has them, and no others") {
  EventStreams streams({});
  Client ada(streams, signed_with("old", 1));
  Client bob(streams, signed_with("old", 2));
  Client eve(streams, signed_with("new", 2));
  for (auto* client : {&ada, &bob, &eve}) client->hold();
  streams.end_void(AccountId{{0xacc, 2}}, is_old);
  CHECK_FALSE(ada.was_ended());
  CHECK(bob.was_ended());
  streams.end_void(is_old);
  CHECK(ada.was_ended());
  CHECK_FALSE(eve.was_ended());
}

TEST_CASE("a stream that is being opened while its token becomes void ends as soon as it is there") {
  EventStreams streams({});
  Client ada(streams, signed_with("old", 1));
  streams.end_void(is_old);
  CHECK_FALSE(ada.was_ended());
  ada.hold();
  CHECK(ada.was_ended());
}

TEST_CASE("streams end that their owners may not follow any more, also while they are being opened") {
  EventStreams streams({});
  Client ada(streams, signed_with("new", 1));
  Client bob(streams, signed_with("new", 2));
  Client eve(streams, signed_with("new", 3));
  ada.hold();
  bob.hold();
  *ada.may_follow = *eve.may_follow = false;
  streams.end_denied();
  CHECK(ada.was_ended());
  CHECK_FALSE(bob.was_ended());
  CHECK_FALSE(eve.was_ended());
  eve.hold();
  CHECK(eve.was_ended());
}

TEST_CASE("there are no more streams than there may be, and a place that is given back is another's") {
  EventStreams streams({3, 2});
  const Client first(streams, signed_with("new", 1));
  auto second = std::make_unique<Client>(streams, signed_with("new", 1));
  CHECK(take(streams, 1).error().reason == "events.too_many_streams_of_account");
  const Client third(streams, signed_with("new", 2));
  CHECK(take(streams, 3).error().reason == "events.too_many_streams");
  second.reset();
  CHECK(streams.size() == 2);
  CHECK(take(streams, 1));
}

}  // namespace souk
