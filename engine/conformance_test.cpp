// What must hold of every entity in the list, whatever it does: shown by random commands.
#include <doctest/doctest.h>

#include <algorithm>
#include <functional>

#include "engine/entities.hpp"
#include "engine/testing/given.hpp"
#include "engine/testing/random_commands.hpp"

using namespace souk;
using namespace souk::testing;

namespace {

constexpr int kRuns = 150;
// Some events need many coincidences: runs go on until each was seen, but not for ever.
constexpr int kRunsMax = 20 * kRuns;
constexpr int kCommandsPerRun = 120;

/// Commands that come as effects, timers or answers to calls: nobody is there to be told of an Error.
template <class T, class... Others>
constexpr bool kIsOneOf = (std::same_as<T, Others> || ...);
// clang-format off
template <class T>
constexpr bool kIsEffect =
    kIsOneOf<T,
             account::RecordClaim, account::RecordMessage,
             address_book::Clear,
             sessions::Outdate,
             claim::Take, claim::Release,
             stock::Reserve, stock::Deduct, stock::Release, stock::Restock,
             cart::TakeOrdered, cart::Merge,
             guest_cart::RecordMerged,
             order::RecordReserved, order::RecordRefused, order::ExpirePayment, order::RecordPaymentStarted, order::RecordPayment,
             order::RecordRefunded,
             payment::RecordCreated, payment::Close, payment::Poll, payment::Refund, payment::RecordRefund,
             payment::RepeatRefunds,
             job::Due, job::GiveUp, job::RecordOutcome>;
// clang-format on

template <class Command>
bool is_effect(const Command& command) {
  return std::visit([]<class T>(const T&) { return kIsEffect<T>; }, command);
}

template <class E>
void check_state(const typename E::State& state) {
  const std::string text = encode(state);
  const auto back = decode<typename E::State>(text, UnknownFields::kRefused);
  REQUIRE_MESSAGE(back, back.error().detail, " in ", text);
  REQUIRE((*back == state));
  REQUIRE(encode(*back) == text);
  REQUIRE_MESSAGE(is_sound(state), text);
}

template <class E>
typename E::Event through_the_log(const typename E::Event& event) {
  const StoredEvent stored = encode_event(event);
  auto back = decode_event<typename E::Event>(stored.type, stored.schema, stored.payload);
  REQUIRE_MESSAGE(back, back.error().detail, " in ", stored.payload);
  REQUIRE((*back == event));
  REQUIRE(encode_event(*back).payload == stored.payload);
  return std::move(*back);
}

template <class E>
void check_reaction(const typename E::Event& event) {
  const typename E::Id self{Id128{7, 99}};
  const Effects effects = E::react(self, event);
  REQUIRE((effects == E::react(self, event)));
  for (std::size_t i = 0; i < effects.tells.size(); ++i) {
    REQUIRE((effects.tells[i].target != stream_of<E>(self)));
    for (std::size_t j = 0; j < i; ++j) REQUIRE((effects.tells[i].target != effects.tells[j].target));
    std::visit([](const auto& command) { REQUIRE(is_effect(command)); }, effects.tells[i].command);
  }
}

/// With the entity's name, save where two kinds look the same from outside.
template <class E>
std::string reasons_begin() {
  if constexpr (requires { E::kReasonsBegin; }) return std::string(E::kReasonsBegin);
  return std::string(E::kKind) + ".";
}

/// Obeys one random command and checks everything about it; returns the events.
template <class E>
std::vector<typename E::Event> step(Random& random, typename E::State& state) {
  const auto command = random_command(random, state);
  const auto decided = E::decide(state, command);
  REQUIRE((decided == E::decide(state, command)));
  if (!decided) {
    REQUIRE(!is_effect(command));
    REQUIRE(decided.error().code != ErrorCode::kInternal);
    REQUIRE_MESSAGE(decided.error().reason.starts_with(reasons_begin<E>()), decided.error().reason);
    return {};
  }
  for (const auto& event : *decided) {
    state = E::evolve(std::move(state), through_the_log<E>(event));
    check_reaction<E>(event);
  }
  check_state<E>(state);
  if (is_effect(command)) {
    // Harmless when it comes twice, even if nobody upstream noticed.
    const auto again = E::decide(state, command);
    REQUIRE(again);
    REQUIRE((fold<E>(*again, state) == state));
  }
  return *decided;
}

template <class E>
void check_conformance(std::uint64_t seed) {
  check_state<E>({});
  Random random(seed);
  std::vector<bool> seen(std::variant_size_v<typename E::Event>, false);
  const auto all_seen = [&] { return std::ranges::all_of(seen, std::identity{}); };
  for (int run = 0; run < kRuns || (run < kRunsMax && !all_seen()); ++run) {
    typename E::State state;
    typename E::State halfway;
    std::vector<typename E::Event> all;
    std::size_t events_at_half = 0;
    for (int i = 0; i < kCommandsPerRun; ++i) {
      for (auto& event : step<E>(random, state)) {
        seen[event.index()] = true;
        all.push_back(std::move(event));
      }
      if (i == kCommandsPerRun / 2) {
        halfway = decode<typename E::State>(encode(state), UnknownFields::kRefused).value();
        events_at_half = all.size();
      }
    }
    REQUIRE((fold<E>(all) == state));
    const std::vector tail(all.begin() + static_cast<std::ptrdiff_t>(events_at_half), all.end());
    REQUIRE((fold<E>(tail, halfway) == state));
  }
  for (std::size_t i = 0; i < seen.size(); ++i) CHECK_MESSAGE(seen[i], "event ", i, " never happened");
}

}  // namespace

TEST_CASE("every entity is deterministic, sound and the same after replay, whatever it is told") {
  const std::uint64_t seed = seed_of_tests();
  MESSAGE("SOUK_SEED=", seed);
  for_each_entity([&]<class E>() {
    INFO("entity ", std::string(E::kKind), ", SOUK_SEED=", seed);
    check_conformance<E>(seed);
  });
}

TEST_CASE("each timer is one entity's only") {
  for_each_entity([]<class E>() {
    CHECK(E::on_timer("payment_due", Time{1}, Time{2}).has_value() == std::same_as<E, Order>);
    CHECK(E::on_timer("poll", Time{1}, Time{2}).has_value() == std::same_as<E, Payment>);
    CHECK(E::on_timer("refund", Time{1}, Time{2}).has_value() == std::same_as<E, Payment>);
    CHECK(E::on_timer("job_due", Time{1}, Time{2}).has_value() == std::same_as<E, Job>);
    CHECK(E::on_timer("job_answer_due", Time{1}, Time{2}).has_value() == std::same_as<E, Job>);
    CHECK(!E::on_timer("", Time{1}, Time{2}));
  });
}
