#include <algorithm>
#include <mutex>

#include "gateway/catalogue/catalogue.hpp"
#include "gateway/catalogue/product_filter.hpp"
#include "gateway/catalogue/storefront.hpp"
#include "gateway/routes/routes.hpp"
#include "gateway/views.hpp"

namespace souk {
namespace {

constexpr std::size_t kIdsMax = 100;

/// Of a representation that several entities have a part in.
std::string weak_tag(const Api& api, std::string_view versions) {
  return "W/\"" + std::to_string(api.log.epoch()) + '.' + std::string(versions) + '"';
}

void give(const ApiCallPtr& call, ProductId id, const ProductCard& card) {
  call->api.storefront->hot.count(id, HotProducts::kLookedAt, call->now());
  auto response = http::json_response(200, {});
  response.shared_body = card.body;
  response.etag = card.etag;
  call->answer(card.position, std::move(response));
}

/// Answers with a new card, and keeps it if it shows the newest names.
void answer_product(const ApiCallPtr& call, ProductId id, ProductCards::Ticket ticket, const Judged<Product>& judged) {
  auto card = std::make_shared<ProductCard>();
  card->names = call->api.names.edition();
  const auto shown = show(call->api, id, judged);
  card->position = shown.position;
  card->body = std::make_shared<const std::string>(encode(shown.view));
  card->etag = weak_tag(call->api, shown.versions);
  if (card->names == call->api.names.edition()) call->api.storefront->cards.keep(id, ticket, card);
  give(call, id, *card);
}

void get_product(const ApiCallPtr& call) {
  const auto id = call->id<ProductTag>("id", "product.not_found");
  if (!id) {
    call->refuse(id.error());
    return;
  }
  auto& cards = call->api.storefront->cards;
  if (const auto card = cards.find(*id, call->api.names.edition())) {
    give(call, *id, *card);
    return;
  }
  call->api.host.read<Product>(*id, {}, [call, id = *id, ticket = cards.ticket(*id)](const Judged<Product>& judged) {
    if (judged.refusal != nullptr) {
      call->refuse(judged.position, *judged.refusal);
    } else if (!is_public(judged.state)) {
      call->refuse(judged.position, no_such_product());
    } else {
      answer_product(call, id, ticket, judged);
    }
  });
}

/// Products on their way, in the order in which they were asked for.
struct Batch {
  std::vector<ProductId> ids;
  std::vector<std::string> items;  ///< empty: there is none
  std::mutex mutex;                ///< entities answer on their own threads
  std::size_t missing = 0;
  bool refused = false;
  Position position;
};

void finish(const ApiCallPtr& call, Batch& batch) {
  std::erase_if(batch.items, [](const std::string& item) { return item.empty(); });
  call->answer(batch.position, http::json_response(200, render_page(batch.items, std::nullopt)));
}

void take(const ApiCallPtr& call, const std::shared_ptr<Batch>& batch, std::size_t i, const Judged<Product>& judged) {
  {
    const std::scoped_lock lock(batch->mutex);
    if (batch->refused) return;
    batch->refused = judged.refusal != nullptr;
    batch->position = std::max(batch->position, judged.position);
    if (judged.refusal == nullptr) {
      if (is_public(judged.state)) {
        const auto shown = show(call->api, batch->ids[i], judged);
        batch->position = std::max(batch->position, shown.position);
        batch->items[i] = encode(shown.view);
      }
      if (--batch->missing > 0) return;
    }
  }
  if (judged.refusal != nullptr) {
    call->refuse(judged.position, *judged.refusal);
  } else {
    finish(call, *batch);
  }
}

/// Each id once, in the order of its first mention.
Result<std::vector<ProductId>> read_ids(const ApiCall& call, std::string_view text) {
  const auto invalid = [] {
    return fail(ErrorCode::kInvalid, "query.ids_invalid", "ids must be at most 100 ids with commas between them");
  };
  for (const auto* other : {"category_id", "category", "brand_id", "brand", "limit", "cursor"}) {
    const auto given = call.request().query(other);
    if (!given) return tl::unexpected<Error>(given.error());
    if (*given) return fail(ErrorCode::kInvalid, "query.ambiguous", "ids cannot stand beside " + std::string(other));
  }
  if (static_cast<std::size_t>(std::ranges::count(text, ',')) >= kIdsMax) return invalid();
  std::vector<ProductId> ids;
  for (std::size_t begin = 0, end = 0; end != std::string_view::npos; begin = end + 1) {
    end = text.find(',', begin);
    const auto id = ProductId::parse(text.substr(begin, end == std::string_view::npos ? end : end - begin));
    if (!id) return invalid();
    if (std::ranges::find(ids, *id) == ids.end()) ids.push_back(*id);
  }
  return ids;
}

/// Straight from the products, so that it is current. What is not there, or not for everybody, is left out.
void get_products(const ApiCallPtr& call, std::string_view text) {
  auto ids = read_ids(*call, text);
  if (!ids) {
    call->refuse(ids.error());
    return;
  }
  call->at_deadline(call->api.options.answer_deadline, [call] {
    call->refuse(Error{ErrorCode::kUnavailable, "product.not_read", "not everything could be read in time; ask again"});
  });
  auto batch = std::make_shared<Batch>();
  batch->ids = std::move(*ids);
  batch->missing = batch->ids.size();
  batch->items.resize(batch->missing);
  const Time deadline = call->until(call->api.options.answer_deadline);
  for (std::size_t i = 0; i < batch->ids.size(); ++i) {
    AskOptions<Product> options;
    options.deadline = deadline;
    call->api.host.read<Product>(batch->ids[i], std::move(options),
                                 [call, batch, i](const Judged<Product>& judged) { take(call, batch, i, judged); });
  }
}

void answer_list(const ApiCallPtr& call, const WantedProducts& wanted, const PageRequest& page) {
  const auto found = call->api.projections.products().list(page.limit, page.after, wanted.filter);
  if (!found) {
    call->refuse(found.error());
    return;
  }
  std::vector<std::string> items;
  for (const auto& product : found->items) items.push_back(encode(show(call->api, product)));
  call->answer(std::max(found->position, call->api.names.position()),
               http::json_response(200, render_page(*call, wanted.scope, items, found->next)));
}

void list_products(const ApiCallPtr& call) {
  const auto ids = call->request().query("ids");
  if (ids && *ids) {
    get_products(call, **ids);
    return;
  }
  const auto wanted = read_wanted_products(*call, false);
  if (!ids || !wanted) {
    call->refuse(ids ? wanted.error() : ids.error());
    return;
  }
  const auto page = read_page_request(*call, wanted->scope);
  if (!page) {
    call->refuse(page.error());
    return;
  }
  if (wanted->is_none) {
    call->answer(call->api.names.position(), http::json_response(200, render_page({}, std::nullopt)));
    return;
  }
  call->when_caught_up(call->api.projections.products_follower(), [call, wanted = *wanted, page = *page] {
    call->api.queries.submit([call, wanted, page] { answer_list(call, wanted, page); });
  });
}

}  // namespace

void add_product_routes(http::Router& router, Api& api) {
  http::RouteInfo read;
  read.is_public = true;
  read.name = "list_products";
  read.summary = "Lists the catalogue, or shows the products with these ids in this order";
  http::ParameterDoc ids{"ids", http::schema<std::vector<ProductId>>(item_count(1, kIdsMax)),
                         "Only these, each once, without paging; what is not there is left out"};
  ids.repeated = true;
  read.query = product_parameters({ids});
  read.answers = {{200, http::page_of<ProductView>()}};
  add_route(router, api, http::Method::kGet, "/api/v1/products", read, list_products);
  read.name = "get_product";
  read.summary = "Shows a product";
  read.query = {};
  read.answers = {{200, http::schema<ProductView>()}};
  read.problems = {{404, "product.not_found"}};
  add_route(router, api, http::Method::kGet, "/api/v1/products/{id}", read, get_product);
}

}  // namespace souk
