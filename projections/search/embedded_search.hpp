/// The search that needs nothing else: words in FTS5, everything that is filtered, sorted and counted by in memory.
///
/// A query reads within one transaction: what changed since the last query, then what matches. So an answer is of one
/// position, and there is no moment at which index and memory disagree.
///
/// Thread-safety: any thread; queries follow each other. They read the disk's cache and compute: not for an I/O thread.
/// Ownership: the follower must outlive it.
/// Limits: of a query that asks for no facets, no filter and the order by relevance, the 20,000 products with the most
/// sales are ranked, and the others are only counted.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "projections/follower.hpp"
#include "projections/products.hpp"
#include "projections/read_model.hpp"
#include "projections/search/columns.hpp"
#include "projections/search/dictionary.hpp"
#include "projections/search/query.hpp"
#include "projections/search/search.hpp"
#include "projections/search/selection.hpp"
#include "projections/search/synonyms.hpp"

namespace souk {

struct EmbeddedSearchOptions {
  std::string synonyms_file;                     ///< empty: none
  std::function<void(const Error&)> on_problem;  ///< the file of synonyms cannot be used
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

  Result<SearchAnswer> search(const SearchQuery& query);
  Result<SearchSuggestions> suggest(const std::string& text);
  /// Those that everybody may see, in this order; the others are left out. Also tells where the log stood.
  Result<Position> read_products(const std::vector<ProductId>& products, std::vector<FoundProduct>& found);

 private:
  EmbeddedSearch(Follower& follower, EmbeddedSearchOptions options, std::unique_ptr<ReadModel> model);

  /// Runs `body` with columns that are of the transaction's position.
  Result<Position> read(FunctionRef<Result<void>(sqlite::Database&)> body);
  Result<void> find(sqlite::Database& db, const SearchQuery& query, SearchAnswer& answer);
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
  // Guarded by the model, which reads one at a time.
  search::Columns columns_;
  search::Dictionary dictionary_;
  search::SynonymFile synonyms_;
};

}  // namespace souk
