#include "gateway/commands/command_desk.hpp"
#include "gateway/http/coding.hpp"
#include "gateway/http/router.hpp"
#include "gateway/openapi/event_schemas.hpp"
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

/// What never changes while the program runs.
struct Document {
  std::string text;
  std::string packed;
  std::string tag;

  void fill(std::string with) {
    text = std::move(with);
    packed = http::gzip(text);
    tag = tag_of(text);
  }
};
using DocumentPtr = std::shared_ptr<Document>;

DocumentPtr add_document(http::Router& router, std::string_view path, std::string_view name, std::string_view summary,
                         http::AnswerDoc answer) {
  http::RouteInfo info;
  info.name = name;
  info.summary = summary;
  info.is_public = true;
  info.cache_control = "public, max-age=60";
  info.answers = {std::move(answer)};
  auto document = std::make_shared<Document>();
  router.add(http::Method::kGet, path, info, [document](const http::ExchangePtr& exchange) {
    http::Response response;
    response.shared_body = std::shared_ptr<const std::string>(document, &document->text);
    response.shared_gzip = std::shared_ptr<const std::string>(document, &document->packed);
    response.etag = document->tag;
    exchange->respond(std::move(response));
  });
  return document;
}

std::string openapi_schema(Schemas& /*schemas*/, const FieldLimits& /*limits*/) {
  return R"({"type":"object","required":["openapi","info","paths"]})";
}
std::string events_schema(Schemas& /*schemas*/, const FieldLimits& /*limits*/) {
  return R"({"type":"object","required":["$schema","events","$defs"]})";
}
std::string commands_schema(Schemas& /*schemas*/, const FieldLimits& /*limits*/) {
  return R"({"type":"object","required":["$schema","oneOf","$defs"]})";
}

}  // namespace

void add_document_routes(http::Router& router) {
  const auto events = add_document(
      router, "/schemas/events.json", "event_schemas", "What the events that are fed to others look like",
      {200,
       {events_schema, {}, R"({"$schema":"https://json-schema.org/draft/2020-12/schema","events":{},"$defs":{}})"},
       "A JSON Schema for each event"});
  events->fill(render_event_schemas());
  const auto commands = add_document(
      router, "/schemas/commands.json", "command_schemas", "What commands look like that come as messages",
      {200,
       {commands_schema, {}, R"({"$schema":"https://json-schema.org/draft/2020-12/schema","oneOf":[],"$defs":{}})"},
       "A JSON Schema"});
  commands->fill(render_command_schemas(router));
  // Rendered once every route is there, its own included.
  const auto openapi =
      add_document(router, "/openapi.json", "openapi", "This interface as an OpenAPI document",
                   {200,
                    {openapi_schema, {}, R"({"openapi":"3.1.0","info":{"title":"Souk","version":"1.0.0"},"paths":{}})"},
                    "An OpenAPI 3.1 document"});
  openapi->fill(render_openapi(router));
}

}  // namespace souk
