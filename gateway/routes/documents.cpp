#include "gateway/http/coding.hpp"
#include "gateway/http/router.hpp"
#include "gateway/openapi/openapi.hpp"
#include "gateway/routes/routes.hpp"

namespace souk {
namespace {

/// FNV-1a: the document's tag changes when the document does.
std::string tag_of(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return '"' + std::to_string(hash) + '"';
}

}  // namespace

void add_document_routes(http::Router& router) {
  http::RouteInfo info;
  info.name = "openapi";
  info.summary = "This interface as an OpenAPI document";
  info.is_public = true;
  info.cache_control = "public, max-age=60";
  const auto schema = [](Schemas& /*schemas*/, const FieldLimits& /*limits*/) {
    return std::string(R"({"type":"object","required":["openapi","info","paths"]})");
  };
  info.answers = {{200,
                   {schema, {}, R"({"openapi":"3.1.0","info":{"title":"Souk","version":"1.0.0"},"paths":{}})"},
                   "An OpenAPI 3.1 document"}};
  // Rendered once every route is there, its own included.
  auto document = std::make_shared<std::string>();
  auto packed = std::make_shared<std::string>();
  auto tag = std::make_shared<std::string>();
  router.add(http::Method::kGet, "/openapi.json", info, [document, packed, tag](const http::ExchangePtr& exchange) {
    http::Response response;
    response.shared_body = document;
    response.shared_gzip = packed;
    response.etag = *tag;
    exchange->respond(std::move(response));
  });
  *document = render_openapi(router);
  *packed = http::gzip(*document);
  *tag = tag_of(*document);
}

}  // namespace souk
