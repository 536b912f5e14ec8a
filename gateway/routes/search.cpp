#include <algorithm>

#include "gateway/catalogue/product_filter.hpp"
#include "gateway/catalogue/search_request.hpp"
#include "gateway/catalogue/search_views.hpp"
#include "gateway/catalogue/storefront.hpp"
#include "gateway/routes/routes.hpp"
#include "gateway/views.hpp"
#include "projections/elastic/elastic_search.hpp"

namespace souk {
namespace {

/// An event may come between what is found and what is read to show it.
constexpr int kTriesMax = 10;

/// {"items": […], "next_cursor": …} and what an answer says besides.
std::string render(const std::vector<std::string>& items, const std::optional<std::string>& cursor,
                   const SearchSummaryView& summary) {
  auto out = render_page(items, cursor);
  const auto more = encode(summary);
  out.back() = ',';
  out.append(more, 1);
  return out;
}

/// Equal keys, equal answers.
std::string key_of(const WantedSearch& wanted) {
  const auto& query = wanted.query;
  std::string key = wanted.scope;
  key.append("/").append(std::to_string(query.limit)).append(query.facets ? "/facets" : "/");
  if (query.after) {
    key.append("/").append(std::to_string(query.after->key)).append("/").append(std::to_string(query.after->created));
  }
  return key;
}

void give(const ApiCallPtr& call, const KeptAnswer& kept, Position position) {
  auto response = http::json_response(200, {});
  response.shared_body = kept.body;
  call->answer(std::max(position, kept.named), std::move(response));
}

/// One of Elasticsearch is of an index, in which more may be found by now without any event.
bool is_of_another_index(const ApiCallPtr& call, const KeptAnswer& kept) {
  const auto* elsewhere = call->api.projections.elastic();
  return kept.index != 0 && elsewhere != nullptr && !elsewhere->is_current(kept.index);
}

/// Gives the kept answer if it is what would be answered now, as a whole.
StillHolds give_kept(const ApiCallPtr& call, const KeptAnswer* kept) {
  if (kept == nullptr || is_of_another_index(call, *kept)) return StillHolds::kNothing;
  Position position;
  auto holds = call->api.projections.search().still_holds(kept->basis, position);
  if (holds == StillHolds::kWhole && kept->names != call->api.names.edition()) holds = StillHolds::kAnswer;
  if (holds == StillHolds::kWhole) {
    call->api.storefront->answers.count_hit();
    give(call, *kept, position);
  }
  return holds;
}

/// Who found an answer.
struct Finder {
  std::string_view backend;
  std::uint64_t index = 0;
};

/// An index may be behind the rows that are shown: where they are no longer those that it has seen, it might have found
/// something else.
bool have_changed_since(Position position, const AnswerBasis& basis) {
  return std::ranges::any_of(basis.shown, [&](const AnswerBasis::Shown& row) { return row.changed > position.value; });
}

/// Makes the body of what was found, keeps it, and answers with it. False: something else would be found by now.
bool show_answer(const ApiCallPtr& call, const WantedSearch& wanted, const std::string& key, SearchAnswer answer,
                 AnswerBasis basis, Finder finder) {
  auto kept = std::make_shared<KeptAnswer>();
  kept->backend = finder.backend;
  kept->index = finder.index;
  kept->names = call->api.names.edition();
  std::vector<ProductId> ids;
  for (const auto& hit : answer.hits) ids.push_back(hit.product);
  const search::FoundWords words(answer.words);
  std::vector<std::string> items;
  const auto read = show_found(call->api, ids, words, kept->names, items, basis);
  if (!read) {
    call->refuse(read.error());
    return true;
  }
  if (!*read) return false;
  if (finder.index != 0 && !basis.is_lasting && have_changed_since(answer.position, basis)) return false;
  std::optional<std::string> cursor;
  if (answer.has_more) cursor = seal_place(*call, wanted.scope, answer.hits.back().place);
  kept->body =
      std::make_shared<const std::string>(render(items, cursor, summary_of(call->api, answer, finder.backend)));
  // A name that came meanwhile may be shown already.
  kept->named = call->api.names.position();
  kept->answer = std::move(answer);
  kept->basis = std::move(basis);
  call->api.storefront->answers.keep(key, kept);
  // What is lasting would be found at the rows' position, too.
  give(call, *kept, kept->basis.is_lasting ? **read : std::min(kept->answer.position, **read));
  return true;
}

/// Searches until what is found can be shown.
void search_anew(const ApiCallPtr& call, const WantedSearch& wanted, const std::string& key) {
  const auto* elsewhere = call->api.projections.elastic();
  for (int i = 0; i < kTriesMax; ++i) {
    AnswerBasis basis;
    auto answer = call->api.projections.search().search(wanted.query, &basis);
    if (!answer) {
      call->refuse(answer.error());
      return;
    }
    // Whoever asks again may be answered with more.
    if (elsewhere != nullptr && elsewhere->finds_more()) basis.is_lasting = false;
    const Finder here{call->api.projections.search().name()};
    if (show_answer(call, wanted, key, std::move(*answer), std::move(basis), here)) return;
  }
  call->refuse(Error{ErrorCode::kUnavailable, "search.busy", "what is found changes all the time; ask again"});
}

/// Runs it on the thread for searches, unless it would wait there for too long.
void submit(const ApiCallPtr& call, WorkerPool::Work work) {
  const auto submitted = call->api.storefront->submit_search(
      [call, until = call->now() + Storefront::kSearchWaitMax, work = std::move(work)] {
        if (call->now() > until) {
          call->refuse(Storefront::busy());
        } else {
          work();
        }
      });
  if (!submitted) call->refuse(submitted.error());
}

/// Who cannot answer now, or not for what the request has to have seen, is not waited for any longer.
void search_elsewhere(const ApiCallPtr& call, const WantedSearch& wanted, const std::string& key,
                      ElasticSearch& elsewhere) {
  auto plan = call->api.projections.search().plan(wanted.query);
  if (!plan) {
    call->refuse(plan.error());
    return;
  }
  elsewhere.find(std::move(*plan), call->read_position(),
                 [call, wanted, key, &elsewhere](Result<ElasticSearch::Found> found) {
                   submit(call, [call, wanted, key, &elsewhere, found = std::move(found)] {
                     const bool is_shown = found && show_answer(call, wanted, key, found->answer, found->basis,
                                                                Finder{elsewhere.name(), found->index});
                     elsewhere.count(is_shown);
                     if (!is_shown) search_anew(call, wanted, key);
                   });
                 });
}

/// Who does not wait until a server is given up is answered from here at once.
bool may_ask(const ApiCall& call, const ElasticSearch& elsewhere) {
  return elsewhere.is_usable() && call.waits_for(elsewhere.longest());
}

/// On the thread for searches: what is kept may hold now that what changed is read, or its list may.
void search_now(const ApiCallPtr& call, const WantedSearch& wanted, const std::string& key) {
  auto& search = call->api.projections.search();
  auto& answers = call->api.storefront->answers;
  const auto kept = answers.find(key);
  if (kept) {
    if (const auto refreshed = search.refresh(); !refreshed) {
      call->refuse(refreshed.error());
      return;
    }
    const auto holds = give_kept(call, kept.get());
    if (holds == StillHolds::kWhole) return;
    if (holds == StillHolds::kAnswer &&
        show_answer(call, wanted, key, kept->answer, kept->basis, Finder{kept->backend, kept->index})) {
      answers.count_miss();
      return;
    }
  }
  answers.count_miss();
  auto* elsewhere = call->api.projections.elastic();
  if (elsewhere != nullptr && may_ask(*call, *elsewhere)) {
    search_elsewhere(call, wanted, key, *elsewhere);
    return;
  }
  if (elsewhere != nullptr) elsewhere->count(false);
  search_anew(call, wanted, key);
}

void find_products(const ApiCallPtr& call) {
  auto wanted = read_wanted_search(*call);
  if (!wanted) {
    call->refuse(wanted.error());
    return;
  }
  if (wanted->is_none) {
    SearchAnswer none;
    if (wanted->query.facets) none.facets.emplace();
    call->answer(call->api.names.position(),
                 http::json_response(200, render({}, std::nullopt,
                                                 summary_of(call->api, none, call->api.projections.search().name()))));
    return;
  }
  call->when_caught_up(call->api.projections.search_follower(), [call, wanted = std::move(*wanted)] {
    auto key = key_of(wanted);
    const auto kept = call->api.storefront->answers.find(key);
    if (give_kept(call, kept.get()) == StillHolds::kWhole) return;
    submit(call, [call, wanted, key = std::move(key)] { search_now(call, wanted, key); });
  });
}

void show_suggestions(const ApiCallPtr& call, const Result<SearchSuggestions>& suggestions) {
  if (!suggestions) {
    call->refuse(suggestions.error());
    return;
  }
  std::vector<FoundProduct> products;
  const auto read = call->api.projections.search().read_products(suggestions->products, products);
  if (!read) {
    call->refuse(read.error());
    return;
  }
  auto response = http::json_response(200, encode(show(call->api, *suggestions, products)));
  call->answer(std::max(std::min(suggestions->position, *read), call->api.names.position()), std::move(response));
}

void answer_suggestions(const ApiCallPtr& call, const std::string& text) {
  auto& here = call->api.projections.search();
  auto* elsewhere = call->api.projections.elastic();
  if (elsewhere == nullptr || !may_ask(*call, *elsewhere)) {
    if (elsewhere != nullptr) elsewhere->count(false);
    show_suggestions(call, here.suggest(text));
    return;
  }
  elsewhere->suggest(text, call->read_position(), [call, text, &here, elsewhere](Result<SearchSuggestions> found) {
    submit(call, [call, text, &here, elsewhere, found = std::move(found)] {
      elsewhere->count(found.has_value());
      show_suggestions(call, found ? found : here.suggest(text));
    });
  });
}

void suggest_words(const ApiCallPtr& call) {
  auto text = read_search_text(*call);
  if (!text) {
    call->refuse(text.error());
    return;
  }
  call->when_caught_up(call->api.projections.search_follower(), [call, text = std::move(*text)] {
    submit(call, [call, text] { answer_suggestions(call, text); });
  });
}

}  // namespace

void add_search_routes(http::Router& router, Api& api) {
  const auto text = http::query<std::string>("q", "The words; all of them, in whatever order and writing",
                                             length(0, SearchQuery::kTextMax));
  http::RouteInfo read;
  read.is_public = true;
  read.problems = {{503, "search.busy"}};
  read.name = "search_products";
  read.summary = "Searches what is for sale";
  constexpr auto kAmount = at_least(0);
  read.query = product_parameters(
      {text, http::query<std::int64_t>("price_min", "Minor units; only what costs so much or more", kAmount),
       http::query<std::int64_t>("price_max", "Minor units; only what costs so much or less", kAmount),
       http::query<bool>("in_stock", "Only what can be had now, or only what cannot"),
       http::query<SearchSort>("sort", "relevance unless given; among equals the newest come first"),
       http::query<bool>("facets", "Whether facets are wanted; true unless given")});
  read.answers = {{200, http::page_with<FoundView, SearchSummaryView>()}};
  add_route(router, api, http::Method::kGet, "/api/v1/search", read, find_products);
  read.name = "suggest_searches";
  read.summary = "Suggests what a text may become while it is typed";
  read.query = {text};
  read.answers = {{200, http::schema<SuggestionsView>()}};
  add_route(router, api, http::Method::kGet, "/api/v1/search/suggestions", read, suggest_words);
}

}  // namespace souk
