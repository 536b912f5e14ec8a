#include <algorithm>

#include "gateway/api_call.hpp"
#include "gateway/csv.hpp"
#include "gateway/routes/routes.hpp"
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

constexpr std::size_t kRowsMax = 1'000;
constexpr Duration kPeriod = Duration::seconds(30 * 86'400);

struct Asked {
  SalesPeriod period;
  Duration bucket = Duration::seconds(86'400);
  std::size_t limit = kRowsMax;
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
  return asked;
}

enum class Format : std::uint8_t { kJson, kCsv };

template <class Row>
std::string render(const std::vector<Row>& rows, Format format) {
  if (format == Format::kJson) return "{\"items\":" + encode(rows) + "}";
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
void answer_rows(const ApiCallPtr& call, const Result<SalesAnswer<Row>>& found, Format format) {
  if (!found) {
    call->refuse(found.error());
    return;
  }
  auto text = render(found->rows, format);
  call->answer(found->position,
               format == Format::kCsv ? csv_response(std::move(text)) : http::json_response(200, std::move(text)));
}

/// `ask` gets its rows from the read model.
template <class Ask>
void answer(const ApiCallPtr& call, Format format, const Ask& ask) {
  const auto asked = read_asked(*call);
  if (!asked) {
    call->refuse(asked.error());
    return;
  }
  call->when_caught_up(call->api.projections.sales_follower(), [call, format, ask, asked = *asked] {
    call->api.reports.submit(
        [call, format, ask, asked] { answer_rows(call, ask(call->api.projections.sales(), asked), format); });
  });
}

void answer_first_stocks(const ApiCallPtr& call) {
  auto page = call->api.projections.stock_levels().list(kRowsMax);
  if (!page) {
    call->refuse(page.error());
    return;
  }
  call->answer(page->position, http::json_response(200, render(page->rows, Format::kJson)));
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
  call->when_caught_up(call->api.projections.stock_levels_follower(), [call, format] {
    call->api.reports.submit([call, format] {
      if (format == Format::kJson) {
        answer_first_stocks(call);
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
  info.query = std::move(parameters);
  info.name = report.name;
  info.answers = {{200, http::list_of<Row>()}};
  add_route(router, api, http::Method::kGet, report.path, info,
            [answer_with](const ApiCallPtr& call) { answer_with(call, Format::kJson); });
  info.name = report.csv_name;
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
      buckets, [](Sales& sales, const Asked& asked) { return sales.by_time(asked.period, asked.bucket, asked.limit); });
  add_sales_report<FunnelBucket>(
      router, api,
      {"/api/v1/admin/analytics/funnel", "/api/v1/admin/analytics/funnel.csv", "get_funnel", "get_funnel_csv",
       "How many carts were begun, orders placed and orders paid"},
      buckets, [](Sales& sales, const Asked& asked) { return sales.funnel(asked.period, asked.bucket, asked.limit); });
  add_sales_report<ProductSales>(
      router, api,
      {"/api/v1/admin/analytics/products", "/api/v1/admin/analytics/products.csv", "get_product_sales",
       "get_product_sales_csv", "The products that were paid for, the largest revenue first"},
      period, [](Sales& sales, const Asked& asked) { return sales.by_product(asked.period, asked.limit); });
  add_sales_report<CategorySales>(
      router, api,
      {"/api/v1/admin/analytics/categories", "/api/v1/admin/analytics/categories.csv", "get_category_sales",
       "get_category_sales_csv", "The categories that were paid for, the largest revenue first"},
      period, [](Sales& sales, const Asked& asked) { return sales.by_category(asked.period, asked.limit); });
  add_sales_report<Cancellations>(
      router, api,
      {"/api/v1/admin/analytics/cancellations", "/api/v1/admin/analytics/cancellations.csv", "get_cancellations",
       "get_cancellations_csv", "Why orders were cancelled, the most frequent reason first"},
      period, [](Sales& sales, const Asked& asked) { return sales.cancellations(asked.period, asked.limit); });
  add_sales_report<CustomerSales>(
      router, api,
      {"/api/v1/admin/analytics/customers", "/api/v1/admin/analytics/customers.csv", "get_customer_sales",
       "get_customer_sales_csv", "What each customer ordered, who paid most first"},
      {}, [](Sales& sales, const Asked& asked) { return sales.customers(asked.limit); });
  add_report<StockLevel>(router, api,
                         {"/api/v1/admin/analytics/stock", "/api/v1/admin/analytics/stock.csv", "get_stock_levels",
                          "get_stock_levels_csv", "What there is of the first 1,000 products, as CSV of all of them"},
                         {}, [](const ApiCallPtr& call, Format format) { answer_stock(call, format); });
}

}  // namespace souk
