#include "gateway/http/problem.hpp"

#include "engine/base/json_writer.hpp"
#include "gateway/http/request.hpp"

namespace souk::http {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// "; charset=utf-8", in any case and quoted or not; every other parameter is refused.
bool are_harmless_parameters(std::string_view text) {
  while (!trimmed(text).empty()) {
    text = trimmed(text);
    if (text.front() != ';') return false;
    text.remove_prefix(1);
    const auto end = text.find(';');
    const auto parameter = trimmed(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end);
    if (parameter.empty()) continue;
    if (!equals_ignoring_case(parameter, "charset=utf-8") && !equals_ignoring_case(parameter, "charset=\"utf-8\"")) {
      return false;
    }
  }
  return true;
}

}  // namespace

ErrorStatus status_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalid: return {400, -1};
    case ErrorCode::kUnauthenticated: return {401, -1};
    case ErrorCode::kForbidden: return {403, -1};
    case ErrorCode::kNotFound: return {404, -1};
    case ErrorCode::kConflict: return {409, -1};
    case ErrorCode::kPreconditionFailed: return {412, -1};
    case ErrorCode::kUnprocessable: return {422, -1};
    case ErrorCode::kTooMany: return {429, 1};
    case ErrorCode::kUnavailable: return {503, 1};
    case ErrorCode::kInternal: return {500, -1};
  }
  return {500, -1};
}

Problem::Problem(const Error& error) : reason(error.reason) {
  const auto known = status_of(error.code);
  status = known.status;
  retry_after_s = known.retry_after_s;
  detail = error.code == ErrorCode::kInternal ? "the fault is ours; quote the request id when you ask about it"
                                              : error.detail;
}

Response problem_response(const Problem& problem, std::string_view request_id) {
  Response response;
  response.status = problem.status;
  response.content_type = "application/problem+json";
  response.cache_control = "no-store";
  response.retry_after_s = problem.retry_after_s;
  if (!problem.allow.empty()) response.headers.emplace_back("Allow", problem.allow);
  if (problem.status == 401) response.headers.emplace_back("WWW-Authenticate", "Bearer");

  JsonWriter json(response.body);
  json.begin_object();
  json.key("type");
  json.string("/problems/" + problem.reason);
  json.key("title");
  json.string(reason_phrase(problem.status));
  json.key("status");
  json.integer(problem.status);
  if (!problem.detail.empty()) {
    json.key("detail");
    json.string(problem.detail);
  }
  json.key("reason");
  json.string(problem.reason);
  json.key("request_id");
  json.string(request_id);
  for (const auto& [name, value] : problem.members) {
    json.key(name);
    json.raw(value);
  }
  json.end_object();
  return response;
}

tl::expected<void, Problem> require_content_type(const Request& request, std::string_view wanted) {
  const auto given = request.header("Content-Type");
  if (given) {
    const auto semicolon = given->find(';');
    const auto type = trimmed(given->substr(0, semicolon));
    const auto parameters = semicolon == std::string_view::npos ? std::string_view{} : given->substr(semicolon);
    if (equals_ignoring_case(type, wanted) && are_harmless_parameters(parameters)) return {};
  }
  return tl::unexpected<Problem>(
      Problem(415, "request.unsupported_media_type", "the body must be " + std::string(wanted)));
}

}  // namespace souk::http
