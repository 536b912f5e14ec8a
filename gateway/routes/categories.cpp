#include "gateway/catalogue/catalogue.hpp"
#include "gateway/merge_patch.hpp"
#include "gateway/routes/routes.hpp"

namespace souk {
namespace {

using category_tree::Category;

constexpr auto kNameLimit = limit("name", length(1, category_tree::kNameSizeMax), matching("^[^/]*$"));
constexpr auto kDescriptionLimit = limit("description", length(0, category_tree::kDescriptionSizeMax));

struct AddBody {
  std::string name;
  std::string description;
  std::optional<CategoryId> parent_id;
  std::optional<CategoryId> before_id;
  static constexpr auto fields() {
    return field_list(field("name", &AddBody::name), defaulted("description", &AddBody::description),
                      field("parent_id", &AddBody::parent_id), field("before_id", &AddBody::before_id));
  }
  static constexpr auto limits() {
    return limit_list(kNameLimit, kDescriptionLimit, limit("parent_id", says("Left out: it is a root")),
                      limit("before_id", says("The sibling that it comes before; left out: it is the last")));
  }
  static constexpr std::string_view kExample = R"({"name":"tea","description":"Leaves of Camellia sinensis"})";
};

struct ChangeBody {
  std::optional<std::string> name;
  std::optional<std::string> description;
  static constexpr auto fields() {
    return field_list(field("name", &ChangeBody::name), field("description", &ChangeBody::description));
  }
  static constexpr auto limits() {
    return limit_list(limit("name", length(1, category_tree::kNameSizeMax), matching("^[^/]*$"), not_null()),
                      kDescriptionLimit);
  }
  static constexpr std::string_view kExample = R"({"name":"teas"})";
};

struct MoveBody {
  std::optional<CategoryId> parent_id;
  std::optional<CategoryId> before_id;
  static constexpr auto fields() {
    return field_list(field("parent_id", &MoveBody::parent_id), field("before_id", &MoveBody::before_id));
  }
  static constexpr auto limits() {
    return limit_list(limit("parent_id", says("Left out: it becomes a root")),
                      limit("before_id", says("The sibling that it comes before; left out: it becomes the last")));
  }
  static constexpr std::string_view kExample = R"({"parent_id":"2z8rh12q7hwntdjcvz2a005xtj"})";
};

struct CategoryView {
  CategoryId id;
  std::optional<CategoryId> parent_id;
  std::string name;
  std::string path;
  std::string description;
  std::optional<bool> deleted;  ///< for administrators
  static constexpr auto fields() {
    using V = CategoryView;
    return field_list(field("id", &V::id), field("parent_id", &V::parent_id), field("name", &V::name),
                      field("path", &V::path), field("description", &V::description), field("deleted", &V::deleted));
  }
  static constexpr auto limits() { return limit_list(limit("deleted", says("Told to administrators"))); }
  static constexpr std::string_view kExample =
      R"({"id":"4sv5h78k6pjw7h97x12wjbtvhv","parent_id":"3rdxj6pfdwqhqx5jvkd3b7jxe3","name":"tea",)"
      R"("path":"food/tea","description":"Leaves of Camellia sinensis"})";
};

struct CategoryList {
  std::vector<CategoryView> items;
  static constexpr auto fields() { return field_list(field("items", &CategoryList::items)); }
};

CategoryView view_of(const category_tree::State& state, CategoryId id, const Category& category, Audience audience) {
  CategoryView view{id, category.parent, category.name, path_of(state, id), category.description, std::nullopt};
  if (audience == Audience::kAdministrators) view.deleted = category.deleted;
  return view;
}

std::string render_tree(const category_tree::State& state, Audience audience) {
  CategoryList list;
  for (const CategoryId id : in_order(state)) {
    const Category& category = *find(state, id);
    if (audience == Audience::kEverybody && category.deleted) continue;
    list.items.push_back(view_of(state, id, category, audience));
  }
  return encode(list);
}

Error no_such_category() {
  return {ErrorCode::kNotFound, "category_tree.category_not_found", "there is no such category"};
}

/// The whole tree; its bytes are made once for each of its versions.
std::function<void(const ApiCallPtr&)> list_categories(Audience audience) {
  return [audience, made = std::make_shared<ByVersion<std::string>>()](const ApiCallPtr& call) {
    read_categories(call, [call, audience, made](const Judged<CategoryTree>& judged) {
      if (judged.refusal != nullptr) {
        call->refuse(judged.position, *judged.refusal);
        return;
      }
      http::Response response;
      response.shared_body = made->get(judged.version, [&] { return render_tree(judged.state, audience); });
      response.etag = call->etag(judged.version);
      call->answer(judged.position, std::move(response));
    });
  };
}

void answer_category(const ApiCallPtr& call, CategoryId id, const Judged<CategoryTree>& judged, Audience audience,
                     int status = 200) {
  if (judged.refusal != nullptr) {
    call->refuse(judged.position, *judged.refusal);
    return;
  }
  const Category* category = find(judged.state, id);
  if (category == nullptr || (audience == Audience::kEverybody && category->deleted)) {
    call->refuse(judged.position, no_such_category());
    return;
  }
  std::string body = encode(view_of(judged.state, id, *category, audience));
  if (status == 200) {
    call->answer_entity(judged.position, judged.version, std::move(body));
    return;
  }
  auto response = http::json_response(status, std::move(body));
  response.location = "/api/v1/admin/categories/" + id.str();
  response.etag = call->etag(judged.version);
  call->answer(judged.position, std::move(response));
}

Result<CategoryId> id_in(const ApiCallPtr& call) {
  return call->id<CategoryTag>("id", "category_tree.category_not_found");
}

std::function<void(const ApiCallPtr&)> get_category(Audience audience) {
  return [audience](const ApiCallPtr& call) {
    const auto id = id_in(call);
    if (!id) {
      call->refuse(id.error());
      return;
    }
    read_categories(call, [call, id = *id, audience](const Judged<CategoryTree>& judged) {
      answer_category(call, id, judged, audience);
    });
  };
}

void add_category(const ApiCallPtr& call) {
  auto body = call->body<AddBody>();
  if (!body) {
    call->refuse(body.error());
    return;
  }
  const auto id = call->created_id<CategoryId>("category");
  category_tree::Add command{id, body->parent_id.value_or(CategoryId{}), std::move(body->name),
                             std::move(body->description), body->before_id};
  ask_categories(call, std::move(command), call->options<CategoryTree>(),
                 [call, id](const auto& judged) { answer_category(call, id, judged, Audience::kAdministrators, 201); });
}

/// A command for the category in the path; `make` is given its id.
template <class Make>
void tell_category(const ApiCallPtr& call, const Make& make) {
  const auto id = id_in(call);
  auto only_at = call->if_match();
  if (!id || !only_at) {
    call->refuse(id ? only_at.error() : id.error());
    return;
  }
  auto options = call->options<CategoryTree>();
  options.only_at = std::move(*only_at);
  ask_categories(call, make(*id), std::move(options), [call, id = *id](const auto& judged) {
    answer_category(call, id, judged, Audience::kAdministrators);
  });
}

/// A name cannot be taken away.
Result<ChangeBody> read_patch(const ApiCall& call) {
  auto body = call.body<ChangeBody>();
  if (!body) return body;
  const auto checked = for_each_removed(call.request().body, [&](std::string_view key) {
    if (key == "description") body->description = "";
    return key != "name";
  });
  if (!checked) return tl::unexpected<Error>(checked.error());
  return body;
}

void change_category(const ApiCallPtr& call) {
  const auto body = read_patch(*call);
  if (!body) {
    call->refuse(body.error());
    return;
  }
  tell_category(call, [&](CategoryId id) { return category_tree::Change{id, body->name, body->description}; });
}

void move_category(const ApiCallPtr& call) {
  const auto body = call->body<MoveBody>();
  if (!body) {
    call->refuse(body.error());
    return;
  }
  tell_category(call, [&](CategoryId id) {
    return category_tree::Move{id, body->parent_id.value_or(CategoryId{}), body->before_id};
  });
}

void delete_category(const ApiCallPtr& call) {
  tell_category(call, [](CategoryId id) { return category_tree::Delete{id}; });
}

void restore_category(const ApiCallPtr& call) {
  tell_category(call, [](CategoryId id) { return category_tree::Restore{id}; });
}

const http::ProblemDoc kMissing{404, "category_tree.category_not_found"};

void add_read_routes(http::Router& router, Api& api) {
  http::RouteInfo read;
  read.is_public = true;
  read.name = "list_categories";
  read.summary = "Lists the tree of categories, parents before their children, siblings in their order";
  read.answers = {{200, http::list_of<CategoryView, category_tree::kCategoriesMax>()}};
  add_route(router, api, http::Method::kGet, "/api/v1/categories", read, list_categories(Audience::kEverybody));
  read.is_public = false;
  read.role = kAdministrator;
  read.name = "list_categories_as_administrator";
  read.summary = "Lists the tree of categories, deleted ones too";
  add_route(router, api, http::Method::kGet, "/api/v1/admin/categories", read,
            list_categories(Audience::kAdministrators));
  read.answers = {{200, http::schema<CategoryView>()}};
  read.problems = {kMissing};
  read.name = "get_category_as_administrator";
  read.summary = "Shows a category, also a deleted one";
  add_route(router, api, http::Method::kGet, "/api/v1/admin/categories/{id}", read,
            get_category(Audience::kAdministrators));
  read.is_public = true;
  read.role = {};
  read.name = "get_category";
  read.summary = "Shows a category";
  add_route(router, api, http::Method::kGet, "/api/v1/categories/{id}", read, get_category(Audience::kEverybody));
}

void add_write_routes(http::Router& router, Api& api) {
  const http::ProblemDoc taken{409, "category_tree.name_taken"};
  const http::ProblemDoc deleted{409, "category_tree.deleted"};
  const http::ProblemDoc no_parent{409, "category_tree.parent_unknown"};
  const http::ProblemDoc dead_parent{409, "category_tree.parent_deleted"};
  const http::ProblemDoc no_sibling{409, "category_tree.before_unknown"};
  const http::ProblemDoc too_deep{409, "category_tree.too_deep"};
  http::RouteInfo write;
  write.mutating = true;
  write.role = kAdministrator;
  write.name = "add_category";
  write.summary = "Adds a category";
  write.media_type = "application/json";
  write.body = http::schema<AddBody>();
  write.answers = {{201, http::schema<CategoryView>()}};
  write.problems = {kMissing,
                    taken,
                    no_parent,
                    dead_parent,
                    no_sibling,
                    too_deep,
                    {409, "category_tree.full"},
                    {409, "category_tree.category_exists"}};
  add_route(router, api, http::Method::kPost, "/api/v1/admin/categories", write, add_category);

  write.answers = {{200, http::schema<CategoryView>()}};
  write.precondition = http::Precondition::kAccepted;
  write.name = "move_category";
  write.summary = "Moves a category with everything below it, also among its siblings";
  write.body = http::schema<MoveBody>();
  write.problems = {kMissing,    taken,      deleted,  no_parent,
                    dead_parent, no_sibling, too_deep, {409, "category_tree.cycle"}};
  add_route(router, api, http::Method::kPost, "/api/v1/admin/categories/{id}/move", write, move_category);
  write.media_type = {};
  write.body = {};
  write.name = "delete_category";
  write.summary = "Deletes a category that has none below it; its products stay what they are, in no category";
  write.problems = {kMissing, {409, "category_tree.has_children"}};
  add_route(router, api, http::Method::kDelete, "/api/v1/admin/categories/{id}", write, delete_category);
  write.name = "restore_category";
  write.summary = "Brings a deleted category back to its place, and its products into it";
  write.problems = {kMissing, dead_parent};
  add_route(router, api, http::Method::kPost, "/api/v1/admin/categories/{id}/restore", write, restore_category);

  write.precondition = http::Precondition::kRequired;
  write.name = "change_category";
  write.summary = "Changes a category's name or description";
  write.media_type = "application/merge-patch+json";
  write.body = http::schema<ChangeBody>();
  write.problems = {kMissing, taken, deleted};
  add_route(router, api, http::Method::kPatch, "/api/v1/admin/categories/{id}", write, change_category);
}

}  // namespace

void add_category_routes(http::Router& router, Api& api) {
  add_read_routes(router, api);
  add_write_routes(router, api);
}

}  // namespace souk
