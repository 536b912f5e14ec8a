/// What a route says of itself for documents: its body, its parameters, its answers and its problems.
///
///   info.body = schema<AddBody>();
///   info.query = page_parameters({query<order::OrderState>("state", "Only orders in this state")});
///   info.answers = {{201, schema<OrderView>()}, {202, schema<OrderView>(), "Not settled yet"}};
///   info.problems = {{404, "product.not_found"}, {409, "cart.too_many_lines"}};
///
/// What follows from the rest of RouteInfo is added by gateway/openapi: problems of authentication, of roles, of the
/// body's media type and size, of idempotency keys, positions and preconditions; the headers; the parameters in the
/// path, which are ids unless `path` says otherwise. Problems of status 400 need no mention: any body may be wrong.
/// `add_route` refuses texts of the query that are longer or shorter than `query` says.
/// Ownership: views are literals.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/schema.hpp"

namespace souk::http {

// Limits of what any route may take; rules and documents both have them from here.
inline constexpr std::size_t kPageItemsDefault = 20;
inline constexpr std::size_t kPageItemsMax = 100;
inline constexpr std::size_t kCursorSizeMax = 1'000;
inline constexpr std::size_t kIdempotencyKeySizeMax = 255;
/// How long a client waits for its answer, in milliseconds.
inline constexpr std::string_view kTimeoutHeader = "Souk-Timeout";
inline constexpr std::int64_t kTimeoutMsMax = 60'000;

/// A schema still to be written, with an example as a JSON text; empty: there is nothing to describe.
struct SchemaRef {
  std::string (*write)(Schemas& schemas, const FieldLimits& limits) = nullptr;
  FieldLimits limits = {};
  std::string example = {};

  [[nodiscard]] bool empty() const { return write == nullptr; }
};

namespace docs_detail {

std::string page_schema(const std::string& item);
/// `more`: an object whose members stand beside those of a page.
std::string page_example(std::string_view item, std::string_view more = "{}");
std::string list_schema(const std::string& item, std::size_t items_max);
std::string list_example(std::string_view item);

}  // namespace docs_detail

/// Of whatever the codec knows. The limits are for what is no described struct.
template <class T, class... More>
SchemaRef schema(More... more) {
  return {[](Schemas& schemas, const FieldLimits& limits) {
            return schema_detail::described(schema_of<T>(schemas, limits), limits.own.text);
          },
          limit({}, more...), std::string(schema_detail::example_of<T>())};
}

/// Of a body that is no JSON. `example`: such a text, as a JSON text.
template <class... More>
SchemaRef plain_text(std::string_view example, More... more) {
  auto out = schema<std::string>(more...);
  out.example = example;
  return out;
}

/// {"items": […], "next_cursor": …}, as render_page writes it.
template <class T>
SchemaRef page_of() {
  return {
      [](Schemas& schemas, const FieldLimits& /*limits*/) { return docs_detail::page_schema(schema_of<T>(schemas)); },
      {},
      docs_detail::page_example(schema_detail::example_of<T>())};
}
/// The same with more beside it.
template <class T, class More>
SchemaRef page_with() {
  return {[](Schemas& schemas, const FieldLimits& /*limits*/) {
            return R"({"allOf":[)" + docs_detail::page_schema(schema_of<T>(schemas)) + "," + schema_of<More>(schemas) +
                   "]}";
          },
          {},
          docs_detail::page_example(schema_detail::example_of<T>(), schema_detail::example_of<More>())};
}
/// {"items": […]}: a list that is shown whole.
template <class T, std::size_t kItemsMax = 1000>
SchemaRef list_of() {
  return {[](Schemas& schemas, const FieldLimits& /*limits*/) {
            return docs_detail::list_schema(schema_of<T>(schemas), kItemsMax);
          },
          {},
          docs_detail::list_example(schema_detail::example_of<T>())};
}

struct AnswerDoc {
  int status = 200;
  SchemaRef schema = {};             ///< empty: no body, or one that is not JSON
  std::string_view text = {};        ///< default: the status's phrase
  std::string_view media_type = {};  ///< default: JSON
};

struct ProblemDoc {
  int status;
  std::string_view reason;
};

/// A parameter of the query or the path.
struct ParameterDoc {
  std::string_view name;
  SchemaRef schema;
  std::string_view text = {};
  bool required = false;
  bool repeated = false;  ///< a list, given as "a,b,c"
};

template <class T, class... More>
ParameterDoc query(std::string_view name, std::string_view text, More... more) {
  return {name, schema<T>(more...), text};
}
/// `limit` and `cursor`, and what else there is.
std::vector<ParameterDoc> page_parameters(std::initializer_list<ParameterDoc> more = {});

/// Whether the route looks at If-Match.
enum class Precondition : std::uint8_t { kNone, kAccepted, kRequired };

}  // namespace souk::http
