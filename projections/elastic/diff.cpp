#include "projections/elastic/diff.hpp"

#include <set>
#include <utility>

#include "projections/elastic/index.hpp"
#include "projections/elastic/source.hpp"
#include "projections/search/search_projection.hpp"

namespace souk::elastic {

namespace {

constexpr std::size_t kEvents = 5'000;
constexpr std::size_t kPage = 500;

/// The embedded search's file as the whole log makes it. Returns how far that went.
Result<Position> make_file(const std::string& path, const LogIdentity& log, const ReadLog& read_log) {
  const auto projection = make_search_projection();
  ProjectionStore::OpenOptions options;
  options.path = path;
  options.building = true;
  auto store = ProjectionStore::open(options, *projection, log, {});
  if (!store) return tl::unexpected<Error>(std::move(store.error()));
  for (;;) {
    const auto taken = take_next(*store, *projection, read_log, kEvents);
    if (!taken) return tl::unexpected<Error>(taken.error());
    if (!*taken) return store->checkpoint();
  }
}

/// One of two lists of documents, in the order of their creation, read page by page.
template <class ReadPage>
class Pages {
 public:
  explicit Pages(ReadPage read) : read_(std::move(read)) {}

  /// Null at the end.
  Result<const Versioned*> current() {
    if (at_ == page_.size() && !is_over_) {
      auto next = read_(last_);
      if (!next) return tl::unexpected<Error>(std::move(next.error()));
      page_ = std::move(*next);
      at_ = 0;
      is_over_ = page_.empty();
      if (!page_.empty()) last_ = page_.back();
    }
    return at_ < page_.size() ? &page_[at_] : nullptr;
  }
  void next() { ++at_; }

 private:
  ReadPage read_;
  std::vector<Versioned> page_;
  std::size_t at_ = 0;
  bool is_over_ = false;
  Versioned last_;
};

class Comparison {
 public:
  Comparison(Position log_end, const IndexState& state) : log_end_(log_end) {
    diff_.position = state.position;
    diff_.parked = state.parked.size();
    for (const auto& one : state.parked) parked_.insert(one.product);
  }

  /// Either may be missing. False: that is enough.
  bool take(const Versioned* expected, const Versioned* indexed) {
    ++diff_.compared;
    if (expected != nullptr && indexed != nullptr && expected->changed == indexed->changed) {
      return expected->document == indexed->document || differs(expected, indexed);
    }
    // It has changed since the log was read.
    if (indexed != nullptr && indexed->changed > log_end_) return true;
    if (expected != nullptr && parked_.contains(expected->product)) return true;
    const bool is_older = expected != nullptr && (indexed == nullptr || indexed->changed < expected->changed);
    if (is_older && expected->changed > diff_.position) {
      ++diff_.behind;
      return true;
    }
    return differs(expected, indexed);
  }

  IndexDiff diff() && { return std::move(diff_); }

 private:
  bool differs(const Versioned* expected, const Versioned* indexed) {
    const auto& one = expected != nullptr ? *expected : *indexed;
    auto& difference = diff_.first.emplace();
    difference.product = one.product;
    difference.event = one.changed;
    if (expected != nullptr) difference.expected = encode(expected->document);
    if (indexed != nullptr) {
      difference.in_index = "version " + std::to_string(indexed->changed.value) + ": " + encode(indexed->document);
    }
    return false;
  }

  const Position log_end_;
  std::set<ProductId> parked_;
  IndexDiff diff_;
};

Result<IndexDiff> compare(Index& index, sqlite::Database& db, bool with_text, Comparison comparison) {
  DocumentReader reader(db, with_text);
  Pages expected([&](const Versioned& last) { return reader.created_behind(last.slot, kPage); });
  std::size_t page = kPage;
  Pages indexed([&](const Versioned& last) {
    for (;; page /= 2) {
      auto found = index.created_behind(last.document.created, page);
      const bool is_too_much =
          !found && (found.error().reason == "http.too_large" || found.error().reason == "http.timeout");
      if (!is_too_much || page == 1) return found;
    }
  });
  for (;;) {
    const auto wanted = expected.current();
    if (!wanted) return tl::unexpected<Error>(wanted.error());
    const auto found = indexed.current();
    if (!found) return tl::unexpected<Error>(found.error());
    if (*wanted == nullptr && *found == nullptr) return std::move(comparison).diff();
    const auto created_of = [](const Versioned* one) {
      return one != nullptr ? one->document.created : Position{~std::uint64_t{0}};
    };
    const bool is_wanted = created_of(*wanted) <= created_of(*found);
    const bool is_found = created_of(*found) <= created_of(*wanted);
    if (!comparison.take(is_wanted ? *wanted : nullptr, is_found ? *found : nullptr)) {
      return std::move(comparison).diff();
    }
    if (is_wanted) expected.next();
    if (is_found) indexed.next();
  }
}

}  // namespace

Result<IndexDiff> diff_index(const Options& options, std::uint64_t generation, const LogIdentity& log,
                             const std::string& scratch, const ReadLog& read_log) {
  struct Removed {
    const std::string& scratch;
    ~Removed() { sqlite::remove_database(scratch); }
  } removed{scratch};
  sqlite::remove_database(scratch);
  Client client(options);
  Index index(client, index_of(options, generation), {log, schema_of(options), options.analyzer});
  const auto opened = index.find();
  if (!opened) return tl::unexpected<Error>(opened.error());
  if (!*opened) return fail(ErrorCode::kUnavailable, "elasticsearch.index_lost", "there is no " + index.name());
  if (auto refreshed = index.refresh(); !refreshed) return tl::unexpected<Error>(std::move(refreshed.error()));
  // After the index has said how far it is: then the log is at least as far.
  const auto end = make_file(scratch, log, read_log);
  if (!end) return tl::unexpected<Error>(end.error());
  auto db = sqlite::Database::open(scratch, sqlite::Database::Mode::kReader);
  if (!db) return tl::unexpected<Error>(std::move(db.error()));
  return compare(index, *db, !options.analyzer.empty(), Comparison(*end, (*opened)->state));
}

}  // namespace souk::elastic
