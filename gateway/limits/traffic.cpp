#include "gateway/limits/traffic.hpp"

#include <algorithm>
#include <array>

#include "limits/headers.hpp"
#include "peers/steady_time.hpp"

namespace souk {
namespace {

using limits::Address;
using limits::Priority;

/// Fewer requests in progress than this are no overload, however slow the disk or a provider is.
constexpr std::int64_t kHarmless = 64;

limits::Admission::Options with_bounds(limits::Admission::Options options) {
  options.waiting_harmless = kHarmless;
  options.waiting_min = 1'000;
  return options;
}

/// What is shed last comes first.
Priority priority_of(const http::Route& route) {
  const std::string_view path = route.pattern;
  if (route.info.always_admitted || path.starts_with("/api/v1/admin/")) return Priority::kAlways;
  if (path.starts_with("/api/v1/payments/notifications/")) return Priority::kMoney;
  if (path.starts_with("/api/v1/orders") && route.info.mutating) return Priority::kCommitted;
  return route.info.is_public && route.method == http::Method::kGet ? Priority::kBrowsing : Priority::kNormal;
}

std::vector<limits::RouteShape> shapes_of(const http::Router& router) {
  std::vector<limits::RouteShape> shapes;
  for (const auto& route : router.routes()) {
    limits::RouteShape shape{std::string(route.info.name)};
    std::string_view rest = route.pattern;
    for (auto open = rest.find('{'); open != std::string_view::npos; open = rest.find('{')) {
      rest.remove_prefix(open + 1);
      shape.parameters.emplace_back(rest.substr(0, rest.find('}')));
    }
    shape.parameters.insert(shape.parameters.end(), route.info.counted.begin(), route.info.counted.end());
    shapes.push_back(std::move(shape));
  }
  return shapes;
}

/// Who asks, as a number: the same for all that comes with one token, or from one address.
std::uint64_t asker_of(const http::Request& request, const Address& client) {
  if (const auto token = request.header("Authorization")) return std::hash<std::string_view>{}(*token);
  const Address counted = client.counted();
  return std::hash<std::string_view>{}({reinterpret_cast<const char*>(counted.bytes.data()), counted.bytes.size()});
}

bool is_this_machine(const Address& address) {
  static const limits::NetworkList kLoopback(
      {limits::Network::parse("127.0.0.0/8").value(), limits::Network::parse("::1").value()});
  return kLoopback.holds(address);
}

}  // namespace

Traffic::Traffic(Options options, const http::Router& router)
    : options_(std::move(options)),
      limiter_(options_.limiter, shapes_of(router)),
      admission_(with_bounds(options_.admission)) {
  for (const auto& route : router.routes()) priorities_.push_back(priority_of(route));
}

tl::expected<Traffic::Entered, http::Problem> Traffic::enter(http::Exchange& exchange) {
  Entered entered;
  const auto& request = exchange.request();
  entered.client = client_of(exchange);
  const auto standing = standing_of(entered.client);
  if (standing == limit_policy::Standing::kBlocked) {
    blocked_ever_.fetch_add(1, std::memory_order_relaxed);
    return tl::unexpected(http::Problem(403, "network.blocked", "nothing is served to this network"));
  }
  entered.is_exempt = standing == limit_policy::Standing::kExempt;
  if (!options_.sheds) return entered;
  auto admitted =
      admission_.admit(priorities_[exchange.route().index], asker_of(request, entered.client), steady_now());
  if (!admitted) {
    http::Problem problem(503, "server.overloaded", "more is asked than can be answered in time; nothing was done");
    problem.retry_after_s = 1;
    return tl::unexpected(std::move(problem));
  }
  entered.admitted = std::move(*admitted);
  return entered;
}

limits::Limiter::Begun Traffic::begin(const http::Exchange& exchange, const Address& client, std::optional<Id128> user,
                                      std::span<const std::string_view> counted) {
  std::array<std::string_view, http::Request::kPathParametersMax + http::RouteInfo::kCountedMax> parameters;
  const auto given = exchange.request().path_parameters();
  auto end = std::ranges::transform(given, parameters.begin(), [](const auto& one) { return one.second; }).out;
  end = std::ranges::copy(counted, end).out;
  limits::Request asked{exchange.route().index, std::nullopt, user, {parameters.begin(), end}};
  if (!is_this_machine(client)) asked.client = client;
  return limiter_.begin(asked, steady_now());
}

Address Traffic::client_of(http::Exchange& exchange) const {
  const auto& request = exchange.request();
  // A zone says through which card of this machine a neighbour is reached.
  const auto peer = Address::parse(request.peer.substr(0, request.peer.find('%'))).value_or(Address{});
  if (!options_.proxies.holds(peer)) return peer;
  const std::string_view name =
      options_.forwarded == limits::ForwardedHeader::kForwarded ? "Forwarded" : "X-Forwarded-For";
  std::vector<std::string_view> values;
  for (const auto& header : request.headers()) {
    if (http::equals_ignoring_case(header.name, name)) values.push_back(header.value);
  }
  const Address client = limits::client_address(peer, options_.proxies, options_.forwarded, values);
  if (client != peer) exchange.set_client(client.str());
  return client;
}

Traffic::Networks Traffic::networks_of(const limit_policy::Content& content) {
  Networks made;
  std::vector<limits::Network> networks;
  for (const auto& one : content.networks) {
    const auto network = limits::Network::parse(one.network);
    if (!network) continue;
    networks.push_back(*network);
    made.standings.push_back(one.standing);
  }
  made.list = limits::NetworkList(std::move(networks));
  return made;
}

std::optional<limit_policy::Standing> Traffic::Networks::standing_of(const Address& client) const {
  const auto found = is_this_machine(client) ? std::nullopt : list.find(client);
  return found ? std::optional(standings[*found]) : std::nullopt;
}

std::optional<limit_policy::Standing> Traffic::standing_of(const Address& client) const {
  const std::shared_lock lock(mutex_);
  return networks_->standing_of(client);
}

bool Traffic::would_block(const limit_policy::Content& content, const Address& client) {
  return networks_of(content).standing_of(client) == limit_policy::Standing::kBlocked;
}

void Traffic::renew(const limit_policy::State& state, Version version) {
  const std::lock_guard renewing(renewing_);
  if (version <= version_) return;
  const auto left_out = limiter_.exchange_what_fits(state.content.rules);
  for (const auto& one : left_out) notice("of the rules of limits this is not in force: " + one.detail);
  left_out_ = left_out.size();
  auto made = std::make_shared<const Networks>(networks_of(state.content));
  version_ = version;
  const std::unique_lock lock(mutex_);
  networks_.swap(made);
}

void Traffic::notice(const std::string& what) const {
  if (options_.notice) options_.notice(what);
}

http::Problem exceeded(const limits::Decision& decision) {
  const std::string rule(decision.rule.view());
  http::Problem problem(429, "limits.exceeded", "too often; the rule " + rule + " says so");
  problem.retry_after_s = static_cast<int>(limits::retry_after_s(decision));
  return std::move(problem).with("rule", "\"" + rule + "\"");
}

void add_rate_limit(http::Response& response, const limits::Decision& decision) {
  if (!decision.is_limited) return;
  response.headers.emplace_back("RateLimit-Policy", limits::rate_limit_policy(decision));
  response.headers.emplace_back("RateLimit", limits::rate_limit(decision));
}

}  // namespace souk
