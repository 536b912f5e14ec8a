#include <utility>

#include "projections/projection_store.hpp"

namespace souk {

namespace {

constexpr std::size_t kRetryEventsMax = 1'000;

}  // namespace

std::int64_t ProjectionStore::stored(Position position) {
  return static_cast<std::int64_t>(position.value);
}
Position ProjectionStore::position_from(std::int64_t value) {
  return Position{static_cast<std::uint64_t>(value)};
}

Result<void> ProjectionStore::park(const ParkedEvent& event) {
  return db_.execute("INSERT INTO souk_parked VALUES (?, ?, ?, ?, ?, ?)", stored(event.position), event.stream.text(),
                     event.type, event.reason, event.detail, event.parked_at.us);
}

Result<std::vector<ParkedEvent>> ProjectionStore::parked(std::size_t limit) {
  std::vector<ParkedEvent> events;
  auto query = db_.query(
      "SELECT position, stream, type, reason, detail, parked_at FROM souk_parked "
      "ORDER BY position LIMIT ?",
      static_cast<std::int64_t>(limit));
  if (!query) return tl::unexpected<Error>(std::move(query.error()));
  for (;;) {
    auto row = query->step();
    if (!row) return tl::unexpected<Error>(std::move(row.error()));
    if (!*row) return events;
    events.push_back({position_from(query->integer(0)), StreamId::parse(query->text(1)).value_or(StreamId{}),
                      std::string(query->text(2)), std::string(query->text(3)), std::string(query->text(4)),
                      Time{query->integer(5)}});
  }
}

Result<std::vector<ProjectionStore::ParkedStream>> ProjectionStore::parked_streams(Position from) {
  std::vector<ParkedStream> streams;
  auto query = db_.query(
      "SELECT stream, min(position) AS first FROM souk_parked GROUP BY stream HAVING first >= ? ORDER BY first",
      stored(from));
  if (!query) return tl::unexpected<Error>(std::move(query.error()));
  for (;;) {
    auto row = query->step();
    if (!row) return tl::unexpected<Error>(std::move(row.error()));
    if (!*row) return streams;
    if (auto stream = StreamId::parse(query->text(0))) {
      streams.push_back({position_from(query->integer(1)), std::move(*stream)});
    }
  }
}

Result<std::vector<Position>> ProjectionStore::parked_positions(const StreamId& stream, std::size_t limit) {
  std::vector<Position> positions;
  auto query = db_.query("SELECT position FROM souk_parked WHERE stream = ? ORDER BY position LIMIT ?", stream.text(),
                         static_cast<std::int64_t>(limit));
  if (!query) return tl::unexpected<Error>(std::move(query.error()));
  for (;;) {
    auto row = query->step();
    if (!row) return tl::unexpected<Error>(std::move(row.error()));
    if (!*row) return positions;
    positions.push_back(position_from(query->integer(0)));
  }
}

Result<std::size_t> ProjectionStore::count_parked() {
  auto query = db_.query("SELECT count(*) FROM souk_parked");
  if (!query) return tl::unexpected<Error>(std::move(query.error()));
  auto row = query->step();
  if (!row) return tl::unexpected<Error>(std::move(row.error()));
  return static_cast<std::size_t>(query->integer(0));
}

Result<FollowerTarget::Retried> ProjectionStore::retry_parked(Projection& projection, EventLog& log, Position from,
                                                              std::chrono::milliseconds turn) {
  const auto end = std::chrono::steady_clock::now() + turn;
  auto streams = parked_streams(from);
  if (!streams) return tl::unexpected<Error>(std::move(streams.error()));
  Retried retried;
  for (const auto& parked : *streams) {
    auto applied = retry_stream(projection, log, parked.stream, end);
    if (!applied) return tl::unexpected<Error>(std::move(applied.error()));
    retried.applied += *applied;
    if (std::chrono::steady_clock::now() < end) continue;
    // A stream that is not through yet begins behind its place now, and comes again.
    retried.next = Position{parked.first.value + 1};
    break;
  }
  return retried;
}

Result<std::size_t> ProjectionStore::retry_stream(Projection& projection, EventLog& log, const StreamId& stream,
                                                  Deadline end) {
  std::size_t applied_total = 0;
  for (;;) {
    auto positions = parked_positions(stream, kRetryEventsMax);
    if (!positions) return tl::unexpected<Error>(std::move(positions.error()));
    if (positions->empty()) return applied_total;
    std::vector<RecordPtr> records;
    for (const auto position : *positions) {
      auto found = log.read(Position{position.value - 1}, 1, Visibility::kDurable);
      if (!found) return tl::unexpected<Error>(std::move(found.error()));
      if (found->empty() || found->front()->position != position) {
        return fail(ErrorCode::kInternal, "projection.parked_event_lost",
                    "the log has no event at " + std::to_string(position.value));
      }
      records.push_back(std::move(found->front()));
    }
    auto applied = retry(projection, stream, records, end);
    if (!applied) return applied;
    applied_total += *applied;
    if (*applied < records.size() || std::chrono::steady_clock::now() >= end) return applied_total;
  }
}

Result<std::size_t> ProjectionStore::retry(Projection& projection, const StreamId& stream,
                                           const std::vector<RecordPtr>& records, Deadline end) {
  auto transaction = begin();
  if (!transaction) return tl::unexpected<Error>(std::move(transaction.error()));
  std::size_t applied = 0;
  for (const auto& record : records) {
    if (applied > 0 && std::chrono::steady_clock::now() >= end) break;
    auto failure = apply_in_savepoint(projection, *record);
    if (!failure) return tl::unexpected<Error>(std::move(failure.error()));
    auto noted = *failure ? db_.execute("UPDATE souk_parked SET reason = ?, detail = ? WHERE position = ?",
                                        (*failure)->reason, (*failure)->detail, stored(record->position))
                          : db_.execute("DELETE FROM souk_parked WHERE position = ?", stored(record->position));
    if (!noted) return tl::unexpected<Error>(std::move(noted.error()));
    if (*failure) break;
    ++applied;
  }
  auto left = parked_positions(stream, 1);
  if (!left) return tl::unexpected<Error>(std::move(left.error()));
  // The rows now hold events that came before others which they held already: hashes of earlier places say nothing
  // more.
  auto done = applied > 0 ? db_.execute("DELETE FROM souk_hashes") : Result<void>{};
  if (done) hash_kept_ = {};
  if (done) done = commit(*transaction, checkpoint_);
  if (!done) return tl::unexpected<Error>(std::move(done.error()));
  if (left->empty()) parked_streams_.erase(stream);
  parked_count_ -= applied;
  return applied;
}

}  // namespace souk
