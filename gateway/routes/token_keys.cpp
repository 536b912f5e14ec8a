#include "gateway/accounts.hpp"
#include "gateway/api_call.hpp"
#include "gateway/routes/routes.hpp"
#include "gateway/sessions.hpp"

namespace souk {
namespace {

struct TokenKeyView {
  std::string id;
  Time since;
  bool signs = false;
  static constexpr auto fields() {
    return field_list(field("id", &TokenKeyView::id), field("since", &TokenKeyView::since),
                      field("signs", &TokenKeyView::signs));
  }
  static constexpr std::string_view kExample =
      R"({"id":"11400714819323198485","since":"2026-11-23T08:55:36.551548Z","signs":true})";
};

struct TokenKeyList {
  std::vector<TokenKeyView> items;
  static constexpr auto fields() { return field_list(field("items", &TokenKeyList::items)); }
};

TokenKeyList listed(const TokenKeys& keys) {
  TokenKeyList list;
  for (const auto& key : keys.list()) list.items.push_back({key.id, key.since, false});
  list.items.back().signs = true;
  return list;
}

void list_keys(const ApiCallPtr& call) {
  call->answer(Position{}, http::json_response(200, encode(listed(call->api.token_keys))));
}

struct RotateBody {
  std::optional<bool> void_older;
  static constexpr auto fields() { return field_list(field("void_older", &RotateBody::void_older)); }
  static constexpr auto limits() {
    return limit_list(
        limit("void_older", says("Whether what older keys signed is void from now on, which is for when one may have "
                                 "become known; default: no")));
  }
  static constexpr std::string_view kExample = R"({"void_older":false})";
};

void rotate(const ApiCallPtr& call) {
  const auto body = call->body<RotateBody>();
  if (!body) {
    call->refuse(body.error());
    return;
  }
  const auto older = body->void_older.value_or(false) ? TokenKeys::Older::kGo : TokenKeys::Older::kHold;
  call->api.queries.submit([call, older] {
    if (auto rotated = call->api.token_keys.rotate(call->now(), older); !rotated) {
      call->refuse(rotated.error());
      return;
    }
    end_what_keys_opened(call->api);
    call->answer(Position{}, http::json_response(201, encode(listed(call->api.token_keys))));
  });
}

void remove(const ApiCallPtr& call) {
  call->api.queries.submit([call] {
    if (auto removed = call->api.token_keys.remove(call->request().path_parameter("id")); !removed) {
      call->refuse(removed.error());
      return;
    }
    end_what_keys_opened(call->api);
    call->answer(Position{}, no_content());
  });
}

}  // namespace

void add_token_key_routes(http::Router& router, Api& api) {
  http::RouteInfo info;
  info.role = kAdministrator;
  info.name = "list_token_keys";
  info.summary = "Lists the keys that tokens are signed with, the oldest first; the last one signs";
  info.answers = {{200, http::list_of<TokenKeyView, TokenKeys::kKeysMax>()}};
  add_route(router, api, http::Method::kGet, "/api/v1/admin/token-keys", info, list_keys);

  info.mutating = true;
  info.name = "rotate_token_keys";
  info.key_without_effect = "said again it makes yet another key";
  info.summary =
      "Signs with another key from now on; tokens that were signed with older ones hold on unless it is said";
  info.media_type = "application/json";
  info.body = http::schema<RotateBody>();
  info.answers = {{201, http::list_of<TokenKeyView, TokenKeys::kKeysMax>()}};
  add_route(router, api, http::Method::kPost, "/api/v1/admin/token-keys", info, rotate);

  info.media_type = {};
  info.body = {};
  info.name = "remove_token_key";
  info.key_without_effect = "a key that is removed is removed";
  info.summary = "Removes a key that does not sign any more: every token that was signed with it is void from now on";
  info.path = {http::query<std::string>("id", "Of the key", matching("^[0-9]{1,20}$"))};
  info.answers = {{204, {}}};
  info.problems = {{404, "token_key.not_found"}, {409, "token_key.in_use"}};
  add_route(router, api, http::Method::kDelete, "/api/v1/admin/token-keys/{id}", info, remove);
}

}  // namespace souk
