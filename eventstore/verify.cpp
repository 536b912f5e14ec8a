#include "eventstore/verify.hpp"

#include <map>

#include "eventstore/chain.hpp"
#include "eventstore/keys.hpp"

namespace souk {
namespace {

tl::unexpected<Error> index_damaged(std::string what) {
  return fail(ErrorCode::kInternal, "store.index_damaged",
              std::move(what) + "; the indexes can be rebuilt from the log");
}

class Verifier {
 public:
  Verifier(const RocksDb& rocks, Clock& clock, Duration retention)
      : rocks_(rocks),
        snapshot_(rocks.db.get()),
        options_(read_options()),
        honoured_from_{clock.now().us - retention.us} {
    options_.snapshot = snapshot_.snapshot();
  }

  Result<VerifyReport> run() {
    const auto end = walk_chain(
        rocks_, options_, {}, [this](const EventRecord& record, std::string_view /*stored*/) { return check(record); });
    if (!end) return tl::unexpected<Error>(end.error());
    report_.head = end->position;
    report_.head_hash = end->hash;
    if (auto done = count_streams(); !done) return tl::unexpected<Error>(std::move(done.error()));
    if (auto done = check_timers(); !done) return tl::unexpected<Error>(std::move(done.error()));
    return report_;
  }

 private:
  using TimerKey = std::pair<StreamId, std::string>;

  Result<void> check(const EventRecord& record) {
    const std::string where = " of position " + std::to_string(record.position.value);
    if (record.recorded_at < last_time_) {
      return fail(ErrorCode::kInternal, "store.chain_broken", "the record time" + where + " goes back");
    }
    last_time_ = record.recorded_at;
    if (record.version.value == 1) ++report_.streams;
    const keys::StreamVersion key(record.stream, record.version);
    if (get(rocks_.streams, key.bytes()) != keys::Number(record.position).bytes()) {
      return index_damaged("the stream's entry" + where + " is missing or wrong");
    }
    if (record.meta.has_key && record.last_of_command && record.recorded_at >= honoured_from_) {
      const auto command =
          keys::parse_command_value(get(rocks_.idempotency, keys::command_key(record.meta.command_id)));
      // A key may be used again once it is not honoured any more.
      if (!command || command->position < record.position) return index_damaged("the command" + where + " is missing");
    }
    for (const auto& change : record.timers) {
      const TimerKey timer{record.stream, change.name};
      if (change.kind == TimerChange::Kind::kSet) {
        timers_.insert_or_assign(timer, keys::TimerValue{change.due, record.position});
      } else {
        timers_.erase(timer);
      }
    }
    return {};
  }

  Result<void> count_streams() {
    std::uint64_t entries = 0;
    const std::unique_ptr<rocksdb::Iterator> at(rocks_.db->NewIterator(options_, rocks_.streams));
    for (at->SeekToFirst(); at->Valid(); at->Next()) {
      if (view(at->key()) != keys::kHighKey) ++entries;
    }
    if (!at->status().ok()) return tl::unexpected<Error>(store_error(at->status(), "reading the streams"));
    if (entries != report_.head.value) {
      return index_damaged("the streams have " + std::to_string(entries) + " entries for " +
                           std::to_string(report_.head.value) + " events");
    }
    return {};
  }

  /// A timer may have been forgotten after it fired, but none may be there that no event set.
  Result<void> check_timers() {
    const std::unique_ptr<rocksdb::Iterator> at(rocks_.db->NewIterator(options_, rocks_.timers));
    for (at->Seek("n"); at->Valid(); at->Next()) {
      const auto value = keys::parse_timer_value(view(at->value()));
      const auto key = view(at->key()).substr(1);
      const auto zero = key.find('\0');
      const auto stream = StreamId::parse(key.substr(0, zero));
      if (!value || !stream || zero == std::string_view::npos)
        return index_damaged("the timers have a malformed entry");
      const std::string name(key.substr(zero + 1));
      const auto expected = timers_.find({*stream, name});
      if (expected == timers_.end() || expected->second.set_by != value->set_by || expected->second.due != value->due ||
          get(rocks_.timers, keys::timer_by_due(value->due, *stream, name)) != keys::Number(value->set_by).bytes()) {
        return index_damaged("the timer '" + name + "' of " + std::string(stream->text()) +
                             " is not as the log has it");
      }
      ++report_.timers;
    }
    if (!at->status().ok()) return tl::unexpected<Error>(store_error(at->status(), "reading the timers"));
    return {};
  }

  /// Empty where it is missing or unreadable: both are damage here.
  std::string get(rocksdb::ColumnFamilyHandle* family, std::string_view key) const {
    std::string value;
    if (!rocks_.db->Get(options_, family, slice(key), &value).ok()) value.clear();
    return value;
  }

  const RocksDb& rocks_;
  rocksdb::ManagedSnapshot snapshot_;
  rocksdb::ReadOptions options_;
  const Time honoured_from_;
  Time last_time_{INT64_MIN};
  std::map<TimerKey, keys::TimerValue> timers_;
  VerifyReport report_;
};

}  // namespace

Result<VerifyReport> verify_store(const RocksDb& rocks, Clock& clock, Duration idempotency_retention) {
  return Verifier(rocks, clock, idempotency_retention).run();
}

}  // namespace souk
