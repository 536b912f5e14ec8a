#include <algorithm>

#include "gateway/api_call.hpp"
#include "gateway/csv.hpp"
#include "gateway/routes/routes.hpp"
#include "gateway/views.hpp"
#include "projections/sales.hpp"
#include "projections/stock_levels.hpp"

namespace souk {

namespace {

enum class Bucket : std::uint8_t { kHour, kDay };

}  // namespace

template <>
struct EnumNames<Bucket> {
  static constexpr std::array<std::string_view, 2> values{"hour", "day"};
};

namespace {

constexpr Duration kPeriod = Duration::seconds(30 * 86'400);

struct Asked {
  SalesPeriod period;
  Duration bucket = Duration::seconds(86'400);
  SalesRows rows;
  std::string scope;  ///< of a cursor: the report with its parameters
};

/// Where a page goes on: in the same period, which may have been told by the time of the first page.
struct Place {
  Time from;
  Time before;
  std::int64_t skip = 0;
  static constexpr auto fields() {
    return field_list(field("from", &Place::from), field("before", &Place::before), field("skip", &Place::skip));
  }
};

Result<std::optional<Time>> read_time(const ApiCall& call, std::string_view name) {
  const auto given = call.request().query(name);
  if (!given) return tl::unexpected<Error>(given.error());
  if (!*given) return std::optional<Time>{};
  const auto time = Time::parse_abridged(**given);
  if (time) return time;
  return fail(ErrorCode::kInvalid, "query.time_invalid",
              std::string(name) + ": is not a day or a moment in UTC, such as 2026-11-23 or 2026-11-23T07:00:00Z");
}

Result<void> read_bucket(const ApiCall& call, Asked& asked) {
  const auto given = call.request().query("bucket");
  if (!given) return tl::unexpected<Error>(given.error());
  if (!*given) return {};
  const auto& names = EnumNames<Bucket>::values;
  const auto* found = std::ranges::find(names, **given);
  if (found == names.end()) return fail(ErrorCode::kInvalid, "query.bucket_invalid", "bucket is hour or day");
  if (static_cast<Bucket>(found - names.begin()) == Bucket::kHour) asked.bucket = Duration::minutes(60);
  return {};
}

/// The last thirty days, if nothing else is asked for.
Result<Asked> read_asked(const ApiCall& call) {
  Asked asked;
  const auto from = read_time(call, "from");
  if (!from) return tl::unexpected<Error>(from.error());
  const auto to = read_time(call, "to");
  if (!to) return tl::unexpected<Error>(to.error());
  asked.period.before = to->value_or(call.now() + Duration::minutes(60));
  asked.period.from = from->value_or(Time{asked.period.before.us - kPeriod.us});
  if (asked.period.from > asked.period.before) {
    return fail(ErrorCode::kInvalid, "query.time_invalid", "from: is later than to");
  }
  auto bucket = read_bucket(call, asked);
  if (!bucket) return tl::unexpected<Error>(std::move(bucket.error()));
  const auto text = [](std::optional<Time> given) { return given ? given->str() : ""; };
  asked.scope = encode(std::vector<std::string>{std::string(call.request().path()), text(*from), text(*to),
                                                std::to_string(asked.bucket.us)});
  return asked;
}

/// Which rows, and from a page on that of the page before.
Result<void> read_page(const ApiCall& call, Asked& asked) {
  const auto limit = read_page_limit(call);
  if (!limit) return tl::unexpected<Error>(limit.error());
  asked.rows.limit = *limit;
  const auto cursor = call.request().query("cursor");
  if (!cursor) return tl::unexpected<Error>(cursor.error());
  if (!*cursor) return {};
  const auto payload = call.api.cursors.open(asked.scope, **cursor);
  if (!payload) return tl::unexpected<Error>(payload.error());
  const auto place = decode<Place>(*payload, UnknownFields::kRefused);
  if (!place) return tl::unexpected<Error>(place.error());
  asked.period = SalesPeriod{place->from, place->before};
  asked.rows.skip = static_cast<std::size_t>(place->skip);
  return {};
}

enum class Format : std::uint8_t { kJson, kCsv };

template <class Row>
std::vector<std::string> json_items(const std::vector<Row>& rows) {
  std::vector<std::string> items;
  for (const auto& row : rows) items.push_back(encode(row));
  return items;
}

template <class Row>
std::string page_text(const ApiCall& call, const Asked& asked, const SalesAnswer<Row>& found) {
  std::optional<std::string> cursor;
  if (found.has_more) {
    const auto skip = static_cast<std::int64_t>(asked.rows.skip + found.rows.size());
    cursor = call.api.cursors.seal(asked.scope, encode(Place{asked.period.from, asked.period.before, skip}));
  }
  return render_page(json_items(found.rows), cursor);
}

template <class Row>
std::string csv_text(const std::vector<Row>& rows) {
  std::string text = csv_header<Row>();
  for (const auto& row : rows) text += csv_line(row);
  return text;
}

http::Response csv_response(std::string text) {
  auto response = http::json_response(200, std::move(text));
  response.content_type = "text/csv; charset=utf-8";
  return response;
}

template <class Row>
void answer_rows(const ApiCallPtr& call, const Asked& asked, const Result<SalesAnswer<Row>>& found, Format format) {
  if (!found) {
    call->refuse(found.error());
    return;
  }
  call->answer(found->position, format == Format::kCsv ? csv_response(csv_text(found->rows))
                                                       : http::json_response(200, page_text(*call, asked, *found)));
}

/// `ask` gets its rows from the read model.
template <class Ask>
void answer(const ApiCallPtr& call, Format format, const Ask& ask) {
  auto asked = read_asked(*call);
  if (asked && format == Format::kJson) {
    if (auto page = read_page(*call, *asked); !page) asked = tl::unexpected<Error>(std::move(page.error()));
  }
  if (!asked) {
    call->refuse(asked.error());
    return;
  }
  call->when_caught_up(call->api.projections.sales_follower(), [call, format, ask, asked = std::move(*asked)] {
    call->api.reports.submit(
        [call, format, ask, asked] { answer_rows(call, asked, ask(call->api.projections.sales(), asked), format); });
  });
}

void answer_page_of_stocks(const ApiCallPtr& call, const PageRequest& wanted) {
  auto page = call->api.projections.stock_levels().list(wanted.limit, wanted.after);
  if (!page) {
    call->refuse(page.error());
    return;
  }
  call->answer(page->position, http::json_response(200, render_page(*call, call->request().path(),
                                                                    json_items(page->rows), page->next)));
}

/// Everything that there is of stock. Rows become text as they come: of a large catalogue they are many.
void answer_all_stocks(const ApiCallPtr& call) {
  std::string text = csv_header<StockLevel>();
  const auto position =
      call->api.projections.stock_levels().each([&text](const StockLevel& level) { text += csv_line(level); });
  if (!position) {
    call->refuse(position.error());
    return;
  }
  call->answer(*position, csv_response(std::move(text)));
}

void answer_stock(const ApiCallPtr& call, Format format) {
  Result<PageRequest> page = PageRequest{};
  if (format == Format::kJson) page = read_page_request(*call, call->request().path());
  if (!page) {
    call->refuse(page.error());
    return;
  }
  call->when_caught_up(call->api.projections.stock_levels_follower(), [call, format, page = *page] {
    call->api.reports.submit([call, format, page] {
      if (format == Format::kJson) {
        answer_page_of_stocks(call, page);
      } else {
        answer_all_stocks(call);
      }
    });
  });
}

struct Report {
  std::string_view path;
  std::string_view csv_path;
  std::string_view name;
  std::string_view csv_name;
  std::string_view summary;
};

template <class Row, class Answer>
void add_report(http::Router& router, Api& api, const Report& report, std::vector<http::ParameterDoc> parameters,
                const Answer& answer_with) {
  http::RouteInfo info;
  info.role = kAdministrator;
  info.summary = report.summary;
  info.name = report.name;
  info.query = parameters;
  for (auto& parameter : http::page_parameters()) info.query.push_back(std::move(parameter));
  info.answers = {{200, http::page_of<Row>()}};
  add_route(router, api, http::Method::kGet, report.path, info,
            [answer_with](const ApiCallPtr& call) { answer_with(call, Format::kJson); });
  info.name = report.csv_name;
  info.query = std::move(parameters);
  info.answers = {
      {200, http::plain_text(R"("a line of the names of the columns\r\na line for each row\r\n")"), {}, "text/csv"}};
  add_route(router, api, http::Method::kGet, report.csv_path, info,
            [answer_with](const ApiCallPtr& call) { answer_with(call, Format::kCsv); });
}

/// `ask` gets the rows from the read model.
template <class Row, class Ask>
void add_sales_report(http::Router& router, Api& api, const Report& report, std::vector<http::ParameterDoc> parameters,
                      const Ask& ask) {
  add_report<Row>(router, api, report, std::move(parameters),
                  [ask](const ApiCallPtr& call, Format format) { answer(call, format, ask); });
}

}  // namespace

void add_analytics_routes(http::Router& router, Api& api) {
  const std::vector<http::ParameterDoc> period{
      http::query<std::string>("from", "From this hour on; 30 days before the end, if absent", length(10, 27)),
      http::query<std::string>("to", "Up to the beginning of this hour; now, if absent", length(10, 27))};
  auto buckets = period;
  buckets.push_back(http::query<Bucket>("bucket", "How long a row is; a day, if absent"));

  add_sales_report<SalesBucket>(
      router, api,
      {"/api/v1/admin/analytics/sales", "/api/v1/admin/analytics/sales.csv", "get_sales", "get_sales_csv",
       "Orders, items and revenue by time"},
      buckets, [](Sales& sales, const Asked& asked) { return sales.by_time(asked.period, asked.bucket, asked.rows); });
  add_sales_report<FunnelBucket>(
      router, api,
      {"/api/v1/admin/analytics/funnel", "/api/v1/admin/analytics/funnel.csv", "get_funnel", "get_funnel_csv",
       "How many carts were begun, orders placed and orders paid"},
      buckets, [](Sales& sales, const Asked& asked) { return sales.funnel(asked.period, asked.bucket, asked.rows); });
  add_sales_report<ProductSales>(
      router, api,
      {"/api/v1/admin/analytics/products", "/api/v1/admin/analytics/products.csv", "get_product_sales",
       "get_product_sales_csv", "The products that were paid for, the largest revenue first"},
      period, [](Sales& sales, const Asked& asked) { return sales.by_product(asked.period, asked.rows); });
  add_sales_report<CategorySales>(
      router, api,
      {"/api/v1/admin/analytics/categories", "/api/v1/admin/analytics/categories.csv", "get_category_sales",
       "get_category_sales_csv", "The categories that were paid for, the largest revenue first"},
      period, [](Sales& sales, const Asked& asked) { return sales.by_category(asked.period, asked.rows); });
  add_sales_report<Cancellations>(
      router, api,
      {"/api/v1/admin/analytics/cancellations", "/api/v1/admin/analytics/cancellations.csv", "get_cancellations",
       "get_cancellations_csv", "Why orders were cancelled, the most frequent reason first"},
      period, [](Sales& sales, const Asked& asked) { return sales.cancellations(asked.period, asked.rows); });
  add_sales_report<CustomerSales>(
      router, api,
      {"/api/v1/admin/analytics/customers", "/api/v1/admin/analytics/customers.csv", "get_customer_sales",
       "get_customer_sales_csv", "What each customer ordered, who paid most first"},
      {}, [](Sales& sales, const Asked& asked) { return sales.customers(asked.rows); });
  add_report<StockLevel>(router, api,
                         {"/api/v1/admin/analytics/stock", "/api/v1/admin/analytics/stock.csv", "get_stock_levels",
                          "get_stock_levels_csv", "What there is of each product, and how much of it orders hold"},
                         {}, [](const ApiCallPtr& call, Format format) { answer_stock(call, format); });
}

}  // namespace souk
