#include <algorithm>

#include "gateway/api_call.hpp"
#include "gateway/merge_patch.hpp"
#include "gateway/routes/routes.hpp"

namespace souk {
namespace {

using address_book::Entry;

constexpr int kTriesMax = 5;

struct AddressBody {
  std::string name;
  std::string phone_number;
  std::string province;
  std::string city;
  std::string region;
  std::string detail_address;
  bool is_default = false;
  static constexpr auto fields() {
    return field_list(field("name", &AddressBody::name), field("phone_number", &AddressBody::phone_number),
                      field("province", &AddressBody::province), field("city", &AddressBody::city),
                      field("region", &AddressBody::region), field("detail_address", &AddressBody::detail_address),
                      defaulted("is_default", &AddressBody::is_default));
  }
  static constexpr auto limits() { return Address::limits(); }
  static constexpr std::string_view kExample =
      R"({"name":"Ada Quill","phone_number":"+86 138-0013-8000","province":"Zhejiang","city":"Hangzhou",)"
      R"("region":"Xihu","detail_address":"Longjing Lane 17"})";
};

struct AddressPatch {
  std::optional<std::string> name;
  std::optional<std::string> phone_number;
  std::optional<std::string> province;
  std::optional<std::string> city;
  std::optional<std::string> region;
  std::optional<std::string> detail_address;
  static constexpr auto fields() {
    return field_list(field("name", &AddressPatch::name), field("phone_number", &AddressPatch::phone_number),
                      field("province", &AddressPatch::province), field("city", &AddressPatch::city),
                      field("region", &AddressPatch::region), field("detail_address", &AddressPatch::detail_address));
  }
  static constexpr auto limits() { return Address::limits(); }
  static constexpr std::string_view kExample = R"({"detail_address":"Longjing Lane 18"})";
};

struct AddressView {
  AddressId id;
  std::string name;
  std::string phone_number;
  std::string province;
  std::string city;
  std::string region;
  std::string detail_address;
  bool is_default = false;
  static constexpr auto fields() {
    return field_list(field("id", &AddressView::id), field("name", &AddressView::name),
                      field("phone_number", &AddressView::phone_number), field("province", &AddressView::province),
                      field("city", &AddressView::city), field("region", &AddressView::region),
                      field("detail_address", &AddressView::detail_address),
                      field("is_default", &AddressView::is_default));
  }
  static constexpr std::string_view kExample =
      R"({"id":"2z8rh12q7hwntdjcvz2a005xtj","name":"Ada Quill","phone_number":"+86 138-0013-8000",)"
      R"("province":"Zhejiang","city":"Hangzhou","region":"Xihu","detail_address":"Longjing Lane 17","is_default":true})";
};

struct AddressList {
  std::vector<AddressView> items;
  static constexpr auto fields() { return field_list(field("items", &AddressList::items)); }
};

Error no_such_address() {
  return {ErrorCode::kNotFound, "address_book.address_not_found", "there is no such address"};
}

Result<AddressId> id_in(const ApiCallPtr& call) {
  return call->id<AddressTag>("id", "address_book.address_not_found");
}

/// May read the disk.
Result<AddressView> open_entry(const ApiCallPtr& call, const Entry& entry, bool is_default) {
  return call->api.vault.open(call->account(), entry.address).map([&](const Address& address) {
    return AddressView{entry.id,     address.name,   address.phone_number,   address.province,
                       address.city, address.region, address.detail_address, is_default};
  });
}

void answer_address(const ApiCallPtr& call, AddressId id, const Judged<AddressBook>& judged, int status = 200) {
  if (judged.refusal != nullptr) {
    call->refuse(judged.position, *judged.refusal);
    return;
  }
  const Entry* entry = find(judged.state, id);
  if (entry == nullptr) {
    call->refuse(judged.position, no_such_address());
    return;
  }
  // Opening may read the disk, which an actor's thread must not wait for.
  call->api.queries.submit([call, entry = *entry, is_default = judged.state.default_address == id,
                            version = judged.version, position = judged.position, status] {
    const auto view = open_entry(call, entry, is_default);
    if (!view) {
      call->refuse(position, view.error());
      return;
    }
    if (status == 200) {
      call->answer_entity(position, version, encode(*view));
      return;
    }
    auto response = http::json_response(status, encode(*view));
    response.location = "/api/v1/account/addresses/" + entry.id.str();
    response.etag = call->etag(version);
    call->answer(position, std::move(response));
  });
}

void list_addresses(const ApiCallPtr& call) {
  call->api.host.read<AddressBook>(call->account(), {}, [call](const Judged<AddressBook>& judged) {
    if (judged.refusal != nullptr) {
      call->refuse(judged.position, *judged.refusal);
      return;
    }
    call->api.queries.submit([call, state = judged.state, version = judged.version, position = judged.position] {
      AddressList list;
      for (const auto& entry : state.entries) {
        auto view = open_entry(call, entry, state.default_address == entry.id);
        if (!view) {
          call->refuse(position, view.error());
          return;
        }
        list.items.push_back(std::move(*view));
      }
      call->answer_entity(position, version, encode(list));
    });
  });
}

void get_address(const ApiCallPtr& call) {
  const auto id = id_in(call);
  if (!id) {
    call->refuse(id.error());
    return;
  }
  call->api.host.read<AddressBook>(
      call->account(), {}, [call, id = *id](const Judged<AddressBook>& judged) { answer_address(call, id, judged); });
}

void ask(const ApiCallPtr& call, AddressBook::Command command, std::optional<std::vector<Version>> only_at,
         Then<AddressBook> then) {
  auto options = call->options<AddressBook>();
  options.only_at = std::move(only_at);
  call->api.host.ask<AddressBook>(call->account(), std::move(command), call->meta(), std::move(options),
                                  std::move(then));
}

void add_address(const ApiCallPtr& call) {
  auto body = call->body<AddressBody>();
  if (!body) {
    call->refuse(body.error());
    return;
  }
  const Address address{body->name, body->phone_number, body->province, body->city, body->region, body->detail_address};
  if (auto valid = validate(address); !valid) {
    call->refuse(valid.error());
    return;
  }
  const auto id = call->created_id<AddressId>("address");
  call->api.queries.submit([call, id, address, is_default = body->is_default] {
    auto sealed = call->api.vault.seal(call->account(), address);
    if (!sealed) {
      call->refuse(sealed.error());
      return;
    }
    ask(call, address_book::Add{id, std::move(*sealed), is_default}, std::nullopt,
        [call, id](const Judged<AddressBook>& judged) { answer_address(call, id, judged, 201); });
  });
}

/// What is taken away is empty, which only a region may be; the rules say so of the others.
Result<AddressPatch> read_patch(const ApiCall& call) {
  auto body = call.body<AddressPatch>();
  if (!body) return body;
  const auto checked = for_each_removed(call.request().body, [&](std::string_view key) {
    if (key == "region") body->region = "";
    return key == "region";
  });
  if (!checked) return tl::unexpected<Error>(checked.error());
  return body;
}

void merge(Address& address, const AddressPatch& patch) {
  const auto take = [](std::string& to, const std::optional<std::string>& from) {
    if (from) to = *from;
  };
  take(address.name, patch.name);
  take(address.phone_number, patch.phone_number);
  take(address.province, patch.province);
  take(address.city, patch.city);
  take(address.region, patch.region);
  take(address.detail_address, patch.detail_address);
}

/// A patch on its way; of what is sealed it can only be made here.
struct Patching {
  AddressId id;
  AddressPatch patch;
  std::optional<std::vector<Version>> only_at;
  int tries = 0;
};
using PatchingPtr = std::shared_ptr<Patching>;

void try_to_change(const ApiCallPtr& call, const PatchingPtr& patching);

void answer_changed(const ApiCallPtr& call, const PatchingPtr& patching, const Judged<AddressBook>& judged) {
  // Somebody else changed the book since it was looked at; nobody said that this must not be.
  const bool is_stale = judged.refusal != nullptr && judged.refusal->code == ErrorCode::kPreconditionFailed;
  if (is_stale && !patching->only_at && patching->tries < kTriesMax) {
    try_to_change(call, patching);
    return;
  }
  answer_address(call, patching->id, judged);
}

void merge_and_ask(const ApiCallPtr& call, const PatchingPtr& patching, const Entry& entry, Version version,
                   Position position) {
  const auto before = call->api.vault.open(call->account(), entry.address);
  if (!before) {
    call->refuse(position, before.error());
    return;
  }
  Address after = *before;
  merge(after, patching->patch);
  if (auto valid = validate(after); !valid) {
    call->refuse(position, valid.error());
    return;
  }
  address_book::Change command{entry.id, entry.address};
  if (after != *before) {
    auto sealed = call->api.vault.seal(call->account(), after);
    if (!sealed) {
      call->refuse(position, sealed.error());
      return;
    }
    command.address = std::move(*sealed);
  }
  auto only_at = patching->only_at.value_or(std::vector{version});
  // Of several allowed versions only the one that was looked at will do.
  if (std::ranges::find(only_at, version) != only_at.end()) only_at = {version};
  ask(call, std::move(command), std::move(only_at),
      [call, patching](const Judged<AddressBook>& judged) { answer_changed(call, patching, judged); });
}

void try_to_change(const ApiCallPtr& call, const PatchingPtr& patching) {
  ++patching->tries;
  call->api.host.read<AddressBook>(call->account(), {}, [call, patching](const Judged<AddressBook>& judged) {
    const Entry* entry = judged.refusal == nullptr ? find(judged.state, patching->id) : nullptr;
    if (entry == nullptr) {
      call->refuse(judged.position, judged.refusal != nullptr ? *judged.refusal : no_such_address());
      return;
    }
    call->api.queries.submit([call, patching, entry = *entry, version = judged.version, position = judged.position] {
      merge_and_ask(call, patching, entry, version, position);
    });
  });
}

void change_address(const ApiCallPtr& call) {
  const auto id = id_in(call);
  auto patch = read_patch(*call);
  auto only_at = call->if_match();
  if (!id || !patch || !only_at) {
    call->refuse(!id ? id.error() : (patch ? only_at.error() : patch.error()));
    return;
  }
  try_to_change(call, std::make_shared<Patching>(Patching{*id, std::move(*patch), std::move(*only_at), 0}));
}

void set_default(const ApiCallPtr& call) {
  const auto id = id_in(call);
  auto only_at = call->if_match();
  if (!id || !only_at) {
    call->refuse(id ? only_at.error() : id.error());
    return;
  }
  ask(call, address_book::SetDefault{*id}, std::move(*only_at),
      [call, id = *id](const Judged<AddressBook>& judged) { answer_address(call, id, judged); });
}

void remove_address(const ApiCallPtr& call) {
  const auto id = id_in(call);
  auto only_at = call->if_match();
  if (!id || !only_at) {
    call->refuse(id ? only_at.error() : id.error());
    return;
  }
  ask(call, address_book::Remove{*id}, std::move(*only_at), [call](const Judged<AddressBook>& judged) {
    if (judged.refusal != nullptr) {
      call->refuse(judged.position, *judged.refusal);
      return;
    }
    http::Response response;
    response.status = 204;
    call->answer(judged.position, std::move(response));
  });
}

}  // namespace

void add_address_routes(http::Router& router, Api& api) {
  const http::ProblemDoc missing{404, "address_book.address_not_found"};
  http::RouteInfo read;
  read.name = "list_addresses";
  read.summary = "Lists the caller's addresses";
  read.answers = {{200, http::list_of<AddressView, address_book::kAddressesMax>()}};
  add_route(router, api, http::Method::kGet, "/api/v1/account/addresses", read, list_addresses);
  read.name = "get_address";
  read.summary = "Shows one of the caller's addresses";
  read.answers = {{200, http::schema<AddressView>()}};
  read.problems = {missing};
  add_route(router, api, http::Method::kGet, "/api/v1/account/addresses/{id}", read, get_address);

  http::RouteInfo write;
  write.mutating = true;
  write.name = "add_address";
  write.summary = "Adds an address; the first one becomes the default";
  write.media_type = "application/json";
  write.body = http::schema<AddressBody>();
  write.answers = {{201, http::schema<AddressView>()}};
  write.problems = {missing, {409, "address_book.full"}, {409, "address_book.address_exists"}};
  add_route(router, api, http::Method::kPost, "/api/v1/account/addresses", write, add_address);

  write.precondition = http::Precondition::kAccepted;
  write.problems = {missing};
  write.name = "change_address";
  write.summary = "Changes an address";
  write.media_type = "application/merge-patch+json";
  write.body = http::schema<AddressPatch>();
  write.answers = {{200, http::schema<AddressView>()}};
  add_route(router, api, http::Method::kPatch, "/api/v1/account/addresses/{id}", write, change_address);
  write.name = "set_default_address";
  write.summary = "Makes an address the default";
  write.media_type = {};
  write.body = {};
  add_route(router, api, http::Method::kPut, "/api/v1/account/addresses/{id}/default", write, set_default);
  write.name = "remove_address";
  write.summary = "Removes an address; if it was the default, the oldest one left becomes it";
  write.answers = {{204, {}}};
  add_route(router, api, http::Method::kDelete, "/api/v1/account/addresses/{id}", write, remove_address);
}

}  // namespace souk
