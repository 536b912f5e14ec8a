/// For tests: a projection without a domain whose rows tell of every event missed, doubled or out of order.
#pragma once

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>

#include "projections/projection.hpp"

namespace souk::testing {

/// Per stream: how many events, and a number that depends on their positions and order.
/// An event "cart.poison" fails and "cart.throws" throws, each after having changed a row, unless `healed`.
struct TallyControls {
  bool healed = false;
  std::uint32_t schema = 1;
  std::vector<std::string_view> kinds;
  Position forgets;                                           ///< an event that changes nothing, as if by mistake
  std::function<void()> before_event;                         ///< may end the process
  std::function<Result<void>(const EventRecord&)> intercept;  ///< may fail in any way
};

class Tally final : public Projection {
 public:
  explicit Tally(std::shared_ptr<TallyControls> controls) : controls_(std::move(controls)) {}

  std::string_view name() const override { return "tally"; }
  std::uint32_t schema() const override { return controls_->schema; }
  std::vector<std::string_view> kinds() const override { return controls_->kinds; }
  Result<void> create_tables(sqlite::Database& db) override {
    return db.run(
        "CREATE TABLE tally (stream TEXT PRIMARY KEY, events INTEGER NOT NULL, trail INTEGER NOT NULL) WITHOUT ROWID");
  }
  Result<void> apply(sqlite::Database& db, const EventRecord& record) override {
    if (controls_->before_event) controls_->before_event();
    if (controls_->intercept) {
      auto intercepted = controls_->intercept(record);
      if (!intercepted) return intercepted;
    }
    if (record.position == controls_->forgets) return {};
    auto done = db.execute(
        "INSERT INTO tally VALUES (?1, 1, ?2) ON CONFLICT (stream) DO UPDATE SET events = events + 1,"
        " trail = (trail * 31 + ?2) % 1000000007",
        record.stream.text(), static_cast<std::int64_t>(record.position.value));
    if (!controls_->healed && record.type == "cart.poison") {
      return fail(ErrorCode::kInvalid, "cart.poisonous", "quantity: is required");
    }
    if (!controls_->healed && record.type == "cart.throws") throw std::runtime_error("no such luck");
    return done;
  }

 private:
  std::shared_ptr<TallyControls> controls_;
};

}  // namespace souk::testing
