/// The list of all entities, and the effects that can name any of their commands.
///
/// Adding an entity: its folder, its include and its name here (actors, registries and replay are templates over it),
/// how to make random commands of it (engine/testing/random_commands.hpp), its events in engine/goldens/events.hpp.
#pragma once

#include <variant>
#include <vector>

#include "engine/access_policy/access_policy.hpp"
#include "engine/account/account.hpp"
#include "engine/address_book/address_book.hpp"
#include "engine/brand/brand.hpp"
#include "engine/cart/cart.hpp"
#include "engine/category/category.hpp"
#include "engine/claim/claim.hpp"
#include "engine/command_note/command_note.hpp"
#include "engine/guest_cart/guest_cart.hpp"
#include "engine/job/job.hpp"
#include "engine/limits/limit_policy.hpp"
#include "engine/live_settings/live_settings.hpp"
#include "engine/order/order.hpp"
#include "engine/payment/payment.hpp"
#include "engine/product/product.hpp"
#include "engine/reconciliation/reconciliation.hpp"
#include "engine/sessions/sessions.hpp"
#include "engine/stock/stock.hpp"

namespace souk {

template <class... Types>
struct TypeList {};

using Entities = TypeList<Account, AddressBook, Sessions, Claim, CategoryTree, Brands, Product, Stock, Cart, GuestCart,
                          Order, Payment, Reconciliation, Job, CommandNote, LimitPolicy, AccessPolicy, LiveSettings>;

namespace detail {

template <class List>
struct CommandsOf;
template <class... Es>
struct CommandsOf<TypeList<Es...>> {
  using type = std::variant<typename Es::Command...>;
};

}  // namespace detail

/// A command of any entity, by entity.
using AnyCommand = detail::CommandsOf<Entities>::type;

/// A command for another entity in the same log.
struct Tell {
  StreamId target;
  AnyCommand command;
  friend bool operator==(const Tell&, const Tell&) = default;
};

template <class E>
Tell tell(typename E::Id id, typename E::Command command) {
  return Tell{stream_of<E>(id), AnyCommand{std::in_place_type<typename E::Command>, std::move(command)}};
}

/// Asks for a message to a person to be sent; answered by account::RecordMessage. Sending it again is harmless, and
/// its token is derived from `id`, so that it stands nowhere.
struct SendMessage {
  AccountId account;
  MessageId id;
  account::MessageKind kind = account::MessageKind::kPasswordReset;
  Personal<std::string> email;
  Time at;
  Time expires_at;  ///< of its token: later it is of no use
  friend bool operator==(const SendMessage&, const SendMessage&) = default;
};

/// Asks for a job's work to be done; answered by job::RecordOutcome. Doing it again is harmless.
struct RunJob {
  std::string name;
  RunId run;
  job::Task task;
  std::optional<std::int64_t> after_days = {};
  std::optional<Time> due = {};  ///< none: by hand
  Time at;
  Time answer_due;  ///< later nobody waits for it
  friend bool operator==(const RunJob&, const RunJob&) = default;
};

/// Tells those who run the shop what became of a job. Nobody answers.
struct JobNews {
  std::variant<job::Finished, job::Skipped> what;
  friend bool operator==(const JobNews&, const JobNews&) = default;
};

/// A call that leaves the process: made only when its event is durable. Its answer is a command for the entity that
/// asked: payment::RecordCreated, RecordReport or RecordRefund; account::RecordMessage; job::RecordOutcome.
using Call =
    std::variant<provider::Create, provider::Query, provider::Close, provider::Refund, SendMessage, RunJob, JobNews>;

/// What one event asks for: at most one `Tell` for each target, and nothing for the entity itself but timers.
struct Effects {
  std::vector<Tell> tells;
  std::vector<TimerEffect> timers;
  std::vector<Call> calls;

  [[nodiscard]] bool empty() const { return tells.empty() && timers.empty() && calls.empty(); }
  friend bool operator==(const Effects&, const Effects&) = default;
};

/// Calls `visitor.template operator()<E>()` for every entity in the list.
template <class Visitor>
void for_each_entity(Visitor&& visitor) {
  [&]<class... Es>(TypeList<Es...>) { (visitor.template operator()<Es>(), ...); }(Entities{});
}

static_assert([]<class... Es>(TypeList<Es...>) { return (Entity<Es> && ...); }(Entities{}),
              "each member of the list must be an Entity");

}  // namespace souk
