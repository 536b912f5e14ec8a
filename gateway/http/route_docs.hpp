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
/// Ownership: views are literals.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/schema.hpp"

namespace souk::http {

/// A schema still to be written; empty: there is nothing to describe.
struct SchemaRef {
  std::string (*write)(Schemas& schemas, const FieldLimits& limits) = nullptr;
  std::string_view example = {};
  /// Whether the example is what it is an example of.
  Result<void> (*check)(std::string_view example) = nullptr;
  FieldLimits limits = {};

  [[nodiscard]] bool empty() const { return write == nullptr; }
};

namespace docs_detail {

template <class T>
Result<void> decodes(std::string_view example) {
  T out{};
  return decode_to(out, example, UnknownFields::kRefused);
}

std::string page_schema(const std::string& item);
std::string list_schema(const std::string& item, std::size_t items_max);

}  // namespace docs_detail

/// Of whatever the codec knows. The limits are for what is no described struct.
template <class T, class... More>
SchemaRef schema(More... more) {
  SchemaRef out{[](Schemas& schemas, const FieldLimits& limits) { return schema_of<T>(schemas, limits); },
                {},
                nullptr,
                limit({}, more...)};
  if constexpr (Described<T>) {
    out.example = schema_detail::example_of<T>();
    out.check = &docs_detail::decodes<T>;
  }
  return out;
}

/// {"items": […], "next_cursor": …}, as render_page writes it.
template <class T>
SchemaRef page_of() {
  return {
      [](Schemas& schemas, const FieldLimits& /*limits*/) { return docs_detail::page_schema(schema_of<T>(schemas)); },
      {},
      nullptr,
      {}};
}
/// {"items": […]}: a list that is shown whole.
template <class T, std::size_t kItemsMax = 1000>
SchemaRef list_of() {
  return {[](Schemas& schemas, const FieldLimits& /*limits*/) {
            return docs_detail::list_schema(schema_of<T>(schemas), kItemsMax);
          },
          {},
          nullptr,
          {}};
}

struct AnswerDoc {
  int status = 200;
  SchemaRef schema = {};             ///< empty: no body, or one that is not JSON
  std::string_view text = {};        ///< default: the status's phrase
  std::string_view media_type = {};  ///< default: JSON if there is a schema
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
