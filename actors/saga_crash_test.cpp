/// The sagas of the shop with a crash before and after every step: every run ends in the same, legal state.
#include <doctest/doctest.h>

#include <cstdlib>

#include "actors/testing/simulation.hpp"

namespace souk::testing {
namespace {

constexpr Time kStart{1'780'000'000'000'000};

Id128 number(std::uint64_t n) {
  return Id128{n, n * 7919};
}
const AccountId kBuyer{number(1)};
const ProductId kTea{number(2)};
const ProductId kCup{number(3)};
const OrderId kOrder{number(4)};
const PaymentId kPayment{number(5)};

/// Sends a command until it is answered; the answer is heard only once it is durable.
template <Entity E>
ClientCall call(typename E::Id id, typename E::Command command, std::uint64_t key, Until<E> until = nullptr) {
  ClientCall out;
  out.send = [=](EntityHost& host, DurabilityGate& gate, const std::function<void()>& answered) {
    CommandMeta meta;
    meta.command_id = CommandId{number(1000 + key)};
    meta.has_key = true;
    meta.fingerprint[0] = static_cast<std::uint8_t>(key);
    meta.principal = "account:test";
    host.ask<E>(id, command, meta, {.deadline = {}, .only_at = {}, .until = until},
                [&gate, answered](const Judged<E>& judged) { gate.hold(judged.position, answered); });
  };
  return out;
}

order::Line line(ProductId product, std::int64_t quantity) {
  order::Line out;
  out.product = product;
  out.product_version = Version{1};
  out.name = "tea";
  out.unit_price = Money{500, {}};
  out.quantity = quantity;
  return out;
}

order::Place place(std::vector<order::Line> lines, bool from_cart = false) {
  order::Place out;
  out.account = kBuyer;
  out.lines = std::move(lines);
  out.address.sealed = "personal:v1:address";
  out.from_cart = from_cart;
  out.placed_at = kStart;
  out.payment_due_at = kStart + Duration::minutes(10);
  return out;
}

bool is_settled(const order::State& state) {
  return state.state != order::OrderState::kNone && state.state != order::OrderState::kPlaced;
}

ClientCall receive(ProductId product, std::int64_t quantity, std::uint64_t key) {
  return call<Stock>(product, stock::Receive{quantity, "delivery"}, key);
}
ClientCall pay(std::int64_t amount, std::uint64_t key) {
  const provider::Report report{
      provider::Source::kCallback, provider::Outcome::kPaid, "ref", Money{amount, {}}, {}, {}};
  return call<Payment>(kPayment, payment::RecordReport{report, kStart}, key);
}
ClientCall start_payment(std::int64_t amount, std::uint64_t key) {
  return call<Payment>(kPayment,
                       payment::Start{kOrder, kBuyer, "sandbox", Money{amount, {}}, kStart,
                                      provider::Presentation::kPage, kStart + Duration::minutes(10)},
                       key);
}

/// A story: what clients do, phase by phase, and what must hold at its end.
struct Story {
  const char* name;
  std::function<void(Simulation&)> play;
  std::function<void(Simulation&)> check;
};

void check_stock(Simulation& shop, ProductId product, std::int64_t on_hand, std::int64_t reserved) {
  const auto state = shop.state<Stock>(product);
  CHECK(state.on_hand == on_hand);
  CHECK(state.reserved == reserved);
}

const Story kPaid{
    "paid from the cart, then shopping on",
    [](Simulation& shop) {
      shop.run_phase({receive(kTea, 10, 1), receive(kCup, 10, 2), call<Cart>(kBuyer, cart::AddItem{kTea, 2}, 3)});
      shop.run_phase({call<Cart>(kBuyer, cart::AddItem{kCup, 1}, 4)});
      shop.run_phase({call<Order>(kOrder, place({line(kTea, 2), line(kCup, 1)}, true), 5, is_settled)});
      shop.run_phase({call<Cart>(kBuyer, cart::AddItem{kTea, 3}, 6), start_payment(1500, 7)});
      shop.settle();
      shop.run_phase({pay(1500, 8)});
    },
    [](Simulation& shop) {
      CHECK(shop.state<Order>(kOrder).state == order::OrderState::kPaid);
      check_stock(shop, kTea, 8, 0);
      check_stock(shop, kCup, 9, 0);
      std::int64_t tea = 0;
      for (const auto& item : shop.state<Cart>(kBuyer).lines) tea += item.quantity;
      CHECK(tea >= 3);
      CHECK(shop.state<Payment>(kPayment).status == payment::Status::kSucceeded);
    }};

const Story kCancelled{"cancelled by the buyer",
                       [](Simulation& shop) {
                         shop.run_phase({receive(kTea, 10, 1), receive(kCup, 10, 2)});
                         shop.run_phase({call<Order>(kOrder, place({line(kTea, 2), line(kCup, 1)}), 3, is_settled)});
                         shop.run_phase({call<Order>(kOrder, order::Cancel{order::CancelReason::kUser, kStart}, 4)});
                       },
                       [](Simulation& shop) {
                         CHECK(shop.state<Order>(kOrder).state == order::OrderState::kCancelled);
                         check_stock(shop, kTea, 10, 0);
                         check_stock(shop, kCup, 10, 0);
                       }};

const Story kTimedOut{"never paid",
                      [](Simulation& shop) {
                        shop.run_phase({receive(kTea, 10, 1)});
                        shop.run_phase({call<Order>(kOrder, place({line(kTea, 2)}), 3, is_settled)});
                        shop.advance(Duration::minutes(11));
                      },
                      [](Simulation& shop) {
                        const auto state = shop.state<Order>(kOrder);
                        CHECK(state.state == order::OrderState::kCancelled);
                        CHECK((state.cancel_reason == order::CancelReason::kPaymentTimeout));
                        check_stock(shop, kTea, 10, 0);
                      }};

const Story kShort{"one line too few",
                   [](Simulation& shop) {
                     shop.run_phase({receive(kTea, 10, 1), receive(kCup, 1, 2)});
                     shop.run_phase({call<Order>(kOrder, place({line(kTea, 2), line(kCup, 2)}), 3, is_settled)});
                   },
                   [](Simulation& shop) {
                     const auto state = shop.state<Order>(kOrder);
                     CHECK(state.state == order::OrderState::kRejected);
                     REQUIRE(state.shortages.size() == 1);
                     CHECK(state.shortages[0].asked == 2);
                     CHECK(state.shortages[0].available == 1);
                     check_stock(shop, kTea, 10, 0);
                     check_stock(shop, kCup, 1, 0);
                   }};

const Story kPaidTooLate{"paid after it was cancelled",
                         [](Simulation& shop) {
                           shop.run_phase({receive(kTea, 10, 1)});
                           shop.run_phase({call<Order>(kOrder, place({line(kTea, 2)}), 2, is_settled)});
                           shop.run_phase({start_payment(1000, 3)});
                           shop.settle();
                           shop.run_phase({call<Order>(kOrder, order::Cancel{order::CancelReason::kUser, kStart}, 4)});
                           shop.settle();
                           shop.run_phase({pay(1000, 5)});
                         },
                         [](Simulation& shop) {
                           CHECK(shop.state<Order>(kOrder).state == order::OrderState::kCancelled);
                           const auto paid = shop.state<Payment>(kPayment);
                           CHECK(standing_of(paid) == payment::Standing::kRefunded);
                           CHECK(paid.refunded == paid.captured);
                           check_stock(shop, kTea, 10, 0);
                         }};

account::Register registration(std::uint64_t email) {
  account::Register out;
  out.username.sealed = "personal:v1:name";
  out.email.sealed = "personal:v1:mail";
  out.password_hash.sealed = "secret:v1:hash";
  out.username_claim = ClaimId{number(50)};
  out.email_claim = ClaimId{number(email)};
  out.at = kStart;
  return out;
}

const Story kTwoOfOneName{"two registrations of one name, one after the other",
                          [](Simulation& shop) {
                            const auto answered = [](const account::State& state) {
                              return state.status == account::Status::kActive ||
                                     state.status == account::Status::kRejected;
                            };
                            shop.run_phase({call<Account>(AccountId{number(60)}, registration(51), 1, answered)});
                            shop.run_phase({call<Account>(AccountId{number(61)}, registration(52), 2, answered)});
                          },
                          [](Simulation& shop) {
                            CHECK(shop.state<Account>(AccountId{number(60)}).status == account::Status::kActive);
                            CHECK(shop.state<Account>(AccountId{number(61)}).status == account::Status::kRejected);
                          }};

const CartId kGuest{number(70)};

ClientCall spend(std::uint64_t key) {
  return call<GuestCart>(kGuest, guest_cart::Spend{kBuyer}, key,
                         [](const guest_cart::State& state) { return state.status == guest_cart::Status::kMerged; });
}

const Story kGuestMerged{"a guest's cart merged, twice",
                         [](Simulation& shop) {
                           shop.run_phase({call<GuestCart>(kGuest, guest_cart::Open{kStart, 60}, 1),
                                           call<Cart>(kBuyer, cart::AddItem{kTea, 1}, 2)});
                           shop.run_phase({call<GuestCart>(kGuest, cart::AddItem{kTea, 2}, 3)});
                           shop.run_phase({call<GuestCart>(kGuest, cart::AddItem{kCup, 4}, 4)});
                           shop.run_phase({spend(5)});
                           shop.run_phase({spend(6), call<Cart>(kBuyer, cart::RemoveItem{kCup}, 7)});
                         },
                         [](Simulation& shop) {
                           // Nothing lost, nothing twice, and what was taken out afterwards does not come back.
                           CHECK((shop.state<Cart>(kBuyer).lines == cart::Lines{{kTea, 3}}));
                           CHECK(shop.state<GuestCart>(kGuest).status == guest_cart::Status::kMerged);
                           CHECK(shop.state<GuestCart>(kGuest).lines.empty());
                         }};

const Story kStories[] = {kPaid, kCancelled, kTimedOut, kShort, kPaidTooLate, kTwoOfOneName, kGuestMerged};

struct Ending {
  std::map<std::string, std::string> states;
  std::uint64_t steps = 0;
  std::size_t faults = 0;
};

Ending play(const Story& story, SimulationOptions options, std::uint64_t crash_after, bool check = true) {
  Simulation shop(options);
  shop.crash_after(crash_after);
  story.play(shop);
  shop.settle();
  if (check) story.check(shop);
  return {shop.folded_states(), shop.steps(), shop.faults().size()};
}

SimulationOptions with_seed(std::uint64_t seed) {
  SimulationOptions options;
  options.seed = seed;
  return options;
}

constexpr std::uint64_t kNever = 1'000'000;

std::uint64_t first_seed() {
  const char* given = std::getenv("SOUK_SEED");
  return given == nullptr ? 1 : std::strtoull(given, nullptr, 10);
}

/// Runs a story with a crash after each step and counts the runs that end otherwise than the one without.
std::size_t count_differing(const Story& story, SimulationOptions options, bool check) {
  const Ending undisturbed = play(story, with_seed(options.seed), kNever);
  std::size_t differing = 0;
  for (std::uint64_t step = 0; step <= undisturbed.steps; ++step) {
    INFO("story \"", std::string(story.name), "\", seed ", options.seed, ", crash after step ", step);
    const Ending ending = play(story, options, step, check);
    const bool same = ending.states == undisturbed.states && ending.faults == 0;
    if (check) {
      CHECK(ending.faults == 0);
      CHECK_MESSAGE(same, "the folds differ");
    }
    if (!same) ++differing;
  }
  return differing;
}

TEST_CASE("every saga ends legally and alike, whichever step the crash comes after") {
  for (const Story& story : kStories) {
    for (std::uint64_t seed = first_seed(); seed < first_seed() + 3; ++seed) {
      count_differing(story, with_seed(seed), true);
      SimulationOptions forgetful = with_seed(seed);
      forgetful.lose_checkpoint = true;
      count_differing(story, forgetful, true);
    }
  }
}

TEST_CASE("two registrations of one name at once leave exactly one winner") {
  for (std::uint64_t seed = first_seed(); seed < first_seed() + 40; ++seed) {
    SimulationOptions options = with_seed(seed);
    options.lose_checkpoint = true;
    Simulation shop(options);
    shop.crash_after(seed * 3);
    const auto answered = [](const account::State& state) {
      return state.status == account::Status::kActive || state.status == account::Status::kRejected;
    };
    const AccountId a{number(60)};
    const AccountId b{number(61)};
    shop.run_phase({call<Account>(a, registration(51), 1, answered), call<Account>(b, registration(52), 2, answered)});
    shop.settle();
    INFO("seed ", seed);
    const bool a_won = shop.state<Account>(a).status == account::Status::kActive;
    const bool b_won = shop.state<Account>(b).status == account::Status::kActive;
    CHECK(a_won != b_won);
  }
}

TEST_CASE("the same seed is the same run") {
  const Ending first = play(kPaid, with_seed(7), 40);
  const Ending second = play(kPaid, with_seed(7), 40);
  CHECK(first.steps == second.steps);
  CHECK((first.states == second.states));
}

TEST_CASE("mutation control: the crash test notices answers that leave before durability") {
  std::size_t differing = 0;
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    SimulationOptions hasty = with_seed(seed);
    hasty.mutations.answer_before_durable = true;
    differing += count_differing(kPaid, hasty, false);
  }
  CHECK(differing > 0);
}

TEST_CASE("mutation control: the crash test notices a dispatcher without dedupe") {
  std::size_t differing = 0;
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    SimulationOptions forgetful = with_seed(seed);
    forgetful.lose_checkpoint = true;
    forgetful.mutations.forget_obeyed = true;
    differing += count_differing(kPaid, forgetful, false);
  }
  CHECK(differing > 0);
}

}  // namespace
}  // namespace souk::testing
