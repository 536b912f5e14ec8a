#include "projections/elastic/elastic_search.hpp"

#include <algorithm>
#include <atomic>
#include <utility>

#include "projections/elastic/answer.hpp"
#include "projections/elastic/request.hpp"
#include "projections/follower.hpp"

namespace souk {

namespace {

bool is_closed_or_gone(const HttpAnswer& answer) {
  return answer.status == 404 ||
         (answer.status == 400 && answer.body.find("index_closed_exception") != std::string::npos);
}

tl::unexpected<Error> unavailable(std::string why) {
  return fail(ErrorCode::kUnavailable, "search.unavailable", std::move(why));
}

}  // namespace

struct ElasticSearch::Search {
  PlannedSearch plan;
  Then then;
  std::string index;
  std::uint64_t generation = 0;
  Position position;
};

bool ElasticSearch::is_usable() const {
  const auto place = follower_.place();
  if (!shared_->is_whole(place.path, file_.generation())) return false;
  if (shared_->client.figures().state == CircuitBreaker::State::kOpen) return false;
  const auto status = follower_.status();
  return status.lag_events == 0 || status.lag < shared_->options.lag_max;
}

SearchBackend::WaitTicket ElasticSearch::when_caught_up(Position position, std::function<void(bool)> done) {
  return follower_.when_caught_up(position, std::move(done));
}
bool ElasticSearch::cancel(WaitTicket ticket) {
  return follower_.cancel(ticket);
}

void ElasticSearch::when_held(Position position, std::function<void(bool)> then) {
  if (follower_.position() >= position) {
    then(true);
    return;
  }
  // Whichever comes first.
  struct Once {
    std::atomic<bool> is_over{false};
    std::function<void(bool)> then;
  };
  auto once = std::make_shared<Once>();
  once->then = std::move(then);
  const auto ticket = follower_.when_caught_up(position, [once](bool caught_up) {
    if (!once->is_over.exchange(true)) once->then(caught_up);
  });
  if (once->is_over) return;
  shared_->client.after(shared_->options.query_timeout, [this, once, ticket] {
    if (once->is_over.exchange(true)) return;
    follower_.cancel(ticket);
    once->then(false);
  });
}

void ElasticSearch::find(PlannedSearch plan, Position at_least, Then then) {
  auto search = std::make_shared<Search>();
  search->plan = std::move(plan);
  search->then = std::move(then);
  when_held(at_least, [this, search](bool is_held) {
    if (!is_held || !is_usable()) {
      search->then(unavailable("the index does not hold that position yet"));
      return;
    }
    const auto place = follower_.place();
    search->index = place.path;
    search->generation = place.generation;
    search->position = place.position;
    ask(search);
  });
}

void ElasticSearch::ask(std::shared_ptr<Search> search) {
  const auto& plan = search->plan;
  const elastic::Asked asked{plan.query, plan.words ? &*plan.words : nullptr, !shared_->options.analyzer.empty()};
  auto body = elastic::body_of(asked, shared_->options.query_timeout);
  if (!body) {
    search->then(tl::unexpected<Error>(std::move(body.error())));
    return;
  }
  std::string path =
      "/" + search->index +
      "/_search?allow_partial_search_results=false&filter_path=timed_out,_shards.failed,hits.total.value,"
      "hits.hits._id,hits.hits.sort,aggregations.*.buckets.key,aggregations.*.buckets.doc_count";
  shared_->client.query(std::move(path), std::move(*body), [this, search](Result<HttpAnswer> answer) {
    if (answer && is_closed_or_gone(*answer)) shared_->suspect(search->index);
    auto text = elastic::body_of(std::move(answer));
    if (!text) {
      take(search, unavailable(text.error().reason + ": " + text.error().detail));
    } else {
      take(search, elastic::read_answer(*text, search->plan.query));
    }
  });
}

void ElasticSearch::take(std::shared_ptr<Search> search, Result<SearchAnswer> answer) {
  if (!answer) {
    search->then(tl::unexpected<Error>(std::move(answer.error())));
    return;
  }
  auto& plan = search->plan;
  answer->position = search->position;
  if (plan.words) {
    answer->words = search::words_in(plan.words->groups);
    if (answer->total > 0) answer->corrected = std::move(plan.words->corrected);
  }
  // An index that is behind what the plan was made on has not seen yet what would make the answer void.
  plan.basis.is_lasting = plan.basis.is_lasting && search->position >= plan.position;
  search->then(Found{std::move(*answer), std::move(plan.basis), search->generation});
}

void ElasticSearch::search(const SearchQuery& query, std::function<void(Result<SearchAnswer>)> done) {
  auto plan = planner_.plan(query);
  if (!plan) {
    done(tl::unexpected<Error>(std::move(plan.error())));
    return;
  }
  find(std::move(*plan), {}, [done = std::move(done)](Result<Found> found) {
    if (found) {
      done(std::move(found->answer));
    } else {
      done(tl::unexpected<Error>(std::move(found.error())));
    }
  });
}

void ElasticSearch::suggest(const std::string& text, std::function<void(Result<SearchSuggestions>)> done) {
  suggest(text, {}, std::move(done));
}

void ElasticSearch::suggest(const std::string& text, Position at_least,
                            std::function<void(Result<SearchSuggestions>)> done) {
  auto planned = planner_.plan_suggestions(text);
  if (!planned) {
    done(tl::unexpected<Error>(std::move(planned.error())));
    return;
  }
  if (planned->groups.empty()) {
    done(std::move(planned->suggestions));
    return;
  }
  PlannedSearch plan;
  plan.query.text = text;
  plan.query.limit = EmbeddedSearch::kSuggestedProducts;
  plan.query.facets = false;
  plan.words.emplace().groups = std::move(planned->groups);
  find(std::move(plan), at_least,
       [suggestions = std::move(planned->suggestions), done = std::move(done)](Result<Found> found) mutable {
         if (!found) {
           done(tl::unexpected<Error>(std::move(found.error())));
           return;
         }
         for (const auto& hit : found->answer.hits) suggestions.products.push_back(hit.product);
         suggestions.position = std::min(suggestions.position, found->answer.position);
         done(std::move(suggestions));
       });
}

}  // namespace souk
