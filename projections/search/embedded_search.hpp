/// The search that needs nothing else: words in FTS5, everything that is filtered, sorted and counted by in memory.
///
/// A query reads within one transaction: what changed since the last query, then what matches. So an answer is of one
/// position, and there is no moment at which index and memory disagree. Queries may run side by side, each with a
/// connection of its own, over the same memory: one whose transaction began before another one brought the memory up to
/// a later state begins again.
///
/// Answers may be kept: an answer is a function of the query, of the synonyms, and of the fields that the query looks
/// at; each kind of field has a number that is raised whenever the field of any product that is or was seen becomes
/// another. While the numbers of the fields that it looks at are what they were, the answer would be made the same
/// again, and as soon as one is not, it may not be. So an answer is void exactly when an event changed what it filters
/// or sorts by, of whatever product. What is shown of a product is another matter: its row says at which position it
/// last changed.
///
/// Thread-safety: any thread. Queries read the disk's cache and compute: not for an I/O thread. At most
/// `options.readers_max` run at a time, the others wait for one to end.
/// Ownership: the follower must outlive it.
/// Limits: for the first page of a query that asks for no facets, no filter and the order by relevance, the 20,000
/// products with the most sales are ranked, and the others are only counted. Four unknown words of a query are
/// corrected. Of what has some of its words, the products with the most sales are looked at: 200,000 divided by the
/// number of words.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <vector>

#include "projections/follower.hpp"
#include "projections/products.hpp"
#include "projections/read_model.hpp"
#include "projections/search/answer_basis.hpp"
#include "projections/search/columns.hpp"
#include "projections/search/dictionary.hpp"
#include "projections/search/options.hpp"
#include "projections/search/plan.hpp"
#include "projections/search/query.hpp"
#include "projections/search/search.hpp"
#include "projections/search/selection.hpp"
#include "projections/search/synonyms.hpp"

namespace souk {

/// What of a kept answer is what it would be if it were made now.
enum class StillHolds : std::uint8_t {
  kNothing,
  kAnswer,  ///< but something of what is shown has changed
  kWhole,
};

/// What is shown of a product that was found. Its times and whether it is deleted are not.
struct FoundProduct {
  ProductSummary product;
  bool in_stock = false;
  std::int64_t sold = 0;
};

class EmbeddedSearch final : public SearchBackend {
 public:
  static Result<std::unique_ptr<EmbeddedSearch>> open(Follower& follower, EmbeddedSearchOptions options = {});

  [[nodiscard]] std::string_view name() const override { return "embedded"; }
  void search(const SearchQuery& query, std::function<void(Result<SearchAnswer>)> done) override;
  void suggest(const std::string& text, std::function<void(Result<SearchSuggestions>)> done) override;
  WaitTicket when_caught_up(Position position, std::function<void(bool)> done) override;
  bool cancel(WaitTicket ticket) override;

  Result<SearchAnswer> search(const SearchQuery& query, AnswerBasis* basis = nullptr);
  /// Also says, if it is the whole that holds, up to which position; nothing if that is behind the follower's. Never
  /// waits.
  StillHolds still_holds(const AnswerBasis& basis, Position& position) const;
  /// Reads what changed, so that `still_holds` can tell.
  Result<Position> refresh();
  Result<SearchSuggestions> suggest(const std::string& text);
  static constexpr std::size_t kSuggestedProducts = 5;

  /// What it would do, for another backend that finds the matches.
  Result<PlannedSearch> plan(const SearchQuery& query);
  Result<PlannedSuggestions> plan_suggestions(const std::string& text);

  /// Those that everybody may see, in this order; the others are left out.
  Result<Position> read_products(const std::vector<ProductId>& products, std::vector<FoundProduct>& found);
  /// The same of the products of an answer, and tells `basis` which rows they are of. Nothing if the list would be
  /// another one by now: then a product may be shown that is not what was asked for. `is_wanted` is asked for each
  /// product, with the event that last changed its row; no other one is read.
  using IsWanted = FunctionRef<bool(ProductId, std::uint64_t changed)>;
  Result<std::optional<Position>> read_list(const std::vector<ProductId>& products, AnswerBasis& basis,
                                            std::vector<FoundProduct>& found, IsWanted is_wanted);

 private:
  /// A connection, and what belongs to the file that it reads.
  struct Reader {
    std::unique_ptr<ReadModel> model;
    search::Dictionary dictionary;
    bool consulted_dictionary = false;  ///< for the answer that is being made
    std::uint64_t generation = 0;       ///< of the file that the dictionary is of
  };
  /// Of the rows of the file: what they are is known by these two.
  struct State {
    std::uint64_t generation = 0;
    Position written;
    friend auto operator<=>(const State&, const State&) = default;
  };
  using ReadBody = FunctionRef<Result<void>(Reader&, sqlite::Database&)>;

  EmbeddedSearch(Follower& follower, EmbeddedSearchOptions options);

  /// Runs `body` with columns that are of the transaction's position, and nobody changes them meanwhile.
  Result<Position> read(ReadBody body);
  /// False: the columns are of a later state than the transaction.
  Result<bool> read_in(Reader& reader, sqlite::Database& db, Position reported, ReadBody body);
  /// The same; under the lock for changes.
  Result<bool> bring_up(sqlite::Database& db, const State& state, Position position);
  Result<std::unique_ptr<Reader>> take_reader();
  void give_back(std::unique_ptr<Reader> reader);

  Result<void> find(Reader& reader, sqlite::Database& db, const SearchQuery& query, SearchAnswer& answer);
  void note_basis(const Reader& reader, const SearchQuery& query, AnswerBasis& basis) const;
  /// Whether what is found is what it was.
  [[nodiscard]] bool list_holds(const AnswerBasis& basis) const;
  Result<void> read_row(sqlite::Database& db, ProductId product, std::vector<FoundProduct>& found) const;
  Result<void> find_words(Reader& reader, sqlite::Database& db, const SearchQuery& query, const search::Filter& filter,
                          std::vector<search::Candidate>& found, SearchAnswer& answer);
  struct MatchLimits {
    std::size_t found_max = SIZE_MAX;
    std::size_t visited_max = SIZE_MAX;
  };
  /// Whether there is something that has all words, if all are needed; what is found has passed the filter besides.
  Result<bool> match(sqlite::Database& db, const search::Expression& expression, const search::Filter& filter,
                     const MatchLimits& limits, std::vector<search::Candidate>& found);
  /// Puts known words in the place of unknown ones: those that the unknown one begins, or one that it is like.
  Result<bool> correct(Reader& reader, sqlite::Database& db, std::vector<search::WordGroup>& groups, std::string& text);
  /// What follows a text's last characters, which are written without spaces, in the names of the best matches.
  Result<std::vector<std::string>> continuations(sqlite::Database& db, const std::vector<search::WordGroup>& groups,
                                                 const std::string& last_run);
  /// All but the products.
  Result<void> suggest_words(Reader& reader, sqlite::Database& db, const std::string& text,
                             PlannedSuggestions& planned);
  /// Whether something that everybody may see has all of the words.
  Result<bool> is_there(sqlite::Database& db, const std::vector<search::WordGroup>& groups);
  void browse(const search::Filter& filter, std::vector<search::Candidate>& found) const;

  Follower& follower_;
  const EmbeddedSearchOptions options_;

  std::mutex readers_mutex_;
  std::condition_variable reader_is_idle_;
  std::vector<std::unique_ptr<Reader>> idle_readers_;
  std::size_t readers_ = 0;

  mutable std::shared_mutex columns_mutex_;  ///< held shared while a query looks at what follows
  search::Columns columns_;
  State state_;  ///< that the columns are of
  search::SynonymFile synonyms_;
};

}  // namespace souk
