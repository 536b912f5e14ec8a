#include "gateway/http/response.hpp"

#include <array>
#include <charconv>

#include "gateway/http/cors.hpp"

namespace souk::http {
namespace {

void append_value(std::string& out, std::string_view value) {
  for (const char c : value) out.push_back((static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f ? '?' : c);
}

void append_header(std::string& out, std::string_view name, std::string_view value) {
  out.append(name);
  out.append(": ");
  append_value(out, value);
  out.append("\r\n");
}

void append_number(std::string& out, std::size_t value) {
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  out.append(digits.data(), end);
}

/// Statuses whose answers never have a body, nor a length of one.
bool is_bodiless(int status) {
  return status == 204 || status == 304 || status < 200;
}

}  // namespace

std::string_view reason_phrase(int status) {
  switch (status) {
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 417: return "Expectation Failed";
    case 422: return "Unprocessable Content";
    case 428: return "Precondition Required";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    default: return "Unknown";
  }
}

void append_wire(std::string& out, const Response& response, const WireContext& context) {
  const std::string_view body = response.body_view();
  const bool bodiless = is_bodiless(response.status);
  out.reserve(out.size() + body.size() + 320);
  out.append("HTTP/1.1 ");
  append_number(out, static_cast<std::size_t>(response.status));
  out.push_back(' ');
  out.append(reason_phrase(response.status));
  out.append("\r\nDate: ");
  out.append(context.date);
  out.append("\r\nX-Request-Id: ");
  out.append(context.request_id);
  out.append("\r\nX-Content-Type-Options: nosniff\r\nCache-Control: ");
  out.append(response.cache_control.empty() ? context.cache_control : response.cache_control);
  out.append("\r\n");
  if (context.framing != BodyFraming::kLength) {
    append_header(out, "Content-Type", response.content_type);
    if (context.framing == BodyFraming::kChunked) out.append("Transfer-Encoding: chunked\r\n");
  } else if (!bodiless) {
    if (!body.empty()) append_header(out, "Content-Type", response.content_type);
    out.append("Content-Length: ");
    append_number(out, body.size());
    out.append("\r\n");
  }
  if (!response.etag.empty()) append_header(out, "ETag", response.etag);
  if (!response.location.empty()) append_header(out, "Location", response.location);
  if (response.retry_after_s >= 0) {
    out.append("Retry-After: ");
    append_number(out, static_cast<std::size_t>(response.retry_after_s));
    out.append("\r\n");
  }
  if (context.varies_by_coding || context.varies_by_origin) {
    out.append("Vary: ");
    if (context.varies_by_coding) out.append(context.varies_by_origin ? "Accept-Encoding, " : "Accept-Encoding");
    out.append(context.varies_by_origin ? "Origin\r\n" : "\r\n");
  }
  if (!context.allowed_origin.empty()) {
    append_header(out, "Access-Control-Allow-Origin", context.allowed_origin);
    append_header(out, "Access-Control-Expose-Headers", Cors::kExposedHeaders);
  }
  if (!context.deprecation.empty()) append_header(out, "Deprecation", context.deprecation);
  if (!context.sunset.empty()) append_header(out, "Sunset", context.sunset);
  if (!context.hsts.empty()) append_header(out, "Strict-Transport-Security", context.hsts);
  for (const auto& [name, value] : response.headers) append_header(out, name, value);
  if (context.close) out.append("Connection: close\r\n");
  out.append("\r\n");
  if (!bodiless && !context.head) out.append(body);
}

}  // namespace souk::http
