#include "projections/search/embedded_search.hpp"

#include <algorithm>
#include <utility>

#include "projections/search/fts_match.hpp"
#include "projections/search/search_projection.hpp"

namespace souk {

using search::Candidate;
using search::Expression;
using search::Filter;
using search::Need;
using search::WordGroup;

namespace {

constexpr std::size_t kRankedMax = 20'000;
/// A word that is not whole stands for so many.
constexpr std::size_t kCompletionsMax = 10;
constexpr std::size_t kBeginningSizeMin = 3;
/// So many unknown words of a query are looked for among the known ones, the last ones.
constexpr std::size_t kUnknownMax = 4;
/// How many words of matches are looked at, at most, if those are found that have only some of a query's.
constexpr std::size_t kLookedAtMax = 200'000;

/// With each as often as it stands there, in quotes.
std::size_t words_asked_for(const Expression& expression) {
  return static_cast<std::size_t>(std::ranges::count(expression.text(), '"')) / 2;
}

}  // namespace

Result<std::unique_ptr<EmbeddedSearch>> EmbeddedSearch::open(Follower& follower, EmbeddedSearchOptions options) {
  std::unique_ptr<EmbeddedSearch> opened(new EmbeddedSearch(follower, std::move(options)));
  // Everything is read now, so that nobody's query has to wait for it.
  const auto filled = opened->refresh();
  if (!filled) return tl::unexpected<Error>(filled.error());
  return opened;
}

EmbeddedSearch::EmbeddedSearch(Follower& follower, EmbeddedSearchOptions options)
    : follower_(follower), options_(std::move(options)), synonyms_(options_.synonyms_file) {}

void EmbeddedSearch::search(const SearchQuery& query, std::function<void(Result<SearchAnswer>)> done) {
  done(search(query));
}
void EmbeddedSearch::suggest(const std::string& text, std::function<void(Result<SearchSuggestions>)> done) {
  done(suggest(text));
}
SearchBackend::WaitTicket EmbeddedSearch::when_caught_up(Position position, std::function<void(bool)> done) {
  return follower_.when_caught_up(position, std::move(done));
}
bool EmbeddedSearch::cancel(WaitTicket ticket) {
  return follower_.cancel(ticket);
}

Result<std::unique_ptr<EmbeddedSearch::Reader>> EmbeddedSearch::take_reader() {
  {
    std::unique_lock lock(readers_mutex_);
    reader_is_idle_.wait(lock, [this] { return !idle_readers_.empty() || readers_ < options_.readers_max; });
    if (!idle_readers_.empty()) {
      auto reader = std::move(idle_readers_.back());
      idle_readers_.pop_back();
      return reader;
    }
    ++readers_;
  }
  auto reader = std::make_unique<Reader>();
  auto model = ReadModel::open(follower_);
  if (!model) {
    give_back(nullptr);
    return tl::unexpected<Error>(std::move(model.error()));
  }
  reader->model = std::move(*model);
  return reader;
}

void EmbeddedSearch::give_back(std::unique_ptr<Reader> reader) {
  {
    const std::scoped_lock lock(readers_mutex_);
    if (reader) {
      idle_readers_.push_back(std::move(reader));
    } else {
      --readers_;
    }
  }
  reader_is_idle_.notify_one();
}

Result<Position> EmbeddedSearch::read(ReadBody body) {
  auto reader = take_reader();
  if (!reader) return tl::unexpected<Error>(std::move(reader.error()));
  Result<Position> position{Position{}};
  for (bool is_done = false; !is_done;) {
    const Position reported = follower_.position();
    position = (*reader)->model->read([&](sqlite::Database& db) -> Result<void> {
      const auto done = read_in(**reader, db, reported, body);
      if (!done) return tl::unexpected<Error>(done.error());
      is_done = *done;
      return {};
    });
    is_done = is_done || !position;
  }
  give_back(std::move(*reader));
  return position;
}

Result<bool> EmbeddedSearch::read_in(Reader& reader, sqlite::Database& db, Position reported, ReadBody body) {
  auto prepared = search::prepare_matching(db);
  if (!prepared) return tl::unexpected<Error>(std::move(prepared.error()));
  State state{reader.model->generation(), {}};
  {
    auto query = db.query("SELECT position FROM souk_checkpoint");
    if (!query) return tl::unexpected<Error>(std::move(query.error()));
    auto row = query->step();
    if (!row) return tl::unexpected<Error>(std::move(row.error()));
    state.written = Position{static_cast<std::uint64_t>(query->integer(0))};
  }
  if (std::exchange(reader.generation, state.generation) != state.generation) reader.dictionary.forget();
  const Position position = std::max(reported, state.written);
  std::shared_lock lock(columns_mutex_);
  if (state_ != state || columns_.position() < position || synonyms_.is_due()) {
    lock.unlock();
    {
      const std::scoped_lock changing(columns_mutex_);
      const auto is_up = bring_up(db, state, position);
      if (!is_up || !*is_up) return is_up;
    }
    lock.lock();
    // Somebody else may have brought them further between the two locks.
    if (state_ != state) return false;
  }
  const auto done = body(reader, db);
  if (!done) return tl::unexpected<Error>(done.error());
  return true;
}

Result<bool> EmbeddedSearch::bring_up(sqlite::Database& db, const State& state, Position position) {
  synonyms_.refresh();
  if (auto problem = synonyms_.take_problem(); problem && options_.on_problem) options_.on_problem(*problem);
  if (state < state_) return false;
  // Another file may have other rows.
  if (state.generation != state_.generation) columns_.forget();
  state_ = state;
  auto refreshed = columns_.refresh(db, position);
  if (refreshed) return true;
  state_ = State{};
  return tl::unexpected<Error>(std::move(refreshed.error()));
}

Result<Position> EmbeddedSearch::refresh() {
  return read([](Reader& /*reader*/, sqlite::Database& /*db*/) { return Result<void>{}; });
}

namespace {

std::uint32_t bit_of(search::Field field) {
  return 1U << static_cast<unsigned>(field);
}

/// Everything that Filter, points_of, place_of and count_facets read of a row for this query.
std::uint32_t fields_of(const SearchQuery& query) {
  using search::Field;
  std::uint32_t fields = bit_of(Field::kWords) | bit_of(Field::kNames);
  if (query.facets || query.category || query.brand) fields |= bit_of(Field::kPlaces);
  if (query.facets || query.price_min || query.price_max || query.sort == SearchSort::kPrice ||
      query.sort == SearchSort::kPriceDescending) {
    fields |= bit_of(Field::kPrices);
  }
  if (query.in_stock || query.sort == SearchSort::kRelevance) fields |= bit_of(Field::kStocks);
  if (query.sort == SearchSort::kRelevance) fields |= bit_of(Field::kRanks);
  if (query.sort == SearchSort::kSales) fields |= bit_of(Field::kSales);
  return fields;
}

}  // namespace

void EmbeddedSearch::note_basis(const Reader& reader, const SearchQuery& query, AnswerBasis& basis) const {
  basis.fields = fields_of(query);
  basis.versions = columns_.versions();
  basis.synonyms = synonyms_.version();
  // A correction by words of an older index might be another one by those of this.
  basis.is_lasting =
      !reader.consulted_dictionary || reader.dictionary.is_of(columns_.versions()[search::Field::kWords]);
}

bool EmbeddedSearch::list_holds(const AnswerBasis& basis) const {
  if (basis.synonyms != synonyms_.version()) return false;
  for (std::size_t i = 0; i < search::kFieldCount; ++i) {
    const auto field = static_cast<search::Field>(i);
    if ((basis.fields & bit_of(field)) != 0 && basis.versions[field] != columns_.versions()[field]) return false;
  }
  return true;
}

StillHolds EmbeddedSearch::still_holds(const AnswerBasis& basis, Position& position) const {
  const std::shared_lock lock(columns_mutex_, std::try_to_lock);
  if (!lock.owns_lock() || !basis.is_lasting || columns_.position() < follower_.position()) return StillHolds::kNothing;
  // Another file, or other synonyms, which only a reader takes in.
  if (state_.generation != follower_.generation() || synonyms_.is_due()) return StillHolds::kNothing;
  if (!list_holds(basis)) return StillHolds::kNothing;
  for (const auto& [slot, changed] : basis.shown) {
    if (columns_.rows()[slot].changed != changed) return StillHolds::kAnswer;
  }
  position = columns_.position();
  return StillHolds::kWhole;
}

Result<SearchAnswer> EmbeddedSearch::search(const SearchQuery& query, AnswerBasis* basis) {
  SearchAnswer answer;
  const auto position = read([&](Reader& reader, sqlite::Database& db) {
    answer.position = columns_.position();
    reader.consulted_dictionary = false;
    auto found = find(reader, db, query, answer);
    if (found && basis != nullptr) note_basis(reader, query, *basis);
    return found;
  });
  if (!position) return tl::unexpected<Error>(position.error());
  return answer;
}

Result<void> EmbeddedSearch::find(Reader& reader, sqlite::Database& db, const SearchQuery& query,
                                  SearchAnswer& answer) {
  const Filter filter(columns_, query);
  std::vector<Candidate> found;
  if (!filter.is_none()) {
    if (search::query_words(query.text).empty()) {
      browse(filter, found);
      answer.total = found.size();
    } else if (auto done = find_words(reader, db, query, filter, found, answer); !done) {
      return done;
    }
  }
  search::pick_page(columns_, query, found, answer);
  if (query.facets) answer.facets = search::count_facets(columns_, found);
  return {};
}

void EmbeddedSearch::browse(const Filter& filter, std::vector<Candidate>& found) const {
  found.reserve(columns_.seen_count());
  for (std::uint32_t slot = 1; slot < columns_.briefs().size(); ++slot) {
    if (filter.passes(slot)) found.push_back({slot, search::points_of({}, columns_.briefs()[slot])});
  }
}

Result<void> EmbeddedSearch::find_words(Reader& reader, sqlite::Database& db, const SearchQuery& query,
                                        const Filter& filter, std::vector<Candidate>& found, SearchAnswer& answer) {
  const bool needs_all = query.facets || !filter.is_all() || query.sort != SearchSort::kRelevance || query.after;
  MatchLimits limits;
  if (!needs_all) limits.found_max = kRankedMax;
  auto groups = search::groups_of(query.text, synonyms_.current());

  std::optional<Expression> expression(std::in_place, groups, Need::kAll);
  auto is_there = match(db, *expression, filter, limits, found);
  if (is_there && !*is_there) {
    std::string corrected = query.text;
    const auto is_other = correct(reader, db, groups, corrected);
    if (!is_other) return tl::unexpected<Error>(is_other.error());
    if (*is_other) {
      expression.emplace(groups, Need::kAll);
      is_there = match(db, *expression, filter, limits, found);
      if (corrected != query.text) answer.corrected = corrected;
    }
    if (is_there && !*is_there && groups.size() > 1) {
      expression.emplace(groups, Need::kHalf);
      limits = {};
      limits.visited_max = kLookedAtMax / words_asked_for(*expression);
      is_there = match(db, *expression, filter, limits, found);
    }
    if (found.empty()) answer.corrected.reset();
  }
  if (!is_there) return tl::unexpected<Error>(is_there.error());
  answer.words = search::words_in(groups);
  answer.total = found.size();
  if (found.size() < limits.found_max) return {};
  auto counted = db.query("SELECT count(*) FROM search_index WHERE search_index MATCH ?", expression->text());
  if (!counted) return tl::unexpected<Error>(std::move(counted.error()));
  auto row = counted->step();
  if (!row) return tl::unexpected<Error>(std::move(row.error()));
  answer.total = static_cast<std::uint64_t>(counted->integer(0));
  return {};
}

Result<bool> EmbeddedSearch::match(sqlite::Database& db, const Expression& expression, const Filter& filter,
                                   const MatchLimits& limits, std::vector<Candidate>& found) {
  found.clear();
  std::size_t visited = 0;
  bool is_there = false;
  const auto done = search::each_match(db, expression.text(), [&](const search::FtsMatch& match) {
    const auto slot = static_cast<std::uint32_t>(search::slot_of(match.row_number()));
    const auto& brief = columns_.briefs()[slot];
    // Where all are needed, each match has them.
    is_there = is_there || (brief.is_seen && expression.needs_all());
    if (++visited > limits.visited_max) return false;
    if (!filter.passes(slot)) return true;
    const auto judged = expression.judge([&](int phrase) { return match.columns_of(phrase); }, search::kWeights);
    if (!judged.is_enough) return true;
    found.push_back({slot, search::points_of({judged.points, expression.groups(), judged.in_name}, brief)});
    return found.size() < limits.found_max;
  });
  if (!done) return tl::unexpected<Error>(done.error());
  return is_there;
}

Result<bool> EmbeddedSearch::correct(Reader& reader, sqlite::Database& db, std::vector<WordGroup>& groups,
                                     std::string& text) {
  reader.consulted_dictionary = true;
  auto& dictionary = reader.dictionary;
  if (auto read = dictionary.refresh(db, columns_.versions()[search::Field::kWords]); !read) {
    return tl::unexpected<Error>(std::move(read.error()));
  }
  bool changed = false;
  std::size_t unknown = 0;
  // From the end, so that the places of earlier words stay what they are.
  for (auto group = groups.rbegin(); group != groups.rend() && unknown < kUnknownMax; ++group) {
    if (!group->is_latin) continue;
    const std::string word = group->alternatives.front().front();
    if (dictionary.knows(word)) continue;
    ++unknown;
    std::vector<std::string> known;
    if (word.size() >= kBeginningSizeMin) known = dictionary.beginning_with(word, kCompletionsMax);
    if (known.empty()) {
      if (auto nearest = dictionary.nearest(word)) known.push_back(std::move(*nearest));
    }
    if (known.empty()) continue;
    text.replace(group->source_begin, group->source_end - group->source_begin, known.front());
    group->alternatives.clear();
    for (auto& one : known) group->alternatives.push_back({std::move(one)});
    changed = true;
  }
  return changed;
}

Result<Position> EmbeddedSearch::read_products(const std::vector<ProductId>& products,
                                               std::vector<FoundProduct>& found) {
  return read([&](Reader& /*reader*/, sqlite::Database& db) -> Result<void> {
    for (const auto product : products) {
      if (auto done = read_row(db, product, found); !done) return done;
    }
    return {};
  });
}

Result<std::optional<Position>> EmbeddedSearch::read_list(const std::vector<ProductId>& products, AnswerBasis& basis,
                                                          std::vector<FoundProduct>& found, IsWanted is_wanted) {
  basis.shown.clear();
  bool holds = false;
  const auto position = read([&](Reader& /*reader*/, sqlite::Database& db) -> Result<void> {
    holds = list_holds(basis);
    if (!holds) return {};
    for (const auto product : products) {
      const auto slot = static_cast<std::uint32_t>(columns_.slot_of(product));
      const auto changed = columns_.rows()[slot].changed;
      basis.shown.push_back({slot, changed});
      if (!is_wanted(product, changed)) continue;
      if (auto done = read_row(db, product, found); !done) return done;
    }
    return {};
  });
  if (!position) return tl::unexpected<Error>(position.error());
  return holds ? std::optional(*position) : std::nullopt;
}

Result<void> EmbeddedSearch::read_row(sqlite::Database& db, ProductId product, std::vector<FoundProduct>& found) const {
  auto query = db.query(
      "SELECT o.created, o.price_minor, o.currency, o.category_id, o.brand_id, o.in_stock, o.sold, d.sku, d.name,"
      " d.description, d.pictures, d.attributes, d.purchase_limit, d.category, d.brand, d.version"
      " FROM offers o JOIN documents d USING (slot) WHERE slot = ? AND o.published AND NOT o.deleted",
      columns_.slot_of(product));
  if (!query) return tl::unexpected<Error>(std::move(query.error()));
  auto row = query->step();
  if (!row) return tl::unexpected<Error>(std::move(row.error()));
  if (!*row) return {};
  FoundProduct& one = found.emplace_back();
  one.product.id = product;
  one.product.created = Position{static_cast<std::uint64_t>(query->integer(0))};
  one.product.price = Money{query->integer(1), Currency::parse(query->text(2)).value_or(Currency{})};
  one.product.category_id = CategoryId{query->id(3)};
  one.product.brand_id = BrandId{query->id(4)};
  one.in_stock = query->integer(5) != 0;
  one.sold = query->integer(6);
  one.product.sku = query->text(7);
  one.product.name = query->text(8);
  one.product.description = query->text(9);
  one.product.pictures_json = query->text(10);
  one.product.attributes_json = query->text(11);
  if (!query->is_null(12)) one.product.purchase_limit = query->integer(12);
  one.product.category = query->text(13);
  one.product.brand = query->text(14);
  one.product.version = Version{static_cast<std::uint64_t>(query->integer(15))};
  return {};
}

}  // namespace souk
