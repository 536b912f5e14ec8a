#include "gateway/openapi/openapi.hpp"

#include <algorithm>
#include <vector>

#include "engine/base/json_writer.hpp"
#include "gateway/http/response.hpp"
#include "gateway/openapi/common_answers.hpp"

namespace souk {
namespace {

using http::Route;
using openapi::is_api;

constexpr std::string_view kAbout =
    "Every refusal is a problem document with a stable reason. Times are UTC with six decimals; amounts of money are "
    "integers in minor units; ids are 26 characters. Answers may get further members in later versions: ignore what "
    "you do not know. Requests may not: a field that is not listed is refused. Long answers are compressed for clients "
    "that send Accept-Encoding: gzip.";

/// Writes `"key": {…}` or an array around what `fill` writes.
template <class Fill>
void object(JsonWriter& json, std::string_view key, const Fill& fill) {
  json.escaped_key(key);
  json.begin_object();
  fill();
  json.end_object();
}
template <class Fill>
void array(JsonWriter& json, std::string_view key, const Fill& fill) {
  json.key(key);
  json.begin_array();
  fill();
  json.end_array();
}
void member(JsonWriter& json, std::string_view key, std::string_view value) {
  json.key(key);
  json.string(value);
}

class Document {
 public:
  explicit Document(const http::Router& router) : router_(router) {}

  std::string text() {
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    member(json, "openapi", "3.1.0");
    object(json, "info", [&] {
      member(json, "title", "Souk");
      member(json, "version", "1.0.0");
      member(json, "description", kAbout);
      object(json, "license", [&] {
        member(json, "name", "Apache-2.0");
        member(json, "identifier", "Apache-2.0");
      });
    });
    object(json, "paths", [&] { paths(json); });
    object(json, "components", [&] { components(json); });
    json.end_object();
    return out;
  }

 private:
  void paths(JsonWriter& json) {
    std::vector<std::string_view> patterns;
    for (const auto& route : router_.routes()) {
      if (route.info.is_hidden || std::ranges::find(patterns, route.pattern) != patterns.end()) continue;
      patterns.push_back(route.pattern);
    }
    for (const auto pattern : patterns) {
      object(json, pattern, [&] {
        for (const auto& route : router_.routes()) {
          if (route.info.is_hidden || route.pattern != pattern) continue;
          std::string method(name_of(route.method));
          std::ranges::transform(method, method.begin(), [](char c) { return static_cast<char>(c | 0x20); });
          object(json, method, [&] { operation(json, route); });
        }
      });
    }
  }

  void operation(JsonWriter& json, const Route& route) {
    const auto& info = route.info;
    member(json, "operationId", info.name);
    member(json, "summary", info.summary);
    array(json, "tags", [&] { json.string(tag_of(route)); });
    if (!info.role.empty()) member(json, "x-role", info.role);
    if (!info.deprecation.empty()) {
      json.key("deprecated");
      json.boolean(true);
    }
    array(json, "security", [&] {
      if (info.is_public || !is_api(route)) json.raw("{}");
      if (info.takes_cart_token) json.raw(R"({"cart_token":[]})");
      if (is_api(route)) json.raw(R"({"bearer":[]})");
      if (is_api(route)) json.raw(R"({"cookie":[]})");
      if (info.takes_refresh_cookie) json.raw(R"({"refresh_cookie":[]})");
    });
    array(json, "parameters", [&] { parameters(json, route); });
    if (!info.media_type.empty() || !info.body.empty()) object(json, "requestBody", [&] { body(json, info); });
    object(json, "responses", [&] {
      for (const auto& answer : info.answers) success(json, route, answer);
      if (route.method == http::Method::kGet && is_api(route)) {
        json.key("304");
        json.raw(R"({"description":"What the client has is still true"})");
      }
      for (const auto& [status, reasons] : openapi::problems_of(route)) problem(json, status, reasons);
    });
  }

  static std::string tag_of(const Route& route) {
    constexpr std::string_view kPrefix = "/api/v1/";
    std::string_view rest = route.pattern;
    if (!rest.starts_with(kPrefix)) return "operations";
    rest.remove_prefix(kPrefix.size());
    if (rest.starts_with("admin/")) rest.remove_prefix(6);
    return std::string(rest.substr(0, rest.find_first_of("/:")));
  }

  void parameters(JsonWriter& json, const Route& route) {
    const auto& info = route.info;
    std::string_view rest = route.pattern;
    for (auto open = rest.find('{'); open != std::string_view::npos; open = rest.find('{')) {
      const auto close = rest.find('}');
      const auto name = rest.substr(open + 1, close - open - 1);
      const auto own = std::ranges::find(info.path, name, &http::ParameterDoc::name);
      http::ParameterDoc path = own != info.path.end() ? *own : http::query<CommandId>(name, {});
      path.required = true;
      parameter(json, path, "path");
      rest.remove_prefix(close + 1);
    }
    for (const auto& one : info.query) parameter(json, one, "query");
    for (const auto& one : info.headers) parameter(json, one, "header");
    const auto common = [&](bool wanted, std::string_view name) {
      if (wanted) json.raw(R"({"$ref":"#/components/parameters/)" + std::string(name) + "\"}");
    };
    if (info.key_without_effect.empty()) {
      common(info.mutating, "IdempotencyKey");
    } else {
      const std::string text = "Accepted, and without effect: " + std::string(info.key_without_effect);
      parameter(json,
                {"Idempotency-Key",
                 http::schema<std::string>(length(1, http::kIdempotencyKeySizeMax), matching("^[!-~]+$")), text},
                "header");
    }
    common(is_api(route), "SoukPosition");
    common(is_api(route), "SoukTimeout");
    common(info.precondition == http::Precondition::kAccepted, "IfMatch");
    common(info.precondition == http::Precondition::kRequired, "IfMatchRequired");
    common(is_api(route) && route.method == http::Method::kGet, "IfNoneMatch");
  }

  void parameter(JsonWriter& json, const http::ParameterDoc& doc, std::string_view place) {
    json.begin_object();
    member(json, "name", doc.name);
    member(json, "in", place);
    json.key("required");
    json.boolean(doc.required);
    if (!doc.text.empty()) member(json, "description", doc.text);
    if (doc.repeated) {
      member(json, "style", "form");
      json.key("explode");
      json.boolean(false);
    }
    schemas_.side = Schemas::Side::kInput;
    json.key("schema");
    json.raw(doc.schema.write(schemas_, doc.schema.limits));
    json.end_object();
  }

  void body(JsonWriter& json, const http::RouteInfo& info) {
    json.key("required");
    json.boolean(!info.media_type.empty());
    schemas_.side = Schemas::Side::kInput;
    object(json, "content",
           [&] { content(json, info.media_type.empty() ? "application/json" : info.media_type, info.body); });
  }

  void content(JsonWriter& json, std::string_view media_type, const http::SchemaRef& schema) {
    object(json, media_type, [&] {
      if (schema.empty()) return;
      json.key("schema");
      json.raw(schema.write(schemas_, schema.limits));
      if (schema.example.empty()) return;
      json.key("example");
      json.raw(schema.example);
    });
  }

  void success(JsonWriter& json, const Route& route, const http::AnswerDoc& answer) {
    schemas_.side = Schemas::Side::kOutput;
    object(json, std::to_string(answer.status), [&] {
      member(json, "description", answer.text.empty() ? http::reason_phrase(answer.status) : answer.text);
      object(json, "headers", [&] {
        header(json, "X-Request-Id", "XRequestId");
        header(json, "ETag", "ETag");
        if (route.info.mutating) header(json, "Souk-Position", "SoukPosition");
        if (is_api(route)) header(json, "Souk-Refresh-Due", "SoukRefreshDue");
        if (answer.status == 201 || answer.status == 202 || answer.status == 303) header(json, "Location", "Location");
        if (!route.info.deprecation.empty()) header(json, "Deprecation", "Deprecation");
        if (!route.info.sunset.empty()) header(json, "Sunset", "Sunset");
      });
      if (answer.schema.empty() && answer.media_type.empty()) return;
      object(json, "content",
             [&] { content(json, answer.media_type.empty() ? "application/json" : answer.media_type, answer.schema); });
    });
  }

  static void header(JsonWriter& json, std::string_view name, std::string_view component) {
    json.key(name);
    json.raw(R"({"$ref":"#/components/headers/)" + std::string(component) + "\"}");
  }

  /// Problems with the same reasons are one component.
  void problem(JsonWriter& json, int status, const std::set<std::string_view>& reasons) {
    std::string name = "Problem" + std::to_string(status);
    for (const auto reason : reasons) name.append("-").append(reason);
    if (responses_.count(name) == 0) responses_.emplace(name, problem_answer(status, reasons));
    json.key(std::to_string(status));
    json.raw(R"({"$ref":"#/components/responses/)" + name + "\"}");
  }

  std::string problem_answer(int status, const std::set<std::string_view>& reasons) const {
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    member(json, "description", http::reason_phrase(status));
    object(json, "headers", [&] {
      header(json, "X-Request-Id", "XRequestId");
      if (status == 429 || status == 503 || status == 409) header(json, "Retry-After", "RetryAfter");
      if (status == 429) {
        header(json, "RateLimit-Policy", "RateLimitPolicy");
        header(json, "RateLimit", "RateLimit");
      }
    });
    std::string schema = schemas_.reference_to("Problem");
    if (!reasons.empty()) {
      std::string listed;
      for (const auto reason : reasons) listed += (listed.empty() ? "\"" : ",\"") + std::string(reason) + "\"";
      schema = R"({"allOf":[)" + schema + R"(,{"properties":{"status":{"const":)" + std::to_string(status) +
               R"(},"reason":{"enum":[)" + listed + "]}}}]}";
    }
    object(json, "content", [&] {
      object(json, "application/problem+json", [&] {
        json.key("schema");
        json.raw(schema);
        json.key("example");
        json.raw(openapi::problem_example(status, reasons));
      });
    });
    json.end_object();
    return out;
  }

  void components(JsonWriter& json) {
    object(json, "schemas", [&] {
      json.key("Problem");
      json.raw(openapi::problem_schema());
      for (const auto& [name, text] : schemas_.components()) {
        json.key(name);
        json.raw(text);
      }
    });
    object(json, "responses", [&] {
      for (const auto& [name, text] : responses_) {
        json.key(name);
        json.raw(text);
      }
    });
    json.key("parameters");
    json.raw(openapi::parameter_components());
    json.key("headers");
    json.raw(openapi::header_components());
    json.key("securitySchemes");
    json.raw(openapi::security_components());
  }

  const http::Router& router_;
  Schemas schemas_;
  std::map<std::string, std::string> responses_;
};

}  // namespace

std::string render_openapi(const http::Router& router) {
  return Document(router).text();
}

}  // namespace souk
