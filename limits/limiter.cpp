#include "limits/limiter.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <mutex>
#include <utility>

#include "limits/refusals.hpp"

namespace souk::limits {
namespace {

/// A place inside is free as soon as somebody leaves, which nobody knows.
constexpr Duration kRetryWhenFull = Duration::seconds(1);

/// What is charged on this node, without memory from the heap: a request has few rules.
struct Local {
  std::array<Asked, CounterTable::kAskedMax> asked;
  std::array<const CompiledRule*, CounterTable::kAskedMax> rules{};
  std::array<Standing, CounterTable::kAskedMax> standings;
  std::size_t count = 0;

  void add(const CompiledRule& rule, const Asked& one) {
    rules[count] = &rule;
    asked[count++] = one;
  }
  [[nodiscard]] std::span<const Asked> all() const { return {asked.data(), count}; }
};

/// Whether `next` says more about a request than what was said before.
bool outweighs(const Decision& said, const Reading& next) {
  if (!said.is_limited || next.outcome != said.outcome) return !said.is_limited || next.outcome > said.outcome;
  switch (next.outcome) {
    case Outcome::kAllowed: return next.remaining < said.remaining;
    case Outcome::kWait: return next.wait > said.wait;
    case Outcome::kRefused: return next.retry_after > said.retry_after;
  }
  return false;
}

void take(Decision& said, const CompiledRule& rule, const Reading& next) {
  if (!outweighs(said, next)) return;
  said.is_limited = true;
  said.outcome = next.outcome;
  said.rule = rule.id;
  said.limit = rule.rule.requests;
  said.period_s = (rule.rule.period_ms + 999) / 1'000;
  said.remaining = next.remaining;
  said.reset = next.reset;
  said.wait = next.wait;
  said.retry_after = next.retry_after;
}

Limiter::Options with_bounds(Limiter::Options options) {
  options.nodes = std::clamp<std::int64_t>(options.nodes, 1, Rate::kNodesMax);
  return options;
}

Decision full(const CompiledRule& rule) {
  Decision refused;
  refused.outcome = Outcome::kRefused;
  refused.is_limited = true;
  refused.rule = rule.id;
  refused.limit = rule.rule.concurrent;
  refused.retry_after = kRetryWhenFull;
  return refused;
}

}  // namespace

struct Limiter::Core {
  Core(Options wanted, std::vector<RouteShape> shapes)
      : options(with_bounds(std::move(wanted))),
        routes(std::move(shapes)),
        keys(options.secret),
        table(options.counters),
        breaker(options.breaker) {}

  /// The set in force, good until this thread's next call. Each thread keeps the one it used last: no lock, and no
  /// count that threads would share.
  const std::shared_ptr<const RuleSet>& rules();
  [[nodiscard]] std::shared_ptr<const RuleSet> newest() const {
    const std::scoped_lock lock(mutex);
    return set;
  }

  void put(std::shared_ptr<const RuleSet> made) {
    const std::scoped_lock lock(mutex);
    set = std::move(made);
    version.store(next_version(), std::memory_order_release);
  }

  [[nodiscard]] bool is_shared(const CompiledRule& rule) const { return options.store != nullptr && rule.share; }
  /// The counter of the kind that the request falls under; none: the rule says nothing about it.
  std::optional<Id128> subject(const RuleSet::OfRoute& one, const Id128& kind, const Request& request) const;
  /// What this node lets in: all charged, or none, and the decision says why.
  bool charge(Local& local, Time now, Decision& decision, bool is_share);
  std::unique_ptr<Question> question(const std::shared_ptr<const RuleSet>& all, std::span<const RuleSet::OfRoute> rules,
                                     const Request& request) const;
  /// Whether the store would say no once more.
  bool is_refused_still(const Question& question, Time now, Decision& decision);
  void decide_by_share(const Question& question, Time now, Decision& decision);
  void take_answer(const Question& question, const std::vector<Standing>& standings, Time now, Decision& decision);
  void give_back(const Question& question, Time now, Decision& decision);

  const Options options;
  const std::vector<RouteShape> routes;
  const CounterKeys keys;
  CounterTable table;
  std::shared_ptr<Gates> gates = std::make_shared<Gates>();
  CircuitBreaker breaker;
  Refusals refusals;

  std::mutex exchanging;  ///< held while rules are compiled, when nobody who decides waits
  mutable std::mutex mutex;
  std::shared_ptr<const RuleSet> set = std::make_shared<RuleSet>();
  /// Of all sets of all limiters, so that a number says which set it is.
  std::atomic<std::uint64_t> version{next_version()};

  std::atomic<std::uint64_t> by_share_ever{0};
  std::atomic<std::uint64_t> failures_ever{0};

  static std::uint64_t next_version() {
    static std::atomic<std::uint64_t> last{0};
    return ++last;
  }
};

class Limiter::Question {
 public:
  Question() = default;
  Question(const Question&) = delete;
  Question& operator=(const Question&) = delete;
  ~Question() {
    if (core == nullptr) return;
    core->breaker.give_back(ticket);
    core->table.give_back(local.all(), {local.standings.data(), local.count}, charged, core->options.clock());
  }

  std::shared_ptr<Core> core;  ///< while it has a ticket and may still be dropped
  std::shared_ptr<const RuleSet> set;
  CircuitBreaker::Ticket ticket;
  Local local;                             ///< charged already
  Time charged;                            ///< when
  std::vector<const CompiledRule*> rules;  ///< of the cluster
  std::vector<Id128> keys;
  std::vector<Charge> charges;
  Local share;  ///< what is charged if these cannot be
};

Limiter::Begun::Begun() = default;
Limiter::Begun::Begun(Begun&&) noexcept = default;
Limiter::Begun& Limiter::Begun::operator=(Begun&&) noexcept = default;
Limiter::Begun::~Begun() = default;

const std::shared_ptr<const RuleSet>& Limiter::Core::rules() {
  struct Kept {
    std::uint64_t version = 0;
    std::shared_ptr<const RuleSet> set;
  };
  thread_local Kept kept;
  if (kept.version != version.load(std::memory_order_acquire)) {
    const std::scoped_lock lock(mutex);
    kept = {version.load(std::memory_order_relaxed), set};
  }
  return kept.set;
}

std::optional<Id128> Limiter::Core::subject(const RuleSet::OfRoute& one, const Id128& kind,
                                            const Request& request) const {
  switch (one.rule->rule.subject) {
    case Subject::kRoute: return kind;
    case Subject::kClient: {
      if (!request.client) return std::nullopt;
      const Address counted = request.client->counted();
      Id128 address;
      std::memcpy(&address, counted.bytes.data(), counted.bytes.size());
      return keys.of(kind, address);
    }
    case Subject::kUser:
      if (!request.user) return std::nullopt;
      return keys.of(kind, *request.user);
    case Subject::kParameter:
      if (one.parameter >= request.parameters.size()) return std::nullopt;
      return keys.of(kind, keys.of_text(request.parameters[one.parameter]));
  }
  return std::nullopt;
}

bool Limiter::Core::charge(Local& local, Time now, Decision& decision, bool is_share) {
  if (local.count == 0) return true;
  const bool charged = table.charge(local.all(), now, {local.standings.data(), local.count});
  for (std::size_t i = 0; i < local.count; ++i) {
    take(decision, *local.rules[i], judge(*local.asked[i].rate, local.standings[i]));
  }
  decision.is_by_share = is_share;
  return charged;
}

std::unique_ptr<Limiter::Question> Limiter::Core::question(const std::shared_ptr<const RuleSet>& all,
                                                           std::span<const RuleSet::OfRoute> rules,
                                                           const Request& request) const {
  auto made = std::make_unique<Question>();
  made->set = all;
  for (const auto& one : rules) {
    const CompiledRule& rule = *one.rule;
    if (!is_shared(rule)) continue;
    const auto key = subject(one, rule.counter, request);
    if (!key) continue;
    made->rules.push_back(&rule);
    made->keys.push_back(*key);
    made->charges.push_back({*key, *rule.rate});
    made->share.add(rule, {&*rule.share, *subject(one, rule.share_counter, request), rule.pinned_share.get()});
  }
  return made;
}

bool Limiter::Core::is_refused_still(const Question& question, Time now, Decision& decision) {
  for (std::size_t i = 0; i < question.keys.size(); ++i) {
    const auto refused = refusals.find(question.keys[i], now);
    if (refused) take(decision, *question.rules[i], *refused);
  }
  if (decision.outcome != Outcome::kRefused) return false;
  give_back(question, now, decision);
  return true;
}

void Limiter::Core::take_answer(const Question& question, const std::vector<Standing>& standings, Time now,
                                Decision& decision) {
  for (std::size_t i = 0; i < question.rules.size(); ++i) {
    const Reading reading = judge(*question.rules[i]->rate, standings[i]);
    take(decision, *question.rules[i], reading);
    if (reading.outcome == Outcome::kRefused) refusals.remember(question.keys[i], reading, now);
  }
  if (decision.outcome == Outcome::kRefused) give_back(question, now, decision);
}

void Limiter::Core::decide_by_share(const Question& question, Time now, Decision& decision) {
  by_share_ever.fetch_add(1, std::memory_order_relaxed);
  Local share = question.share;
  if (!charge(share, now, decision, true)) give_back(question, now, decision);
}

void Limiter::Core::give_back(const Question& question, Time now, Decision& decision) {
  table.give_back(question.local.all(), {question.local.standings.data(), question.local.count}, question.charged, now);
  decision.hold.release();
}

Limiter::Limiter(Options options, std::vector<RouteShape> routes)
    : core_(std::make_shared<Core>(std::move(options), std::move(routes))) {}

Limiter::~Limiter() = default;

Result<void> Limiter::exchange(const std::vector<Rule>& rules) {
  const std::scoped_lock in_turns(core_->exchanging);
  const auto before = core_->newest();
  auto made = RuleSet::compile(rules, core_->routes, core_->keys, core_->options.nodes, before.get());
  if (!made) return tl::unexpected<Error>(std::move(made.error()));
  core_->put(std::move(*made));
  return {};
}

std::vector<Error> Limiter::exchange_what_fits(const std::vector<Rule>& rules) {
  const std::scoped_lock in_turns(core_->exchanging);
  const auto before = core_->newest();
  std::vector<Error> left_out;
  auto made =
      RuleSet::compile_what_fits(rules, core_->routes, core_->keys, core_->options.nodes, before.get(), left_out);
  core_->put(std::move(made));
  return left_out;
}

Result<void> Limiter::check(const Rule& rule) const {
  return RuleSet::compile({rule}, core_->routes, core_->keys, core_->options.nodes, nullptr).map([](const auto&) {});
}

bool Limiter::has(std::string_view id) const {
  const auto set = core_->newest();
  return std::ranges::any_of(set->rules(), [&](const auto& one) { return one->rule.id == id; });
}

std::vector<Rule> Limiter::rules() const {
  std::vector<Rule> all;
  for (const auto& one : core_->newest()->rules()) all.push_back(one->rule);
  return all;
}

Limiter::Begun Limiter::begin(const Request& request, Time now) {
  Begun begun;
  Core& core = *core_;
  const auto& set = core.rules();
  const auto rules = set->of(request.route);
  if (rules.empty()) return begun;

  Hold hold(core.gates);
  Local local;
  bool has_shared = false;
  for (const auto& one : rules) {
    const CompiledRule& rule = *one.rule;
    if (rule.rule.concurrent > 0) {
      const auto key = core.subject(one, rule.gate, request);
      if (key && !hold.enter(*key, rule.rule.concurrent)) {
        begun.decision = full(rule);
        return begun;
      }
    }
    if (core.is_shared(rule)) {
      has_shared = true;
    } else if (rule.rate) {
      const auto key = core.subject(one, rule.counter, request);
      if (key) local.add(rule, {&*rule.rate, *key, rule.pinned.get()});
    }
  }
  if (!core.charge(local, now, begun.decision, false)) return begun;
  begun.decision.hold = std::move(hold);
  if (!has_shared) return begun;

  auto question = core.question(set, rules, request);
  if (question->charges.empty()) return begun;
  question->local = local;
  question->charged = now;
  if (core.is_refused_still(*question, now, begun.decision)) return begun;
  if (const auto ticket = core.breaker.admit(now)) {
    question->ticket = *ticket;
    question->core = core_;
    begun.question = std::move(question);
  } else {
    core.decide_by_share(*question, now, begun.decision);
  }
  return begun;
}

void Limiter::finish(Begun begun, std::function<void(Decision)> then) {
  if (begun.question == nullptr) {
    then(std::move(begun.decision));
    return;
  }
  begun.question->core = nullptr;
  auto charges = std::move(begun.question->charges);
  const auto both = std::make_shared<Begun>(std::move(begun));
  core_->options.store->charge(std::move(charges), [core = core_, both, then = std::move(then)](Standings standings) {
    const Question& question = *both->question;
    Decision& decision = both->decision;
    const Time now = core->options.clock();
    if (standings || standings.error().reason != kAwayWithAnother) {
      core->breaker.report(question.ticket, standings.has_value(), now);
    } else {
      core->breaker.give_back(question.ticket);
    }
    if (!standings) {
      core->failures_ever.fetch_add(1, std::memory_order_relaxed);
      core->decide_by_share(question, now, decision);
    } else {
      core->take_answer(question, *standings, now, decision);
    }
    then(std::move(decision));
  });
}

CircuitBreaker& Limiter::breaker() {
  return core_->breaker;
}

Limiter::Status Limiter::status(Time now) const {
  Status status;
  if (core_->options.store != nullptr) {
    const bool is_asked = core_->breaker.state(now) == CircuitBreaker::State::kClosed;
    const bool is_well = is_asked && !core_->options.store->is_away();
    status.cluster = is_well ? Cluster::kShared : Cluster::kOwnShare;
  }
  status.by_share_ever = core_->by_share_ever.load(std::memory_order_relaxed);
  status.store_failures_ever = core_->failures_ever.load(std::memory_order_relaxed);
  status.evicted_ever = core_->table.evicted_ever();
  status.bytes = core_->table.bytes();
  return status;
}

}  // namespace souk::limits
