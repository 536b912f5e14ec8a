#include <algorithm>

#include "gateway/catalogue/catalogue.hpp"
#include "gateway/merge_patch.hpp"
#include "gateway/routes/routes.hpp"
#include "gateway/views.hpp"

namespace souk {
namespace {

using brands::Brand;

constexpr auto kDescriptionLimit = limit("description", length(0, brands::kDescriptionSizeMax));
constexpr auto kLogoLimit = limit("logo", length(0, brands::kLogoBytesMax), says("The address of a picture"));

struct AddBody {
  std::string name;
  std::string description;
  std::string logo;
  static constexpr auto fields() {
    return field_list(field("name", &AddBody::name), defaulted("description", &AddBody::description),
                      defaulted("logo", &AddBody::logo));
  }
  static constexpr auto limits() {
    return limit_list(limit("name", length(1, brands::kNameSizeMax)), kDescriptionLimit, kLogoLimit);
  }
  static constexpr std::string_view kExample = R"({"name":"Xihu","logo":"https://example.com/xihu.svg"})";
};

struct ChangeBody {
  std::optional<std::string> name;
  std::optional<std::string> description;
  std::optional<std::string> logo;
  static constexpr auto fields() {
    return field_list(field("name", &ChangeBody::name), field("description", &ChangeBody::description),
                      field("logo", &ChangeBody::logo));
  }
  static constexpr auto limits() {
    return limit_list(limit("name", length(1, brands::kNameSizeMax), not_null()), kDescriptionLimit, kLogoLimit);
  }
  static constexpr std::string_view kExample = R"({"description":"Tea since 1949"})";
};

struct BrandView {
  BrandId id;
  std::string name;
  std::string description;
  std::string logo;
  std::optional<bool> deleted;  ///< for administrators
  static constexpr auto fields() {
    using V = BrandView;
    return field_list(field("id", &V::id), field("name", &V::name), field("description", &V::description),
                      field("logo", &V::logo), field("deleted", &V::deleted));
  }
  static constexpr auto limits() { return limit_list(limit("deleted", says("Told to administrators"))); }
  static constexpr std::string_view kExample =
      R"({"id":"5q1m0r7v2c4d8e9f6g3h1j2k0n","name":"Xihu","description":"Tea since 1949",)"
      R"("logo":"https://shop.example/xihu.svg"})";
};

BrandView view_of(BrandId id, const Brand& brand, Audience audience) {
  BrandView view{id, brand.name, brand.description, brand.logo, std::nullopt};
  if (audience == Audience::kAdministrators) view.deleted = brand.deleted;
  return view;
}

Error no_such_brand() {
  return {ErrorCode::kNotFound, "brands.brand_not_found", "there is no such brand"};
}

/// The names in order, each with its brand; those the audience may see.
using Order = std::vector<std::pair<std::string, BrandId>>;

Order order_of(const brands::State& state, Audience audience) {
  Order order;
  order.reserve(state.brands.size());
  for (const auto& [id, brand] : state.brands) {
    if (audience == Audience::kAdministrators || !brand.deleted) order.emplace_back(brand.name, id);
  }
  std::ranges::sort(order);
  return order;
}

/// `after`: the name of the last one that was shown.
std::string render_brands(const ApiCall& call, std::string_view scope, const Judged<Brands>& judged, const Order& order,
                          std::size_t limit, const std::optional<std::string>& after, Audience audience) {
  auto at = after ? std::ranges::upper_bound(order, *after, {}, &Order::value_type::first) : order.begin();
  std::vector<std::string> items;
  for (; at != order.end() && items.size() < limit; ++at) {
    items.push_back(encode(view_of(at->second, *find(judged.state, at->second), audience)));
  }
  std::optional<std::string> next;
  if (at != order.end()) next = call.api.cursors.seal(scope, (at - 1)->first);
  return render_page(items, next);
}

/// Errors: as read_page_request.
Result<std::optional<std::string>> read_name_cursor(const ApiCall& call, std::string_view scope) {
  const auto cursor = call.request().query("cursor");
  if (!cursor) return tl::unexpected<Error>(cursor.error());
  if (!*cursor) return std::optional<std::string>{};
  auto name = call.api.cursors.open(scope, **cursor);
  if (!name) return tl::unexpected<Error>(std::move(name.error()));
  return std::optional(std::move(*name));
}

/// Pages in the order of names; the order is made once for each version of the list.
std::function<void(const ApiCallPtr&)> list_brands(Audience audience) {
  return [audience, made = std::make_shared<ByVersion<Order>>()](const ApiCallPtr& call) {
    const std::string_view scope = audience == Audience::kEverybody ? "brands" : "all brands";
    const auto limit = read_page_limit(*call);
    const auto after = read_name_cursor(*call, scope);
    if (!limit || !after) {
      call->refuse(limit ? after.error() : limit.error());
      return;
    }
    read_brands(call, [call, audience, made, scope, limit = *limit, after = *after](const Judged<Brands>& judged) {
      if (judged.refusal != nullptr) {
        call->refuse(judged.position, *judged.refusal);
        return;
      }
      const auto order = made->get(judged.version, [&] { return order_of(judged.state, audience); });
      call->answer_entity(judged.position, judged.version,
                          render_brands(*call, scope, judged, *order, limit, after, audience));
    });
  };
}

void answer_brand(const ApiCallPtr& call, BrandId id, const Judged<Brands>& judged, Audience audience,
                  int status = 200) {
  if (judged.refusal != nullptr) {
    call->refuse(judged.position, *judged.refusal);
    return;
  }
  const Brand* brand = find(judged.state, id);
  if (brand == nullptr || (audience == Audience::kEverybody && brand->deleted)) {
    call->refuse(judged.position, no_such_brand());
    return;
  }
  std::string body = encode(view_of(id, *brand, audience));
  if (status == 200) {
    call->answer_entity(judged.position, judged.version, std::move(body));
    return;
  }
  auto response = http::json_response(status, std::move(body));
  response.location = "/api/v1/admin/brands/" + id.str();
  response.etag = call->etag(judged.version);
  call->answer(judged.position, std::move(response));
}

Result<BrandId> id_in(const ApiCallPtr& call) {
  return call->id<BrandTag>("id", "brands.brand_not_found");
}

std::function<void(const ApiCallPtr&)> get_brand(Audience audience) {
  return [audience](const ApiCallPtr& call) {
    const auto id = id_in(call);
    if (!id) {
      call->refuse(id.error());
      return;
    }
    read_brands(call,
                [call, id = *id, audience](const Judged<Brands>& judged) { answer_brand(call, id, judged, audience); });
  };
}

void add_brand(const ApiCallPtr& call) {
  auto body = call->body<AddBody>();
  if (!body) {
    call->refuse(body.error());
    return;
  }
  const auto id = call->created_id<BrandId>("brand");
  ask_brands(call, brands::Add{id, std::move(body->name), std::move(body->description), std::move(body->logo)},
             call->options<Brands>(), [call, id](const Judged<Brands>& judged) {
               answer_brand(call, id, judged, Audience::kAdministrators, 201);
             });
}

/// A command for the brand in the path; `make` is given its id.
template <class Make>
void tell_brand(const ApiCallPtr& call, const Make& make) {
  const auto id = id_in(call);
  auto only_at = call->if_match();
  if (!id || !only_at) {
    call->refuse(id ? only_at.error() : id.error());
    return;
  }
  auto options = call->options<Brands>();
  options.only_at = std::move(*only_at);
  ask_brands(call, make(*id), std::move(options), [call, id = *id](const Judged<Brands>& judged) {
    answer_brand(call, id, judged, Audience::kAdministrators);
  });
}

/// A name cannot be taken away.
Result<ChangeBody> read_patch(const ApiCall& call) {
  auto body = call.body<ChangeBody>();
  if (!body) return body;
  const auto checked = for_each_removed(call.request().body, [&](std::string_view key) {
    if (key == "description") body->description = "";
    if (key == "logo") body->logo = "";
    return key != "name";
  });
  if (!checked) return tl::unexpected<Error>(checked.error());
  return body;
}

void change_brand(const ApiCallPtr& call) {
  const auto body = read_patch(*call);
  if (!body) {
    call->refuse(body.error());
    return;
  }
  tell_brand(call, [&](BrandId id) { return brands::Change{id, body->name, body->description, body->logo}; });
}

void add_read_routes(http::Router& router, Api& api) {
  http::RouteInfo read;
  read.is_public = true;
  read.name = "list_brands";
  read.summary = "Lists the brands in the order of their names";
  read.query = http::page_parameters();
  read.answers = {{200, http::page_of<BrandView>()}};
  add_route(router, api, http::Method::kGet, "/api/v1/brands", read, list_brands(Audience::kEverybody));
  read.is_public = false;
  read.role = kAdministrator;
  read.name = "list_brands_as_administrator";
  read.summary = "Lists the brands, deleted ones too";
  add_route(router, api, http::Method::kGet, "/api/v1/admin/brands", read, list_brands(Audience::kAdministrators));
  read.query = {};
  read.answers = {{200, http::schema<BrandView>()}};
  read.problems = {{404, "brands.brand_not_found"}};
  read.name = "get_brand_as_administrator";
  read.summary = "Shows a brand, also a deleted one";
  add_route(router, api, http::Method::kGet, "/api/v1/admin/brands/{id}", read, get_brand(Audience::kAdministrators));
  read.is_public = true;
  read.role = {};
  read.name = "get_brand";
  read.summary = "Shows a brand";
  add_route(router, api, http::Method::kGet, "/api/v1/brands/{id}", read, get_brand(Audience::kEverybody));
}

void add_write_routes(http::Router& router, Api& api) {
  const http::ProblemDoc missing{404, "brands.brand_not_found"};
  http::RouteInfo write;
  write.mutating = true;
  write.role = kAdministrator;
  write.name = "add_brand";
  write.summary = "Adds a brand";
  write.media_type = "application/json";
  write.body = http::schema<AddBody>();
  write.answers = {{201, http::schema<BrandView>()}};
  write.problems = {missing, {409, "brands.name_taken"}, {409, "brands.full"}, {409, "brands.brand_exists"}};
  add_route(router, api, http::Method::kPost, "/api/v1/admin/brands", write, add_brand);

  write.answers = {{200, http::schema<BrandView>()}};
  write.precondition = http::Precondition::kAccepted;
  write.media_type = {};
  write.body = {};
  write.problems = {missing};
  write.name = "delete_brand";
  write.summary = "Deletes a brand; its products stay what they are, of no brand";
  add_route(router, api, http::Method::kDelete, "/api/v1/admin/brands/{id}", write,
            [](const ApiCallPtr& call) { tell_brand(call, [](BrandId id) { return brands::Delete{id}; }); });
  write.name = "restore_brand";
  write.summary = "Brings a deleted brand back";
  add_route(router, api, http::Method::kPost, "/api/v1/admin/brands/{id}/restore", write,
            [](const ApiCallPtr& call) { tell_brand(call, [](BrandId id) { return brands::Restore{id}; }); });

  write.precondition = http::Precondition::kRequired;
  write.name = "change_brand";
  write.summary = "Changes a brand";
  write.media_type = "application/merge-patch+json";
  write.body = http::schema<ChangeBody>();
  write.problems = {missing, {409, "brands.name_taken"}, {409, "brands.deleted"}};
  add_route(router, api, http::Method::kPatch, "/api/v1/admin/brands/{id}", write, change_brand);
}

}  // namespace

void add_brand_routes(http::Router& router, Api& api) {
  add_read_routes(router, api);
  add_write_routes(router, api);
}

}  // namespace souk
