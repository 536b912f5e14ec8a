/// Random commands for every entity, chosen among few ids and quantities so that they meet each other. An entity that
/// is added gets an overload of `random_command` here.
#pragma once

#include "engine/entities.hpp"
#include "engine/testing/random_catalogue.hpp"
#include "engine/testing/random_jobs.hpp"
#include "engine/testing/random_policy.hpp"
#include "engine/testing/random_values.hpp"
#include "engine/testing/soundness.hpp"

namespace souk::testing {

inline account::Details random_details(Random& random) {
  account::Details details;
  if (random.one_in(2)) {
    details.username = Personal<std::string>{"personal:v1:QQ"};
    if (!random.one_in(8)) details.username_claim = random_id<ClaimId>(random, 8);
  }
  if (random.one_in(2)) {
    details.email = Personal<std::string>{"personal:v1:Qg"};
    if (!random.one_in(8)) details.email_claim = random_id<ClaimId>(random, 8);
  }
  if (random.one_in(4)) details.profile = Personal<account::Profile>{"personal:v1:Qw"};
  return details;
}

/// A token hash that often is the awaited one.
inline std::string random_token(Random& random, const std::optional<account::Message>& message) {
  return message && !random.one_in(4) ? message->token_hash : std::string(random.below(3), 't');
}

inline Account::Command random_command(Random& random, const account::State& state) {
  const Time now = random_time(random);
  const Secret<std::string> hash{random.one_in(4) ? "" : (random.one_in(2) ? "secret:v1:Qw" : "secret:v1:QQ")};
  const auto kind = random.one_in(2) ? account::MessageKind::kPasswordReset : account::MessageKind::kEmailVerification;
  const auto claim = [&] {
    if (!state.change || random.one_in(4)) return random_id<ClaimId>(random, 8);
    const auto& details = state.change->details;
    return details.username_claim && random.one_in(2) ? *details.username_claim
                                                      : details.email_claim.value_or(ClaimId{});
  };
  switch (random.below(40)) {
    case 0: return account::Delete{now};
    case 1: return account::RevokeTokens{now};
    case 2:
    case 3: return account::ChangePassword{state.password_hash, hash, now};
    case 4: return account::ResetPassword{random_token(random, state.reset), hash, now};
    case 5:
    case 6: return account::VerifyEmail{random_token(random, state.verification), now};
    case 7:
    case 8:
    case 9:
      return account::RequestMessage{random_id<MessageId>(random),         kind,
                                     std::string(random.below(4), 't'),    now,
                                     Time{now.us + random.between(0, 20)}, Duration{random.between(0, 3)}};
    case 10:
    case 11:
    case 12: return account::RecordMessage{random_id<MessageId>(random), !random.one_in(4), now};
    case 13:
    case 14:
    case 15:
    case 16: return account::Change{random_details(random), now};
    case 17:
      return account::Ban{{random.one_in(3)   ? ""
                           : random.one_in(2) ? "personal:v1:cg"
                                              : "personal:v1:cnI"},
                          random.one_in(2) ? std::optional(Time{now.us + random.between(0, 9)}) : std::nullopt,
                          now};
    case 18: return account::Release{now};
    default: break;
  }
  if (random.one_in(4)) {
    return account::Register{{"personal:v1:QQ"},
                             {"personal:v1:Qg"},
                             {"secret:v1:Qw"},
                             random_id<ClaimId>(random, 8),
                             random_id<ClaimId>(random, 8),
                             account::Role::kUser,
                             now};
  }
  return account::RecordClaim{
      state.status == account::Status::kPending && random.one_in(2) ? state.email_claim : claim(), !random.one_in(4)};
}

inline Sessions::Command random_command(Random& random, const sessions::State& state) {
  // Many, so that the limit is reached, and mostly those that are open.
  auto id = random_id<SessionId>(random, 2 * sessions::kOpenMax);
  std::int64_t turn = random.between(0, 2);
  if (!state.open.empty() && !random.one_in(4)) {
    const auto& session = state.open[random.below(state.open.size())];
    id = session.id;
    turn = session.turn - random.between(-1, 2);
  }
  const Time now = random_time(random);
  switch (random.below(32)) {
    case 0: return sessions::Outdate{random.between(0, 3), now};
    case 1:
    case 2: return sessions::End{id, now};
    case 3:
    case 4:
    case 5:
    case 6:
      return sessions::Refresh{id, turn, now, Time{now.us + random.between(1, 40)}, Duration{random.between(0, 3)},
                               "7"};
    default: break;
  }
  return sessions::Start{random_id<SessionId>(random, 2 * sessions::kOpenMax),
                         state.generation - (random.one_in(8) ? 1 : 0),
                         now,
                         Time{now.us + random.between(10, 40)},
                         {"personal:v1:ZGV2aWNl"},
                         random.one_in(64)};
}

inline AddressBook::Command random_command(Random& random, const address_book::State& /*state*/) {
  const auto id = random_id<AddressId>(random, 30);
  const Personal<Address> address{random.one_in(8) ? "" : (random.one_in(2) ? "personal:v1:QQ" : "personal:v1:Qg")};
  switch (random.below(32)) {
    case 0: return address_book::Clear{};
    case 1:
    case 2:
    case 3: return address_book::Remove{id};
    case 4:
    case 5:
    case 6:
    case 7: return address_book::SetDefault{id};
    default: break;
  }
  if (random.one_in(3)) return address_book::Change{id, address};
  return address_book::Add{id, address, random.one_in(4)};
}

inline CommandNote::Command random_command(Random& random, const command_note::State& /*state*/) {
  if (random.one_in(2)) return command_note::Write{};
  return command_note::Write{{"product.not_found", "there is no such product"}};
}

inline limits::Rule random_limit(Random& random) {
  limits::Rule rule;
  rule.id = std::string(1, static_cast<char>('a' + random.below(4)));
  rule.subject = random.one_in(2) ? limits::Subject::kClient : limits::Subject::kUser;
  rule.requests = random.between(0, 3);
  rule.concurrent = random.one_in(4) ? 1 : 0;
  if (random.one_in(2)) rule.routes = {"log_in"};
  return rule;
}

inline LimitPolicy::Command random_command(Random& random, const limit_policy::State& state) {
  using limit_policy::Network;
  const auto network = [&] { return "192.0.2." + std::to_string(random.below(4)) + (random.one_in(8) ? "!" : "/32"); };
  const auto standing = random.one_in(2) ? limit_policy::Standing::kBlocked : limit_policy::Standing::kExempt;
  switch (random.below(8)) {
    case 0: return limit_policy::Begin{{random_limit(random), random_limit(random)}};
    case 1:
    case 2: return limit_policy::RemoveRule{random_limit(random).id};
    case 3: return limit_policy::PutNetwork{{network(), standing, std::string(random.below(3), 'n')}};
    case 4: return limit_policy::RemoveNetwork{network()};
    case 5: {
      limit_policy::Content content = state.content;
      if (random.one_in(2)) content.rules.push_back(random_limit(random));
      if (random.one_in(2)) content.networks.push_back(Network{network(), standing});
      return limit_policy::RollBack{Version{random.below(3)}, std::move(content)};
    }
    default: return limit_policy::PutRule{random_limit(random)};
  }
}

inline LiveSettings::Command random_command(Random& random, const live_settings::State& state) {
  const live_settings::Value value{std::string(1, static_cast<char>((random.one_in(8) ? 'A' : 'a') + random.below(4))),
                                   std::to_string(random.below(3))};
  switch (random.below(4)) {
    case 0: return live_settings::Remove{value.key};
    case 1: {
      auto values = state.values;
      if (random.one_in(2)) values.push_back(value);
      return live_settings::RollBack{Version{random.below(3)}, std::move(values)};
    }
    default: return live_settings::Put{value};
  }
}

inline Claim::Command random_command(Random& random, const claim::State& /*state*/) {
  if (random.one_in(2)) return claim::Take{random_id<AccountId>(random), claim::ClaimKind::kEmail};
  return claim::Release{random_id<AccountId>(random)};
}

inline stock::Configure random_configuration(Random& random) {
  stock::Configure command;
  if (random.one_in(2)) command.mode = random.one_in(2) ? stock::Mode::kUntracked : stock::Mode::kTracked;
  if (random.one_in(2)) command.low_threshold.emplace();
  if (command.low_threshold && !random.one_in(4)) *command.low_threshold = random.between(-1, 6);
  return command;
}

inline Stock::Command random_command(Random& random, const stock::State& state) {
  const auto order = random_id<OrderId>(random, 12);
  switch (random.below(20)) {
    case 0: return random_configuration(random);
    case 1:
    case 2: return stock::Restock{random_id<RefundId>(random, 400), order, random.between(-1, 3)};
    case 3:
    case 4:
    case 5: return stock::Receive{random.between(-1, 5), "delivery"};
    case 6:
    case 7:
    case 8: return stock::Adjust{state.on_hand - (random.one_in(4) ? 1 : 0), state.on_hand + random.between(-5, 3), ""};
    case 9:
    case 10:
    case 11:
    case 12:
    case 13: return stock::Reserve{order, random.between(-1, 6), random_time(random)};
    case 14:
    case 15:
    case 16: return stock::Deduct{order};
    default: return stock::Release{order, "order_cancelled"};
  }
}

/// What a product was at a version is the same for everybody.
inline std::optional<cart::Seen> random_seen(Random& random) {
  const auto version = random.below(3);
  if (version == 0) return std::nullopt;
  return cart::Seen{Money{static_cast<std::int64_t>(version) * 100, {}}, "n", Version{version}};
}

inline cart::SetItem random_set(Random& random, ProductId product, std::int64_t quantity) {
  cart::SetItem command{product, quantity, std::nullopt, random_seen(random)};
  if (random.one_in(3)) command.quantity.reset();
  if (random.one_in(3)) command.selected = random.one_in(2);
  return command;
}

inline Cart::Command random_command(Random& random, const cart::State& /*state*/) {
  const auto product = random_id<ProductId>(random, 120);
  const std::int64_t quantity = random.one_in(8) ? cart::kQuantityMax : random.between(-1, 5);
  switch (random.below(64)) {
    case 0: return cart::Clear{};
    case 1: return cart::RemoveItem{product};
    case 2:
      return cart::Merge{
          random_id<CartId>(random, 40),
          {{product, quantity, random.one_in(2), random_seen(random)}, {random_id<ProductId>(random, 120), 3}}};
    case 3:
    case 4:
      return cart::TakeOrdered{random_id<OrderId>(random),
                               {{product, quantity}, {random_id<ProductId>(random, 120), 1}, {product, 1}}};
    default: break;
  }
  if (random.one_in(2)) return cart::AddItem{product, quantity, random_seen(random)};
  return random_set(random, product, quantity);
}

inline GuestCart::Command random_command(Random& random, const guest_cart::State& state) {
  const auto product = random_id<ProductId>(random, 8);
  const std::int64_t quantity = random.one_in(8) ? cart::kQuantityMax : random.between(-1, 5);
  if (state.status == guest_cart::Status::kNone && random.one_in(2)) return guest_cart::Open{random_time(random), 60};
  switch (random.below(64)) {
    case 0: return guest_cart::Expire{};
    case 1: return guest_cart::Spend{random_id<AccountId>(random)};
    case 2: return guest_cart::Open{random_time(random), 60};
    case 3:
    case 4:
    case 5: return guest_cart::RecordMerged{state.merged_into.value_or(random_id<AccountId>(random))};
    case 6: return cart::Clear{};
    case 7:
    case 8: return cart::RemoveItem{product};
    default: break;
  }
  if (random.one_in(2)) return cart::AddItem{product, quantity, random_seen(random)};
  return random_set(random, product, quantity);
}

inline Order::Command random_refund(Random& random, const order::State& state) {
  const auto at = random_time(random);
  if (!state.refunds.empty() && !random.one_in(3)) {
    return order::RecordRefunded{random.one_in(8) ? random_id<PaymentId>(random) : state.payment,
                                 state.refunds[random.below(state.refunds.size())].id, at};
  }
  order::RequestRefund refund{random_id<RefundId>(random, 90), {}, random.one_in(2), "torn", at};
  for (auto lines = random.below(4); lines > 0; --lines) {
    refund.lines.push_back(
        {random_id<ProductId>(random), random.between(random.one_in(8) ? 0 : 1, 2), random.one_in(2)});
  }
  return refund;
}

inline Order::Command random_fulfilment(Random& random) {
  const auto at = random_time(random);
  switch (random.below(5)) {
    case 0: return order::MarkDelivered{at};
    case 1: return order::ConfirmReceipt{at};
    case 2: return order::Complete{Duration{5}, at};
    default: break;
  }
  order::Ship ship{random_id<ShipmentId>(random, 60), {}, random.one_in(9) ? "" : "Post", "T1", at};
  for (auto lines = random.below(3); lines > 0; --lines) {
    ship.lines.push_back({random_id<ProductId>(random), random.between(random.one_in(8) ? 0 : 1, 2)});
  }
  return ship;
}

inline Order::Command random_command(Random& random, const order::State& state) {
  const auto product = random_id<ProductId>(random);
  if (!state.payment.empty() && !random.one_in(4)) {
    return random.one_in(2) ? random_refund(random, state) : random_fulfilment(random);
  }
  if (random.one_in(10)) return order::RecordPaymentStarted{random_id<PaymentId>(random), random_time(random)};
  switch (random.below(8)) {
    case 0: return order::Cancel{order::CancelReason::kUser, random_time(random)};
    case 1: return order::ExpirePayment{random_time(random)};
    case 2:
      return order::RecordPayment{random_id<PaymentId>(random), random.one_in(4) ? random_money(random) : state.total,
                                  random_time(random)};
    case 3: return order::RecordRefused{product, 2, 1};
    case 4:
    case 5: return order::RecordReserved{product, OrderId{{7, 99}}};
    default: break;
  }
  order::Place place{random_id<AccountId>(random), {}, {"personal:v1:QQ"}, random.one_in(2), Time{1}, Time{9}, {}};
  for (auto lines = random.below(4); lines > 0; --lines) {
    place.lines.push_back({random_id<ProductId>(random), Version{1}, "SKU", "n", "", "",
                           Money{random.between(0, 9), {}}, random.between(random.one_in(8) ? 0 : 1, 3)});
  }
  return place;
}

inline provider::Report random_report(Random& random, const payment::State& state) {
  provider::Report report;
  report.source = static_cast<provider::Source>(random.below(3));
  report.outcome = static_cast<provider::Outcome>(random.below(4));
  report.reference = "ref";
  report.amount = random.one_in(4) ? random_money(random) : state.amount;
  if (random.one_in(6)) report.objections.emplace_back(random.one_in(2) ? "seller" : "app_id");
  if (random.one_in(3)) report.problem = "timeout";
  return report;
}

inline Payment::Command random_command(Random& random, const payment::State& state) {
  const auto refund = random_id<RefundId>(random);
  // Late enough for a payment that the provider does not know to count as closed, now and then.
  const Time at{random.one_in(4) ? payment::kUnknownIsClosedAfter.us * 2 : random.between(0, 20)};
  switch (random.below(24)) {
    case 0:
    case 1:
      return payment::Start{random_id<OrderId>(random),
                            {},
                            "sandbox",
                            random_money(random),
                            at,
                            provider::Presentation::kPage,
                            random.one_in(2) ? Time{10} : Time{Duration::minutes(5).us}};
    case 2: return payment::RecordCreated{{random.one_in(3), "https://pay.example", "", "refused"}, at};
    case 3: return payment::Close{"order_cancelled", at};
    case 4:
    case 5:
    case 6: return payment::Poll{state.next_poll_at + Duration{random.between(-1, 9)}};
    case 7: return payment::RepeatRefunds{state.next_refund_at + Duration{random.between(-1, 9)}};
    case 8:
      if (random.one_in(2)) return payment::TakeWrongAmount{at};
      return payment::RetryRefund{refund, at};
    case 9:
    case 10:
    case 11:
    case 12:
    case 13: {
      const auto outcome = static_cast<provider::RefundOutcome>(random.below(3));
      return payment::RecordRefund{refund, {outcome, "why"}, at};
    }
    case 14:
    case 15:
    case 16:
    case 17: {
      std::optional<Money> amount;
      if (!random.one_in(4)) amount = Money{random.between(0, 300), state.amount.currency};
      return payment::Refund{refund, "wrong_amount", amount, at};
    }
    default: return payment::RecordReport{random_report(random, state), at};
  }
}

inline Reconciliation::Command random_command(Random& random, const reconciliation::State& /*state*/) {
  const std::string day = random.one_in(12) ? "2026-11-24" : "2026-11-23";
  if (random.one_in(8)) return reconciliation::RecordFailure{"sandbox", day, "bill.not_ready", random_time(random)};
  if (random.one_in(3)) {
    return reconciliation::Settle{random.between(0, 6), random.one_in(8) ? "" : "seen", random_id<AccountId>(random),
                                  random_time(random)};
  }
  reconciliation::RecordComparison command{"sandbox", day, {}, 3, 2, random_time(random)};
  for (std::uint64_t i = random.below(4); i > 0; --i) {
    const auto kind = static_cast<reconciliation::Kind>(random.below(6));
    command.differences.push_back({kind, std::to_string(random.below(4)), "", "T", Money{1, {}}, std::nullopt});
  }
  return command;
}

}  // namespace souk::testing
