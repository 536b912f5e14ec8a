#include "projections/elastic/target.hpp"

#include <algorithm>
#include <future>
#include <limits>
#include <utility>

#include "engine/brand/brand.hpp"
#include "engine/category/category.hpp"
#include "engine/product/product.hpp"
#include "engine/stock/stock.hpp"
#include "projections/follower.hpp"

namespace souk::elastic {

namespace {

constexpr std::size_t kPage = 500;
constexpr std::size_t kPageBytes = 1U << 20U;
/// Of what is asked of the server in one turn of the follower's loop, which shall be seen to go round.
constexpr Duration kConnectMax = Duration::milliseconds(3'000);
constexpr Duration kTurnMax = Duration::milliseconds(5'000);
constexpr std::size_t kParkedMax = 1'000;
constexpr std::chrono::milliseconds kFileWait{500};
constexpr std::chrono::milliseconds kSweepMax{2'000};
/// Events of no interest are written down when they are so many.
constexpr std::uint64_t kUnwrittenEventsMax = 50'000;
/// How often it is looked whether somebody has put the index back or taken it away.
constexpr std::chrono::seconds kLookEvery{5};

}  // namespace

Target::Target(Parts parts)
    : shared_(std::move(parts.shared)),
      log_(parts.log),
      search_(parts.search),
      model_(std::move(parts.model)),
      index_(shared_->client, std::move(parts.index), std::move(parts.shape)),
      building_(parts.use == FollowerSource::Use::kBuilding),
      returning_(parts.use == FollowerSource::Use::kReturning) {}

std::vector<std::string_view> Target::kinds() const {
  return {Product::kKind, Stock::kKind, CategoryTree::kKind, Brands::kKind};
}

Result<void> Target::connect() {
  index_.begin(kConnectMax);
  return connect_in_time();
}

Result<void> Target::connect_in_time() {
  connected_ = false;
  auto opened = index_.open(building_);
  if (!opened) return tl::unexpected<Error>(std::move(opened.error()));
  if (auto checked = check_history(opened->state); !checked) return checked;
  state_ = std::move(opened->state);
  // One that has less than it said before was put back from a copy, or lost what it had taken.
  const bool has_lost = state_.position < saved_;
  state_.whole = state_.whole && !has_lost && !returning_;
  complete_at_ = state_.whole ? 0 : log_.head(Visibility::kDurable).value;
  begin_at(state_.resume);
  held_ = state_.position.value;
  if (auto looked = look_at_file(); !looked) return tl::unexpected<Error>(std::move(looked.error()));
  if (!state_.whole) shared_->set_lacking(index_.name());
  if (opened->is_new) shared_->note_lost_alias(index_.name());
  shared_->publish_if_due(index_.left());
  connected_ = true;
  looked_at_ = std::chrono::steady_clock::now();
  return {};
}

Result<std::string> Target::event_at(Position position) {
  if (position.value == 0) return std::string();
  const auto records = log_.read(Position{position.value - 1}, 1, Visibility::kDurable);
  if (!records) return tl::unexpected<Error>(records.error());
  return records->empty() ? std::string() : records->front()->event_id().str();
}

/// A log that was put back from a copy may have come to other events at the same places.
Result<void> Target::check_history(const IndexState& state) {
  const auto head = log_.head(Visibility::kDurable);
  if (state.position <= head) {
    const auto event = event_at(state.position);
    if (!event) return tl::unexpected<Error>(event.error());
    if (state.event.empty() || state.event == *event) return {};
  }
  shared_->set_lacking(index_.name());
  return fail(ErrorCode::kInternal, "projection.ahead_of_log",
              "the index " + index_.name() + " has events up to " + std::to_string(state.position.value) +
                  " that the log, which ends at " + std::to_string(head.value) + ", has not");
}

Result<std::size_t> Target::room() {
  if (shared_->take_suspicion(index_.name())) connected_ = false;
  const auto now = std::chrono::steady_clock::now();
  index_.begin(kConnectMax);
  if (connected_ && now >= looked_at_ + kLookEvery) {
    const auto is_as_left = index_.is_as_left();
    if (!is_as_left) return tl::unexpected<Error>(is_as_left.error());
    connected_ = *is_as_left;
    looked_at_ = now;
  }
  if (!connected_) {
    if (auto done = connect_in_time(); !done) return tl::unexpected<Error>(std::move(done.error()));
  }
  return kAnyNumber;
}

Result<void> Target::reload() {
  return connect();
}

bool Target::has_work() {
  return dirty_ || search_.generation() != file_;
}

void Target::begin_at(Position position) {
  place_ = {Position{position.value == 0 ? 0 : position.value - 1}, std::numeric_limits<std::int64_t>::max()};
  dirty_ = true;
}

Result<bool> Target::look_at_file() {
  const auto file = search_.generation();
  // What was read already, since this was looked at last, may be of before or of after.
  const bool has_moved_within = dirty_ && file_ != 0 && file != file_;
  ParkedInFile now;
  ParkedInFile of_before;
  auto read = model_->read([&](sqlite::Database& db) -> Result<void> {
    DocumentReader reader(db, false);
    const auto all = reader.parked();
    if (!all) return tl::unexpected<Error>(all.error());
    const auto known = reader.parked(state_.file.last);
    if (!known) return tl::unexpected<Error>(known.error());
    now = *all;
    of_before = *known;
    return {};
  });
  if (!read) return tl::unexpected<Error>(std::move(read.error()));
  const bool has_taken_in = of_before.count < state_.file.count || has_moved_within;
  if (has_taken_in) {
    state_.whole = false;
    shared_->set_lacking(index_.name());
    begin_at({});
  }
  state_.file = now;
  file_ = file;
  if (state_.whole) shared_->set_whole(index_.name(), file_);
  return has_taken_in;
}

bool Target::wait_for_file(Position upto) {
  auto reached = std::make_shared<std::promise<bool>>();
  auto answer = reached->get_future();
  const auto ticket = search_.when_caught_up(upto, [reached](bool caught_up) { reached->set_value(caught_up); });
  if (answer.wait_for(kFileWait) == std::future_status::ready || !search_.cancel(ticket)) return answer.get();
  return false;
}

Result<FollowerTarget::Taken> Target::take(const std::vector<RecordPtr>& records, Position upto, OnPoison policy,
                                           Time now) {
  Taken taken;
  taken.upto = accepted();
  index_.begin(kTurnMax);
  if (!wait_for_file(upto)) upto = search_.position();
  if (!records.empty() || has_work()) {
    if (auto looked = look_at_file(); !looked) return tl::unexpected<Error>(std::move(looked.error()));
  }
  if (upto <= taken.upto && !dirty_) return taken;
  if (records.empty() && !dirty_) {
    taken.upto = upto;
    held_ = upto.value;
    if (held_ - state_.position.value < kUnwrittenEventsMax) return taken;
    if (auto saved = save(); !saved) return tl::unexpected<Error>(std::move(saved.error()));
    return taken;
  }
  dirty_ = true;
  auto swept = sweep(policy, now, taken);
  if (!swept) return tl::unexpected<Error>(swept.error());
  if (taken.poison) return taken;
  const auto looked = look_at_file();
  if (!looked) return tl::unexpected<Error>(looked.error());
  if (*looked) swept = Swept::kPart;
  if (*swept == Swept::kPart) {
    if (auto saved = save(); !saved) return tl::unexpected<Error>(std::move(saved.error()));
    return taken;
  }
  if (auto ended = end_sweep(std::max({upto, swept_, accepted()})); !ended)
    return tl::unexpected<Error>(std::move(ended.error()));
  taken.upto = accepted();
  return taken;
}

Result<Target::Swept> Target::sweep(OnPoison policy, Time now, Taken& taken) {
  const auto until = std::chrono::steady_clock::now() + kSweepMax;
  while (std::chrono::steady_clock::now() < until && !shared_->is_ending()) {
    DocumentReader::Page read;
    auto position = read_page(read);
    if (!position) return tl::unexpected<Error>(std::move(position.error()));
    const auto& page = read.documents;
    if (!page.empty()) {
      auto refusals = index_.write(page, [this](Duration delay) { shared_->rest(delay); });
      if (!refusals) return tl::unexpected<Error>(std::move(refusals.error()));
      auto noted = note_refusals(page, *refusals, policy, now, taken);
      if (!noted) return tl::unexpected<Error>(std::move(noted.error()));
      if (taken.poison) return Swept::kPart;
      shared_->documents += page.size();
      taken.applied += page.size();
      taken.wrote = true;
      place_ = {page.back().changed, page.back().slot};
    }
    if (read.is_last) {
      swept_ = *position;
      return Swept::kAll;
    }
  }
  return Swept::kPart;
}

Result<Position> Target::read_page(DocumentReader::Page& page) {
  return model_->read([&](sqlite::Database& db) -> Result<void> {
    DocumentReader reader(db, !shared_->options.analyzer.empty());
    auto read = reader.changed_behind(place_, kPage, kPageBytes);
    if (!read) return tl::unexpected<Error>(std::move(read.error()));
    page = std::move(*read);
    return {};
  });
}

Result<void> Target::note_refusals(const std::vector<Versioned>& page, const std::vector<Index::Refusal>& refusals,
                                   OnPoison policy, Time now, Taken& taken) {
  if (!state_.parked.empty()) {
    // What was refused before and was taken now is none of them any more.
    std::erase_if(state_.parked, [&](const ParkedProduct& one) {
      return std::ranges::any_of(page, [&](const Versioned& written) { return written.product == one.product; });
    });
  }
  for (const auto& refusal : refusals) {
    auto parked = parked_of(page[refusal.document], refusal, now);
    if (!parked) return tl::unexpected<Error>(std::move(parked.error()));
    ++shared_->refused;
    const auto stream = StreamId::parse(parked->stream);
    const ParkedEvent event{parked->position, stream.value_or(StreamId{}), parked->type, parked->reason, parked->detail,
                            parked->at};
    if (policy != OnPoison::kPark || state_.parked.size() >= kParkedMax) {
      taken.poison = event;
      return {};
    }
    taken.parked.push_back(event);
    state_.parked.push_back(std::move(*parked));
  }
  return {};
}

Result<ParkedProduct> Target::parked_of(const Versioned& one, const Index::Refusal& refusal, Time now) {
  ParkedProduct parked{one.product, one.changed, {}, {}, refusal.reason, refusal.detail, now};
  const auto records = log_.read(Position{one.changed.value - 1}, 1, Visibility::kDurable);
  if (!records) return tl::unexpected<Error>(records.error());
  if (!records->empty()) {
    parked.stream = records->front()->stream.text();
    parked.type = records->front()->type;
  }
  return parked;
}

Result<void> Target::end_sweep(Position position) {
  if (!building_) {
    if (auto refreshed = index_.refresh(); !refreshed) return refreshed;
  }
  dirty_ = false;
  returning_ = false;
  const auto before = held_.exchange(position.value, std::memory_order_acq_rel);
  if (auto saved = save(); !saved) {
    held_ = before;
    return saved;
  }
  shared_->set_whole(index_.name(), file_);
  shared_->publish_if_due(index_.left());
  return {};
}

Result<void> Target::save() {
  auto event = event_at(held());
  if (!event) return tl::unexpected<Error>(std::move(event.error()));
  IndexState state = state_;
  state.event = std::move(*event);
  state.whole = state_.whole || !dirty_;
  state.position = held();
  state.resume = dirty_ ? place_.changed : held();
  auto saved = index_.save(state);
  if (saved) {
    state_ = std::move(state);
    saved_ = state_.position;
  }
  return saved;
}

Result<std::vector<ParkedEvent>> Target::parked(std::size_t limit) {
  std::vector<ParkedEvent> events;
  for (const auto& one : state_.parked) {
    if (events.size() == limit) break;
    const auto stream = StreamId::parse(one.stream);
    events.push_back({one.position, stream.value_or(StreamId{}), one.type, one.reason, one.detail, one.at});
  }
  return events;
}

Result<FollowerTarget::Retried> Target::retry_parked(EventLog& /*log*/, Position /*from*/) {
  index_.begin(kTurnMax);
  if (!connected_) {
    if (auto done = connect_in_time(); !done) return tl::unexpected<Error>(std::move(done.error()));
  }
  std::vector<Versioned> documents;
  auto read = model_->read([&](sqlite::Database& db) -> Result<void> {
    DocumentReader reader(db, !shared_->options.analyzer.empty());
    for (const auto& one : state_.parked) {
      auto found = reader.find(one.product);
      if (!found) return tl::unexpected<Error>(std::move(found.error()));
      if (*found) documents.push_back(std::move(**found));
    }
    return {};
  });
  if (!read) return tl::unexpected<Error>(std::move(read.error()));
  auto refusals = index_.write(documents, [this](Duration delay) { shared_->rest(delay); });
  if (!refusals) return tl::unexpected<Error>(std::move(refusals.error()));
  const auto before = state_.parked.size();
  std::erase_if(state_.parked, [&](const ParkedProduct& one) {
    return std::ranges::none_of(
        *refusals, [&](const Index::Refusal& refusal) { return documents[refusal.document].product == one.product; });
  });
  if (auto refreshed = index_.refresh(); !refreshed) return tl::unexpected<Error>(std::move(refreshed.error()));
  if (auto saved = save(); !saved) return tl::unexpected<Error>(std::move(saved.error()));
  return Retried{before - state_.parked.size(), {}};
}

Result<void> Target::settle() {
  index_.begin(kTurnMax);
  auto settled = index_.settle();
  if (settled) building_ = false;
  return settled;
}

void Target::finish(Time /*now*/) {
  // Only saves looking at what changed since at the next start, so a failure means nothing.
  index_.begin(kConnectMax);
  if (connected_ && held() > state_.position) (void)save();
}

}  // namespace souk::elastic
