#include <algorithm>
#include <mutex>

#include "gateway/catalogue/import.hpp"
#include "gateway/catalogue/rows.hpp"
#include "gateway/routes/routes.hpp"
#include "gateway/views.hpp"

namespace souk {
namespace {

constexpr std::size_t kBodyBytesMax = 8 << 20;

/// Lines are no JSON value that a schema could describe.
http::SchemaRef rows_body() {
  return http::plain_text(
      R"("{\"sku\":\"TEA-100\",\"name\":\"Green tea\",\"price\":4990,\"category\":\"food/tea\"}\n")",
      length(1, kBodyBytesMax),
      says("One JSON object a line, as GET shows them; also {kind: category, path, description?, deleted?} and {kind: "
           "brand, name, description?, logo?, deleted?}"));
}

/// Rows of products on their way: the list knows the products, their stocks say how many there are.
struct RowPage {
  ProductPage found;
  std::vector<std::string> items;
  std::mutex mutex;  ///< entities answer on their own threads
  std::size_t missing = 0;
  bool refused = false;
  Position position;
};

constexpr std::string_view kScope = "catalogue rows";

void take(const ApiCallPtr& call, const std::shared_ptr<RowPage>& page, std::size_t i, const Judged<Stock>& judged) {
  {
    const std::scoped_lock lock(page->mutex);
    if (page->refused) return;
    page->refused = judged.refusal != nullptr;
    page->position = std::max(page->position, judged.position);
    if (judged.refusal == nullptr) {
      const auto& product = page->found.items[i];
      const auto& names = call->api.names;
      page->items[i] =
          encode(row_of(product, names.path_of(product.category_id), names.name_of(product.brand_id), judged.state));
      if (--page->missing > 0) return;
    }
  }
  if (judged.refusal != nullptr) {
    call->refuse(judged.position, *judged.refusal);
  } else {
    call->answer(page->position, http::json_response(200, render_page(*call, kScope, page->items, page->found.next)));
  }
}

void answer_rows(const ApiCallPtr& call, const PageRequest& request) {
  auto found = call->api.projections.products().list_all(request.limit, request.after);
  if (!found) {
    call->refuse(found.error());
    return;
  }
  const Position position = std::max(found->position, call->api.names.position());
  if (found->items.empty()) {
    call->answer(position, http::json_response(200, render_page({}, std::nullopt)));
    return;
  }
  auto page = std::make_shared<RowPage>();
  page->found = std::move(*found);
  page->missing = page->found.items.size();
  page->items.resize(page->missing);
  page->position = position;
  const Time deadline = call->until(call->api.options.answer_deadline);
  for (std::size_t i = 0; i < page->items.size(); ++i) {
    AskOptions<Stock> options;
    options.deadline = deadline;
    call->api.host.read<Stock>(page->found.items[i].id, std::move(options),
                               [call, page, i](const Judged<Stock>& judged) { take(call, page, i, judged); });
  }
}

void export_rows(const ApiCallPtr& call) {
  const auto page = read_page_request(*call, kScope);
  if (!page) {
    call->refuse(page.error());
    return;
  }
  // What was told to be done before the first page was asked for is in the list.
  const Position head = page->after ? Position{} : call->api.log.head(Visibility::kDurable);
  call->when_caught_up(
      call->api.projections.products_follower(),
      [call, page = *page] { call->api.queries.submit([call, page] { answer_rows(call, page); }); }, head);
}

void import_rows(const ApiCallPtr& call) {
  // Reading a thousand rows takes a while, which an I/O thread has not got.
  call->api.queries.submit([call] {
    auto rows = read_rows(call->request().body);
    if (!rows) {
      call->refuse(rows.error());
      return;
    }
    import_catalogue_rows(call, std::move(*rows));
  });
}

}  // namespace

void add_catalogue_row_routes(http::Router& router, Api& api) {
  http::RouteInfo info;
  info.role = kAdministrator;
  info.name = "export_catalogue_rows";
  info.summary = "Lists all products as rows for importing, in the order in which they were created";
  info.query = http::page_parameters();
  info.answers = {{200, http::page_of<ProductRow>()}};
  add_route(router, api, http::Method::kGet, "/api/v1/admin/catalogue/rows", info, export_rows);
  info.mutating = true;
  info.name = "import_catalogue_rows";
  info.key_without_effect = "rows said twice change nothing";
  info.summary = "Takes rows of products, categories and brands: one JSON object a line, at most 1,000";
  info.query = {};
  info.media_type = "application/jsonl";
  info.body = rows_body();
  info.body_bytes_max = kBodyBytesMax;
  info.answers = {{200, http::schema<ImportView>()}};
  add_route(router, api, http::Method::kPost, "/api/v1/admin/catalogue/rows", info, import_rows);
}

}  // namespace souk
