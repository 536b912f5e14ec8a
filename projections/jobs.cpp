#include "projections/jobs.hpp"

#include <limits>
#include <utility>

#include "engine/entities.hpp"

namespace souk {

namespace {

constexpr const char* kTables =
    "CREATE TABLE jobs (job_id BLOB PRIMARY KEY, name TEXT NOT NULL, state TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE job_records (position INTEGER PRIMARY KEY, job_id BLOB NOT NULL, record TEXT NOT NULL);"
    "CREATE INDEX job_records_by_job ON job_records (job_id);";  // each entry of an index ends with the key

/// A job's row holds its state as the entity has it: the same events, the same `evolve`.
class JobsProjection final : public Projection {
 public:
  std::string_view name() const override { return "jobs"; }
  std::uint32_t schema() const override { return 1'000 + Job::kStateSchema; }
  std::vector<std::string_view> kinds() const override { return {Job::kKind}; }
  Result<void> create_tables(sqlite::Database& db) override { return db.run(kTables); }

  Result<void> apply(sqlite::Database& db, const EventRecord& record) override {
    auto event = decode_event<Job::Event>(record.type, record.schema, record.payload);
    if (!event) return tl::unexpected<Error>(std::move(event.error()));
    auto state = state_of(db, record.stream.id());
    if (!state) return tl::unexpected<Error>(std::move(state.error()));
    *state = Job::evolve(std::move(*state), *event);
    const bool is_record =
        std::holds_alternative<job::Finished>(*event) || std::holds_alternative<job::Skipped>(*event);
    if (is_record) {
      auto added =
          db.execute("INSERT INTO job_records VALUES (?, ?, ?)", static_cast<std::int64_t>(record.position.value),
                     record.stream.id(), encode(state->recent.back()));
      if (!added) return added;
    }
    return db.execute("INSERT OR REPLACE INTO jobs VALUES (?, ?, ?)", record.stream.id(), state->name, encode(*state));
  }

 private:
  static Result<job::State> state_of(sqlite::Database& db, const Id128& id) {
    auto query = db.query("SELECT state FROM jobs WHERE job_id = ?", id);
    if (!query) return tl::unexpected<Error>(std::move(query.error()));
    const auto row = query->step();
    if (!row) return tl::unexpected<Error>(row.error());
    if (!*row) return job::State{};
    return decode<job::State>(query->text(0), UnknownFields::kRefused);
  }
};

/// Decodes the texts in a column of each row.
template <class T, class Add>
Result<void> each_row(sqlite::Query& query, int column, Add add) {
  for (;;) {
    auto row = query.step();
    if (!row) return tl::unexpected<Error>(std::move(row.error()));
    if (!*row) return {};
    auto value = decode<T>(query.text(column), UnknownFields::kRefused);
    if (!value) return tl::unexpected<Error>(std::move(value.error()));
    add(std::move(*value));
  }
}

}  // namespace

std::unique_ptr<Projection> make_jobs_projection() {
  return std::make_unique<JobsProjection>();
}

Result<std::unique_ptr<Jobs>> Jobs::open(const Follower& follower) {
  auto model = ReadModel::open(follower);
  if (!model) return tl::unexpected<Error>(std::move(model.error()));
  return std::unique_ptr<Jobs>(new Jobs(std::move(*model)));
}

Result<JobList> Jobs::list() {
  JobList list;
  auto position = model_->read([&](sqlite::Database& db) -> Result<void> {
    auto query = db.query("SELECT state FROM jobs ORDER BY name");
    if (!query) return tl::unexpected<Error>(std::move(query.error()));
    return each_row<job::State>(*query, 0, [&](job::State state) { list.items.push_back(std::move(state)); });
  });
  if (!position) return tl::unexpected<Error>(std::move(position.error()));
  list.position = *position;
  return list;
}

Result<PageOf<JobRecord>> Jobs::records(JobId job, std::size_t limit, std::optional<Position> after) {
  PageOf<JobRecord> page;
  auto position = model_->read([&](sqlite::Database& db) -> Result<void> {
    const auto before = after ? static_cast<std::int64_t>(after->value) : std::numeric_limits<std::int64_t>::max();
    auto query = db.query(
        "SELECT position, record FROM job_records WHERE job_id = ? AND position < ? ORDER BY position DESC LIMIT ?",
        job.value, before, static_cast<std::int64_t>(limit) + 1);
    if (!query) return tl::unexpected<Error>(std::move(query.error()));
    return each_row<job::Record>(*query, 1, [&](job::Record record) {
      if (page.items.size() == limit) {
        page.next = page.items.back().position;
      } else {
        page.items.push_back({Position{static_cast<std::uint64_t>(query->integer(0))}, std::move(record)});
      }
    });
  });
  if (!position) return tl::unexpected<Error>(std::move(position.error()));
  page.position = *position;
  return page;
}

}  // namespace souk
