/// The search that needs nothing else: words in FTS5, everything that is filtered, sorted and counted by in memory.
///
/// A query reads within one transaction: what changed since the last query, then what matches. So an answer is of one
/// position, and there is no moment at which index and memory disagree.
///
/// Answers may be kept: an answer is a function of the query, of the synonyms, and of the fields that the query looks
/// at; each kind of field has a number that is raised whenever the field of any product that is or was seen becomes
/// another. While the numbers of the fields that it looks at are what they were, the answer would be made the same
/// again, and as soon as one is not, it may not be. So an answer is void exactly when an event changed what it filters
/// or sorts by, of whatever product. What is shown of a product is another matter: its row says at which position it
/// last changed.
///
/// Thread-safety: any thread; queries follow each other. They read the disk's cache and compute: not for an I/O thread.
/// Ownership: the follower must outlive it.
/// Limits: of a query that asks for no facets, no filter and the order by relevance, the 20,000 products with the most
/// sales are ranked, and the others are only counted.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <vector>

#include "projections/follower.hpp"
#include "projections/products.hpp"
#include "projections/read_model.hpp"
#include "projections/search/columns.hpp"
#include "projections/search/dictionary.hpp"
#include "projections/search/options.hpp"
#include "projections/search/query.hpp"
#include "projections/search/search.hpp"
#include "projections/search/selection.hpp"
#include "projections/search/synonyms.hpp"

namespace souk {

/// What an answer was made of.
struct AnswerBasis {
  struct Shown {
    std::uint32_t slot = 0;
    std::uint64_t changed = 0;
  };

  bool is_lasting = false;   ///< false: it may be made otherwise although nothing has changed
  std::uint32_t fields = 0;  ///< a bit for each kind that was looked at
  search::FieldVersions versions;
  std::uint64_t synonyms = 0;
  std::vector<Shown> shown;
};

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
  /// Those that everybody may see, in this order; the others are left out. Also tells where the log stood, and, in
  /// `basis`, which rows were read.
  Result<Position> read_products(const std::vector<ProductId>& products, std::vector<FoundProduct>& found,
                                 AnswerBasis* basis = nullptr);

 private:
  EmbeddedSearch(Follower& follower, EmbeddedSearchOptions options, std::unique_ptr<ReadModel> model);

  /// Runs `body` with columns that are of the transaction's position.
  Result<Position> read(FunctionRef<Result<void>(sqlite::Database&)> body);
  Result<void> find(sqlite::Database& db, const SearchQuery& query, SearchAnswer& answer);
  void note_basis(const SearchQuery& query, AnswerBasis& basis) const;
  Result<void> find_words(sqlite::Database& db, const SearchQuery& query, const search::Filter& filter,
                          std::vector<search::Candidate>& found, SearchAnswer& answer);
  Result<void> match(sqlite::Database& db, const search::Expression& expression, const search::Filter& filter,
                     std::size_t ranked_max, std::vector<search::Candidate>& found);
  /// Puts known words in the place of unknown ones: one that the unknown one begins, or one that it is like.
  Result<bool> correct(sqlite::Database& db, std::vector<search::WordGroup>& groups, std::string& text);
  void browse(const search::Filter& filter, std::vector<search::Candidate>& found) const;

  Follower& follower_;
  const EmbeddedSearchOptions options_;
  const std::unique_ptr<ReadModel> model_;
  // Changed by one thread at a time, the model's reader, under the mutex; others look under it.
  mutable std::shared_mutex columns_mutex_;
  search::Columns columns_;
  std::uint64_t synonyms_version_ = 0;
  // Guarded by the model, which reads one at a time.
  search::Dictionary dictionary_;
  search::SynonymFile synonyms_;
  bool consulted_dictionary_ = false;  ///< for the answer that is being made
};

}  // namespace souk
