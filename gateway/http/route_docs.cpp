#include "gateway/http/route_docs.hpp"

namespace souk::http {
namespace docs_detail {

std::string page_schema(const std::string& item) {
  return R"({"type":"object","properties":{"items":{"type":"array","items":)" + item + R"(,"maxItems":)" +
         std::to_string(kPageItemsMax) +
         R"(},"next_cursor":{"type":["string","null"],)"
         R"("description":"Give it as cursor for what follows; null at the end"}},"required":["items","next_cursor"]})";
}

std::string page_example(std::string_view item, std::string_view more) {
  const std::string page = R"({"items":[)" + std::string(item) + R"(],"next_cursor":null)";
  return page + (more == "{}" ? "" : ",") + std::string(more.substr(1));
}

std::string list_schema(const std::string& item, std::size_t items_max) {
  return R"({"type":"object","properties":{"items":{"type":"array","items":)" + item + R"(,"maxItems":)" +
         std::to_string(items_max) + R"(}},"required":["items"]})";
}

std::string list_example(std::string_view item) {
  return R"({"items":[)" + std::string(item) + "]}";
}

}  // namespace docs_detail

std::vector<ParameterDoc> page_parameters(std::initializer_list<ParameterDoc> more) {
  std::vector<ParameterDoc> out(more);
  out.push_back(query<std::int64_t>("limit", "How many at most; 20 unless given", between(1, kPageItemsMax)));
  out.push_back(query<std::string>("cursor", "next_cursor of the page before", length(0, kCursorSizeMax),
                                   matching("^[A-Za-z0-9_-]+$")));
  return out;
}

}  // namespace souk::http
