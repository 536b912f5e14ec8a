#include "gateway/limits/policy.hpp"
#include "gateway/routes/routes.hpp"

namespace souk {
namespace {

using limit_policy::Network;
using limit_policy::Standing;

constexpr auto kNetworkLimit =
    limit("network", length(1, limit_policy::kNetworkSizeMax),
          says("Such as 192.0.2.0/24 or 2001:db8::/32; the longest that holds a client counts"));

struct NetworkBody {
  std::string network;
  Standing standing = Standing::kBlocked;
  std::string note;
  static constexpr auto fields() {
    return field_list(field("network", &NetworkBody::network), field("standing", &NetworkBody::standing),
                      defaulted("note", &NetworkBody::note));
  }
  static constexpr auto limits() {
    return limit_list(kNetworkLimit, limit("standing", says("Nothing is served to it, or no rule counts it")),
                      limit("note", length(0, limit_policy::kNoteSizeMax)));
  }
  static constexpr std::string_view kExample = R"({"network":"192.0.2.0/24","standing":"blocked","note":"scraper"})";
};

struct NetworkView {
  std::string network;
  Standing standing = Standing::kBlocked;
  std::string note;
  static constexpr auto fields() {
    return field_list(field("network", &NetworkView::network), field("standing", &NetworkView::standing),
                      field("note", &NetworkView::note));
  }
  static constexpr std::string_view kExample = R"({"network":"192.0.2.0/24","standing":"blocked","note":"scraper"})";
};

NetworkView view_of(const Network& network) {
  return {network.network, network.standing, network.note};
}

/// As it is written in the policy.
Result<std::string> canonical(std::string_view text) {
  const auto network = limits::Network::parse(text);
  if (!network) return fail(ErrorCode::kInvalid, "limits.network_invalid", network.error().detail);
  return network->str();
}

void answer(const ApiCallPtr& call, const Judged<LimitPolicy>& judged, const std::string& network) {
  if (judged.refusal != nullptr) return call->refuse(judged.position, *judged.refusal);
  const Network* found = find_network(judged.state, network);
  // Only of what was said already, and then removed, is there nothing to show.
  const Network shown = found != nullptr ? *found : Network{network};
  call->answer_entity(judged.position, judged.version, encode(view_of(shown)));
}

void list_networks(const ApiCallPtr& call) {
  read_limits(call, [call](const Judged<LimitPolicy>& judged) {
    if (judged.refusal != nullptr) return call->refuse(judged.position, *judged.refusal);
    std::string items;
    for (const auto& network : judged.state.content.networks) {
      items += (items.empty() ? "" : ",") + encode(view_of(network));
    }
    call->answer_entity(judged.position, judged.version, "{\"items\":[" + items + "]}");
  });
}

/// Asks, unless the caller would be shut out by what would be said of networks then.
template <class Change>
void change(const ApiCallPtr& call, LimitPolicy::Command command, Change alter, Then<LimitPolicy> then) {
  read_limits(call, [call, command = std::move(command), alter, then = std::move(then)](const auto& judged) {
    if (judged.refusal != nullptr) return call->refuse(judged.position, *judged.refusal);
    limit_policy::Content next;
    next.networks = judged.state.content.networks;
    alter(next.networks);
    if (const auto kept = check_lock_out(*call, next); !kept) return call->refuse(judged.position, kept.error());
    ask_limits(call, command, then);
  });
}

void put_network(const ApiCallPtr& call) {
  auto body = call->body<NetworkBody>();
  if (!body) return call->refuse(body.error());
  const auto network = canonical(body->network);
  if (!network) return call->refuse(network.error());
  const limit_policy::PutNetwork command{{*network, body->standing, std::move(body->note)}};
  const auto put = [wanted = command.network](std::vector<Network>& networks) {
    std::erase_if(networks, [&](const auto& one) { return one.network == wanted.network; });
    networks.push_back(wanted);
  };
  change(call, command, put,
         [call, network = *network](const Judged<LimitPolicy>& judged) { answer(call, judged, network); });
}

void remove_network(const ApiCallPtr& call) {
  const auto given = call->request().query("network");
  if (!given) return call->refuse(given.error());
  const auto network = canonical(given->value_or(""));
  if (!network) return call->refuse(network.error());
  const auto remove = [network = *network](std::vector<Network>& networks) {
    std::erase_if(networks, [&](const auto& one) { return one.network == network; });
  };
  change(call, limit_policy::RemoveNetwork{*network}, remove, [call](const Judged<LimitPolicy>& judged) {
    if (judged.refusal != nullptr) return call->refuse(judged.position, *judged.refusal);
    http::Response response;
    response.status = 204;
    call->answer(judged.position, std::move(response));
  });
}

}  // namespace

void add_network_routes(http::Router& router, Api& api) {
  const std::string_view path = "/api/v1/admin/networks";
  http::RouteInfo info;
  info.role = kAdministrator;
  info.limits_itself = true;  // by none: it is the way out of a wrong rule
  info.name = "list_networks";
  info.summary = "Lists the networks that are blocked or exempt";
  info.answers = {{200, http::list_of<NetworkView, limit_policy::kNetworksMax>()}};
  add_route(router, api, http::Method::kGet, path, info, list_networks);

  info.mutating = true;
  info.precondition = http::Precondition::kAccepted;
  info.name = "remove_network";
  info.summary = "Treats a network like any other again";
  info.query = {http::query<std::string>("network", "As it is listed", length(1, limit_policy::kNetworkSizeMax))};
  info.query.back().required = true;
  info.answers = {{204, {}}};
  info.problems = {{404, "limits.network_not_found"}, {409, "limits.lock_out"}};
  add_route(router, api, http::Method::kDelete, path, info, remove_network);
  info.query = {};
  info.media_type = "application/json";
  info.name = "put_network";
  info.summary = "Blocks a network, or exempts it from all rules: from the next request on";
  info.body = http::schema<NetworkBody>();
  info.answers = {{200, http::schema<NetworkView>()}};
  info.problems = {{409, "limits.networks_full"}, {409, "limits.lock_out"}};
  add_route(router, api, http::Method::kPut, path, info, put_network);
}

}  // namespace souk
