/// The search by Elasticsearch: what is looked for is planned by the embedded search (words, synonyms, corrections),
/// matches, order, totals and facets come from the server, and everything that is shown from the shop's own rows.
///
/// An answer is of a position that the index holds as its readers see it: the shop refreshes it by itself and says what
/// it holds only then. A caller that needs a later one is let wait, and for no longer than a query may take; after
/// that, and whenever the server is away, too slow, too far behind, or answers in part, the error says that another
/// backend is to be asked. Nothing is remembered of a failure but by the breaker: once the server answers again, it is
/// asked again.
///
/// Thread-safety: any thread; callbacks run on the caller's or the client's and must not block.
/// Ownership: the followers and the embedded search must outlive it, and the last callback.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "projections/elastic/target.hpp"
#include "projections/search/embedded_search.hpp"

namespace souk {

class ElasticSearch final : public SearchBackend {
 public:
  /// `file`: of the embedded search.
  ElasticSearch(std::shared_ptr<elastic::Shared> shared, Follower& follower, const Follower& file,
                EmbeddedSearch& planner)
      : shared_(std::move(shared)), follower_(follower), file_(file), planner_(planner) {}

  [[nodiscard]] std::string_view name() const override { return "elasticsearch"; }
  void search(const SearchQuery& query, std::function<void(Result<SearchAnswer>)> done) override;
  void suggest(const std::string& text, std::function<void(Result<SearchSuggestions>)> done) override;
  WaitTicket when_caught_up(Position position, std::function<void(bool)> done) override;
  bool cancel(WaitTicket ticket) override;

  /// `at_least`: what the answer has to have seen.
  void suggest(const std::string& text, Position at_least, std::function<void(Result<SearchSuggestions>)> done);

  /// Whether there is an index that holds everything up to lately.
  [[nodiscard]] bool is_usable() const;
  /// How long it may take until a search is given up.
  [[nodiscard]] Duration longest() const { return shared_->options.query_timeout; }

  struct Found {
    SearchAnswer answer;
    AnswerBasis basis;
    std::uint64_t index = 0;  ///< in which it was found, as `is_current` takes it
  };
  using Then = std::function<void(Result<Found>)>;
  /// `at_least`: what the answer has to have seen. It may be of an earlier position than the rows that it is shown
  /// from: whoever shows it sees to it that they have not changed since.
  void find(PlannedSearch plan, Position at_least, Then then);
  /// Whether it is the one that is asked now, and nothing was put into it that it had refused before.
  [[nodiscard]] bool is_current(std::uint64_t index) const { return follower_.generation() == index; }
  /// What the embedded search finds is less.
  [[nodiscard]] bool finds_more() const { return !shared_->options.analyzer.empty(); }

  /// That one of its answers was used, or that another backend had to be asked.
  void count(bool was_used) { ++(was_used ? shared_->answers : shared_->fallbacks); }
  [[nodiscard]] const elastic::Shared& shared() const { return *shared_; }
  [[nodiscard]] CircuitBreaker& breaker() const { return shared_->client.breaker(); }
  /// Every search under way is answered with an error, and the index may be written to for a little while yet.
  void begin_end() { shared_->begin_end(); }
  void stop() { shared_->stop(); }

 private:
  struct Search;
  void when_held(Position position, std::function<void(bool)> then);
  void ask(std::shared_ptr<Search> search);
  void take(std::shared_ptr<Search> search, Result<SearchAnswer> answer);

  const std::shared_ptr<elastic::Shared> shared_;
  Follower& follower_;
  const Follower& file_;
  EmbeddedSearch& planner_;
};

}  // namespace souk
