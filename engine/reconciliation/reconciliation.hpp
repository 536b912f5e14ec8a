/// What a provider's bill of one day and the shop's payments say about each other, and what became of each difference.
///
/// One for each provider and day. Comparing again adds what is new, marks what is gone, and keeps what was settled.
/// Limits: 2,000 differences; further ones are counted.
/// Errors of RecordComparison, RecordFailure: kInvalid "reconciliation.day_invalid"; kConflict
/// "reconciliation.other_day". Errors of Settle: kNotFound "reconciliation.not_found",
/// "reconciliation.difference_not_found"; kInvalid "reconciliation.note_invalid"; kConflict "reconciliation.settled".
#pragma once

#include "engine/entity.hpp"
#include "engine/reconciliation/compare.hpp"

namespace souk {

using ReconciliationId = Id<struct ReconciliationTag>;

}  // namespace souk

namespace souk::reconciliation {

inline constexpr std::size_t kDifferencesMax = 2'000;
inline constexpr std::size_t kNoteSizeMax = 500;

/// Who looked into a difference, and what it was.
struct Settlement {
  std::string note;
  AccountId by;
  Time at;
  static constexpr auto fields() {
    return field_list(field("note", &Settlement::note), field("by", &Settlement::by), field("at", &Settlement::at));
  }
  friend bool operator==(const Settlement&, const Settlement&) = default;
};

/// Its number is its place in the list, from 1.
struct Finding {
  Difference difference;
  Time found_at;
  bool gone = false;  ///< the last comparison did not find it any more
  std::optional<Settlement> settlement;

  [[nodiscard]] bool is_open() const { return !gone && !settlement; }

  static constexpr auto fields() {
    using F = Finding;
    return field_list(field("difference", &F::difference), field("found_at", &F::found_at), field("gone", &F::gone),
                      field("settlement", &F::settlement));
  }
  friend bool operator==(const Finding&, const Finding&) = default;
};

struct State {
  std::string provider;
  std::string day;  ///< empty: nothing happened yet
  std::int64_t comparisons = 0;
  std::optional<Time> compared_at;
  std::int64_t bill_lines = 0;
  std::int64_t own_bookings = 0;
  std::vector<Finding> findings;
  std::int64_t omitted = 0;
  std::optional<std::string> problem;  ///< why the last attempt came to nothing

  static constexpr auto fields() {
    using S = State;
    return field_list(field("provider", &S::provider), field("day", &S::day), field("comparisons", &S::comparisons),
                      field("compared_at", &S::compared_at), field("bill_lines", &S::bill_lines),
                      field("own_bookings", &S::own_bookings), field("findings", &S::findings),
                      field("omitted", &S::omitted), field("problem", &S::problem));
  }
  friend bool operator==(const State&, const State&) = default;
};

// --- commands

struct RecordComparison {
  std::string provider;
  std::string day;
  std::vector<Difference> differences;
  std::int64_t bill_lines = 0;
  std::int64_t own_bookings = 0;
  Time at;
  friend bool operator==(const RecordComparison&, const RecordComparison&) = default;
};

/// There was nothing to compare with: no bill, or one that cannot be read.
struct RecordFailure {
  std::string provider;
  std::string day;
  std::string problem;
  Time at;
  friend bool operator==(const RecordFailure&, const RecordFailure&) = default;
};

/// Somebody looked into it. Settling it again with the same words changes nothing.
struct Settle {
  std::int64_t number = 0;
  std::string note;
  AccountId by;
  Time at;
  friend bool operator==(const Settle&, const Settle&) = default;
};

// --- events

struct Compared {
  static constexpr std::string_view kType = "reconciliation.compared";
  static constexpr std::uint16_t kSchema = 1;
  std::string provider;
  std::string day;
  std::int64_t bill_lines = 0;
  std::int64_t own_bookings = 0;
  std::vector<Difference> found;  ///< for the first time; numbered behind those that are there
  std::vector<std::int64_t> gone;
  std::vector<std::int64_t> back;  ///< were gone
  std::int64_t omitted = 0;
  Time at;

  static constexpr auto fields() {
    using E = Compared;
    return field_list(field("provider", &E::provider), field("day", &E::day), field("bill_lines", &E::bill_lines),
                      field("own_bookings", &E::own_bookings), field("found", &E::found), field("gone", &E::gone),
                      field("back", &E::back), field("omitted", &E::omitted), field("at", &E::at));
  }
  friend bool operator==(const Compared&, const Compared&) = default;
};

struct Failed {
  static constexpr std::string_view kType = "reconciliation.failed";
  static constexpr std::uint16_t kSchema = 1;
  std::string provider;
  std::string day;
  std::string problem;
  Time at;

  static constexpr auto fields() {
    return field_list(field("provider", &Failed::provider), field("day", &Failed::day),
                      field("problem", &Failed::problem), field("at", &Failed::at));
  }
  friend bool operator==(const Failed&, const Failed&) = default;
};

struct DifferenceSettled {
  static constexpr std::string_view kType = "reconciliation.difference_settled";
  static constexpr std::uint16_t kSchema = 1;
  std::int64_t number = 0;
  std::string note;
  AccountId by;
  Time at;

  static constexpr auto fields() {
    using E = DifferenceSettled;
    return field_list(field("number", &E::number), field("note", &E::note), field("by", &E::by), field("at", &E::at));
  }
  friend bool operator==(const DifferenceSettled&, const DifferenceSettled&) = default;
};

}  // namespace souk::reconciliation

namespace souk {

struct Reconciliation {
  static constexpr std::string_view kKind = "reconciliation";
  static constexpr std::uint32_t kStateSchema = 1;
  using Id = ReconciliationId;
  using State = reconciliation::State;
  using Command = std::variant<reconciliation::RecordComparison, reconciliation::RecordFailure, reconciliation::Settle>;
  using Event = std::variant<reconciliation::Compared, reconciliation::Failed, reconciliation::DifferenceSettled>;
  static Result<std::vector<Event>> decide(const State& state, const Command& command);
  static State evolve(State state, const Event& event);
  static Effects react(Id self, const Event& event);
  static std::optional<Command> on_timer(std::string_view name, Time due, Time now);
};

}  // namespace souk
