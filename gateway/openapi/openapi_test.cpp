#include "gateway/openapi/openapi.hpp"

#include <doctest/doctest.h>

#include "engine/base/json_reader.hpp"

using namespace souk;

namespace {

struct ThingBody {
  std::string name;
  static constexpr auto fields() { return field_list(field("name", &ThingBody::name)); }
  static constexpr std::string_view kExample = R"({"name":"a"})";
};

void nothing(const http::ExchangePtr& exchange) {
  exchange->respond({});
}

std::string document() {
  http::Router router;
  http::RouteInfo info;
  info.name = "change_thing";
  info.summary = "Changes a thing";
  info.mutating = true;
  info.role = "admin";
  info.media_type = "application/json";
  info.precondition = http::Precondition::kRequired;
  info.body = http::schema<ThingBody>();
  info.query = http::page_parameters();
  info.answers = {{200, http::schema<ThingBody>()}};
  info.problems = {{409, "thing.taken"}};
  router.add(http::Method::kPatch, "/api/v1/admin/things/{id}", info, nothing);
  http::RouteInfo hidden;
  hidden.name = "hidden";
  hidden.is_hidden = true;
  router.add(http::Method::kGet, "/hidden", hidden, nothing);
  return render_openapi(router);
}

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace

TEST_CASE("the OpenAPI document is JSON, and says what the route says") {
  const std::string text = document();
  CHECK(read_json(text, [](JsonValue) -> Result<void> { return {}; }));
  CHECK(has(text, R"("/api/v1/admin/things/{id}":{"patch":{"operationId":"change_thing","summary":"Changes a thing")"));
  CHECK(has(text, R"("tags":["things"],"x-role":"admin","security":[{"bearer":[]},{"cookie":[]}])"));
  CHECK(has(text, R"("application/json":{"schema":{"$ref":"#/components/schemas/ThingBody"},"example":{"name":"a"}})"));
  CHECK(has(text, R"("name":"limit","in":"query","required":false)"));
  CHECK(has(text, R"("name":"id","in":"path","required":true)"));
  CHECK(!has(text, "hidden"));
}

TEST_CASE("what a route's kind may answer is added by itself") {
  const std::string text = document();
  for (const auto* status : {"400", "401", "403", "408", "409", "412", "413", "415", "422", "428", "500", "503"}) {
    CAPTURE(status);
    CHECK(has(text, '"' + std::string(status) + R"(":{"$ref":"#/components/responses/Problem)" + status));
  }
  CHECK(has(text, R"("reason":{"enum":["idempotency.in_progress","position.other_epoch","thing.taken"]})"));
  CHECK(has(text, "#/components/parameters/IfMatchRequired"));
  CHECK(has(text, "#/components/parameters/IdempotencyKey"));
}

TEST_CASE("a route that goes is marked, with the headers that say so") {
  http::Router router;
  http::RouteInfo info;
  info.name = "old_thing";
  info.deprecation = "@1767225600";
  info.sunset = "Thu, 31 Dec 2026 23:59:59 GMT";
  info.answers = {{200, http::schema<ThingBody>()}};
  router.add(http::Method::kGet, "/api/v1/old-thing", info, nothing);
  const std::string text = render_openapi(router);
  CHECK(has(text, R"("deprecated":true)"));
  CHECK(has(text, R"("Deprecation":{"$ref":"#/components/headers/Deprecation"})"));
  CHECK(has(text, R"("Sunset":{"$ref":"#/components/headers/Sunset"})"));
  CHECK(!has(document(), R"("deprecated")"));
}
