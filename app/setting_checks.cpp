#include "app/setting_checks.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

#include "app/kafka_setup.hpp"
#include "app/limit_setup.hpp"
#include "engine/job/schedule.hpp"
#include "gateway/http/cors.hpp"
#include "payments/sandbox/faults.hpp"
#include "projections/follower_control.hpp"

namespace souk {
namespace {

constexpr std::size_t kTopicSizeMax = 200;

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

/// Whether all parts between commas fit, and there is one.
template <class Fits>
bool is_list(std::string_view text, Fits fits) {
  for (;;) {
    const auto comma = text.find(',');
    if (!fits(trimmed(text.substr(0, comma)))) return false;
    if (comma == std::string_view::npos) return true;
    text.remove_prefix(comma + 1);
  }
}

/// A host, and a port that one can connect to if there is one.
bool is_peer(std::string_view text) {
  const bool has_port =
      text.starts_with('[') ? text.find("]:") != std::string_view::npos : text.find(':') != std::string_view::npos;
  const auto endpoint = parse_endpoint(has_port ? std::string(text) : std::string(text) + ":80");
  return endpoint && endpoint->port > 0 && endpoint->host.find('@') == std::string::npos;
}

/// A name or a password within it would be printed wherever the address is.
bool is_http_address(std::string_view text) {
  const bool is_visible = std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (!is_visible || !text.starts_with(scheme)) continue;
    text.remove_prefix(scheme.size());
    return is_peer(text.substr(0, text.find_first_of("/?#")));
  }
  return false;
}

bool is_node(std::string_view text) {
  return is_http_address(text) && text.find_first_of("?#") == std::string_view::npos;
}

bool is_of_topic(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '_' || c == '-';
}

}  // namespace

Result<Endpoint> parse_endpoint(std::string_view text) {
  const auto bad = [&] { return fail(ErrorCode::kInvalid, "config.invalid", std::string(text) + " is no HOST:PORT"); };
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return bad();
  std::string_view host = text.substr(0, colon);
  const std::string_view port = text.substr(colon + 1);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  // An IPv6 address without brackets could not be told from its port.
  if (host.empty() || (!bracketed && host.find_first_of(":[]") != std::string_view::npos)) return bad();
  if (host.find_first_of(" \t/") != std::string_view::npos) return bad();
  Endpoint endpoint{std::string(host), 0};
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), endpoint.port);
  if (error != std::errc{} || end != port.data() + port.size()) return bad();
  return endpoint;
}

std::optional<std::vector<std::string>> parse_elasticsearch_urls(std::string_view text) {
  std::vector<std::string> urls;
  const bool fits = is_list(text, [&](std::string_view url) {
    while (url.ends_with('/')) url.remove_suffix(1);
    urls.emplace_back(url);
    return is_node(url);
  });
  return fits ? std::optional(std::move(urls)) : std::nullopt;
}

namespace setting_checks {

std::string_view endpoint(std::string_view text) {
  return parse_endpoint(text) ? "" : "HOST:PORT, such as 127.0.0.1:8080 or [::1]:8080";
}
std::string_view http_address(std::string_view text) {
  return is_http_address(text) ? "" : "an address such as https://HOST:PORT/PATH, without a name or a password in it";
}
std::string_view http_address_or_none(std::string_view text) {
  return text.empty() ? "" : http_address(text);
}
std::string_view peer_or_none(std::string_view text) {
  const auto endpoint = parse_endpoint(text);
  return text.empty() || (endpoint && endpoint->port > 0) ? "" : "HOST:PORT, such as 127.0.0.1:6379";
}
std::string_view networks(std::string_view text) {
  return parse_networks(text) ? "" : "networks such as 10.0.0.0/8 or 2001:db8::/32, separated by commas";
}
std::string_view forwarded_header(std::string_view text) {
  return text == "x-forwarded-for" || text == "forwarded" ? "" : "x-forwarded-for or forwarded";
}
std::string_view elasticsearch_urls(std::string_view text) {
  return parse_elasticsearch_urls(text) ? ""
                                        : "addresses such as http://127.0.0.1:9200, separated by commas, without names "
                                          "or passwords in them";
}
std::string_view origins(std::string_view text) {
  return http::Cors::parse(text) ? "" : "origins such as https://shop.example or http://127.0.0.1:3000, or *";
}
std::string_view brokers(std::string_view text) {
  return text.empty() || is_list(text, is_peer) ? "" : "HOST:PORT of brokers, separated by commas, without a scheme";
}
std::string_view topic(std::string_view text) {
  const bool is_topic = text.size() <= kTopicSizeMax && std::ranges::all_of(text, is_of_topic);
  return is_topic && text != "." && text != ".." ? "" : "at most 200 letters, digits, '.', '_' and '-'";
}
std::string_view topic_prefix(std::string_view text) {
  const bool fits = text.size() <= kTopicSizeMax && std::ranges::all_of(text, is_of_topic);
  return fits ? "" : "at most 200 letters, digits, '.', '_' and '-'";
}
std::string_view kinds(std::string_view text) {
  return are_kinds(text) ? "" : "kinds of entities, such as order, separated by commas";
}
std::string_view event_types(std::string_view text) {
  return are_event_types(text) ? "" : "types of events, such as order.placed, separated by commas";
}
std::string_view sandbox_faults(std::string_view text) {
  return sandbox::parse_faults(text) ? "" : "names of faults, separated by commas";
}
std::string_view compression(std::string_view text) {
  constexpr std::array<std::string_view, 5> kKnown{"none", "gzip", "snappy", "lz4", "zstd"};
  return std::ranges::find(kKnown, text) != kKnown.end() ? "" : "none, gzip, snappy, lz4 or zstd";
}
std::string_view schedule(std::string_view text) {
  return Schedule::parse(text) ? ""
                               : "five fields of cron, such as \"30 3 * * *\" or \"30 3 * * * +08:00\", or @every 10m";
}
std::string_view policy(std::string_view text) {
  return on_poison_of(text) ? "" : "park, retry or stop";
}

std::string_view session_policy(std::string_view text) {
  return text == "many" || text == "single" ? "" : "many or single";
}

std::string_view search_backend(std::string_view text) {
  return text == "embedded" || text == "elasticsearch" ? "" : "embedded or elasticsearch";
}
std::string_view index_prefix(std::string_view text) {
  const auto is_fit = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-'; };
  const bool fits = !text.empty() && text.size() <= 64 && text.front() >= 'a' && text.front() <= 'z' &&
                    std::ranges::all_of(text, is_fit);
  return fits ? "" : "a letter and then a-z, 0-9, _ and -";
}
std::string_view analyzer(std::string_view text) {
  const auto is_fit = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-'; };
  return text.size() <= 64 && std::ranges::all_of(text, is_fit) ? "" : "the name of an analyzer";
}
std::string_view path(std::string_view text) {
  return text.empty() ? "a path" : "";
}

}  // namespace setting_checks

}  // namespace souk
