#include "gateway/commands/command_desk.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "engine/base/schema.hpp"
#include "gateway/api_call.hpp"
#include "gateway/catalogue/import.hpp"
#include "gateway/http/request_reader.hpp"
#include "gateway/http/router.hpp"
#include "gateway/routes/routes.hpp"
#include "privacy/keyed_hash.hpp"

namespace souk {

namespace {

/// Routes by their names.
constexpr std::array<std::string_view, 10> kOffered{
    "create_product", "change_product", "publish_product", "withdraw_product", "restore_product",
    "delete_product", "receive_stock",  "adjust_stock",    "configure_stock",  "import_catalogue_rows"};

struct Wanted {
  std::string id;
  std::string command;
  std::optional<ProductId> product_id;
  std::optional<std::string> sku;
  std::optional<std::string> body;  ///< as JSON text
};

const http::Route* route_called(const http::Router& router, std::string_view name) {
  if (std::ranges::find(kOffered, name) == kOffered.end()) return nullptr;
  const auto found = std::ranges::find_if(router.routes(), [&](const auto& route) { return route.info.name == name; });
  return found == router.routes().end() ? nullptr : &*found;
}

bool names_product(const http::Route& route) {
  return route.pattern.find('{') != std::string::npos;
}

/// False for a number that is no integer, which no body has.
bool write(JsonWriter& json, JsonValue value) {
  bool done = true;
  switch (value.type()) {
    case JsonType::kObject:
      json.begin_object();
      value.for_each_field([&](std::string_view key, JsonValue member) {
        json.escaped_key(key);
        return done = write(json, member);
      });
      json.end_object();
      break;
    case JsonType::kArray:
      json.begin_array();
      value.for_each_element([&](JsonValue element) { return done = write(json, element); });
      json.end_array();
      break;
    case JsonType::kString: json.string(*value.string()); break;
    case JsonType::kInteger: json.integer(*value.integer()); break;
    case JsonType::kNumber: done = false; break;
    case JsonType::kBool: json.boolean(*value.boolean()); break;
    case JsonType::kNull: json.null(); break;
  }
  return done;
}

tl::unexpected<Error> invalid(std::string_view reason, std::string detail) {
  return fail(ErrorCode::kInvalid, reason, std::move(detail));
}

Result<std::string> text_of(std::string_view key, JsonValue value) {
  if (const auto text = value.string()) return std::string(*text);
  return invalid("field.invalid", std::string(key) + ": must be a text");
}

Result<void> read_member(Wanted& wanted, std::string_view key, JsonValue value) {
  if (key == "body") {
    wanted.body.emplace();
    JsonWriter json(*wanted.body);
    if (!write(json, value)) return invalid("field.invalid", "body: numbers are integers");
    return {};
  }
  auto text = text_of(key, value);
  if (!text) return tl::unexpected<Error>(std::move(text.error()));
  if (key == "id") {
    wanted.id = std::move(*text);
  } else if (key == "command") {
    wanted.command = std::move(*text);
  } else if (key == "sku") {
    wanted.sku = std::move(*text);
  } else if (key == "product_id") {
    wanted.product_id = ProductId::parse(*text);
    if (!wanted.product_id) return invalid("field.invalid", "product_id: must be an id");
  } else {
    return invalid("field.invalid", std::string(key) + ": is not known");
  }
  return {};
}

Result<Wanted> read(std::string_view message) {
  Wanted wanted;
  auto done = read_json(message, [&](JsonValue json) -> Result<void> {
    Result<void> result;
    std::set<std::string, std::less<>> seen;
    const bool is_object = json.for_each_field([&](std::string_view key, JsonValue value) {
      result = seen.emplace(key).second ? read_member(wanted, key, value)
                                        : invalid("field.invalid", std::string(key) + ": is given twice");
      return result.has_value();
    });
    return is_object ? result : invalid("field.invalid", "a command is an object");
  });
  if (!done) return tl::unexpected<Error>(std::move(done.error()));
  const bool is_printable = std::ranges::all_of(wanted.id, [](char c) { return c >= 0x21 && c <= 0x7e; });
  if (wanted.id.empty() || wanted.id.size() > http::kIdempotencyKeySizeMax || !is_printable) {
    return invalid("command.id_invalid", "id: must be 1 to 255 printable characters without spaces");
  }
  return wanted;
}

/// The request that the message is, as a client would send it.
Result<std::string> request_text(const http::Route& route, const Wanted& wanted) {
  std::string path = route.pattern;
  if (names_product(route)) {
    if (wanted.product_id.has_value() == wanted.sku.has_value()) {
      return invalid("command.product_missing", "say which product, by product_id or by sku");
    }
    const auto product = wanted.product_id ? *wanted.product_id : product_id_for_sku(*wanted.sku);
    const auto begin = path.find('{');
    path.replace(begin, path.find('}') - begin + 1, product.str());
  } else if (wanted.product_id || wanted.sku) {
    return invalid("field.invalid", "product_id, sku: the body says which product");
  }
  const auto& media = route.info.media_type;
  if (media.empty() && wanted.body) return invalid("command.body_unwanted", "body: the command has none");
  const std::string body = wanted.body.value_or(media.empty() ? "" : "null");
  std::string text(http::name_of(route.method));
  text.append(" ").append(path).append(" HTTP/1.1\r\nHost: souk\r\nIdempotency-Key: ").append(wanted.id);
  // So the events that it causes can be found by it.
  if (http::is_safe_request_id(wanted.id)) text.append("\r\nX-Request-Id: ").append(wanted.id);
  if (!media.empty()) text.append("\r\nContent-Type: ").append(media);
  if (route.info.precondition == http::Precondition::kRequired) text.append("\r\nIf-Match: *");
  text.append("\r\nContent-Length: ").append(std::to_string(body.size())).append("\r\n\r\n").append(body);
  return text;
}

struct ProblemText {
  std::string reason;
  std::string detail;
  static constexpr auto fields() {
    return field_list(field("reason", &ProblemText::reason), defaulted("detail", &ProblemText::detail));
  }
};

constexpr std::string_view kDenied = "access.denied";

/// Whether the same may be answered otherwise another time. What the permissions do not let the insider do, they may
/// again: that says nothing of the command.
bool is_for_now(int status, std::string_view reason) {
  return status >= 500 || status == 408 || status == 429 || reason == "idempotency.in_progress" || reason == kDenied;
}

Result<void> outcome_of(const http::Response& response) {
  const auto body = response.body_view();
  if (response.status < 300) {
    const auto rows = decode<ImportView>(body, UnknownFields::kIgnored);
    if (!rows || rows->refused.empty()) return {};
    return fail(ErrorCode::kConflict, rows->refused.front().reason, rows->refused.front().detail);
  }
  const auto problem = decode<ProblemText>(body, UnknownFields::kIgnored).value_or(ProblemText{"server.no_answer", ""});
  const auto code = response.status == 500                        ? ErrorCode::kInternal
                    : is_for_now(response.status, problem.reason) ? ErrorCode::kUnavailable
                                                                  : ErrorCode::kConflict;
  return fail(code, problem.reason, problem.detail);
}

constexpr std::size_t kNotedDetailMax = 1'000;
constexpr std::string_view kKeyReused = "idempotency.key_reused";

/// The metadata of the command that notes what became of another one; its id names the note as well.
CommandMeta note_on(const Api& api, const CommandMeta& meta) {
  CommandMeta note = meta;
  note.command_id = CommandId{api.command_ids.id({"note", meta.command_id.str()})};
  return note;
}

}  // namespace

/// One message on its way.
struct CommandDesk::Case {
  Then then;
  bool is_last_try = false;
  CommandMeta meta = {};  ///< of the request that it is; without a key: it is none
};

/// What a connection is to a client's request. Nobody waits impatiently, so deadlines mean nothing.
class CommandDesk::Sink final : public http::ExchangeSink {
 public:
  Sink(Then then, std::function<void(const std::string& what)> report)
      : then_(std::move(then)), report_(std::move(report)) {}

  void answer(http::ExchangePtr /*exchange*/, http::Response response) override { then_(outcome_of(response)); }
  void begin_stream(http::ExchangePtr /*exchange*/, http::Response head, http::StreamPtr /*stream*/) override {
    then_(outcome_of(head));
  }
  void go_on(http::StreamPtr /*stream*/) override {}
  void set_deadline(http::ExchangePtr /*exchange*/, std::chrono::steady_clock::time_point /*when*/,
                    std::function<void(http::Exchange&)> /*fn*/) override {}
  void report(const http::Exchange& exchange, std::string_view what) noexcept override {
    report_(std::string(exchange.request().path()) + ": " + std::string(what));
  }

 private:
  const Then then_;
  const std::function<void(const std::string& what)> report_;
};

CommandDesk::CommandDesk(Api& api, std::string insider, std::function<void(const std::string& what)> report)
    : api_(api), insider_(std::move(insider)), report_(std::move(report)), router_(std::make_unique<http::Router>()) {
  add_admin_product_routes(*router_, api_);
  add_stock_routes(*router_, api_);
  add_catalogue_row_routes(*router_, api_);
}

CommandDesk::~CommandDesk() = default;

void CommandDesk::obey(std::string_view message, bool is_last_try, Then then) const {
  const auto wanted = read(message);
  if (!wanted) {
    then(tl::unexpected<Error>(wanted.error()));
    return;
  }
  const auto* route = route_called(*router_, wanted->command);
  if (route == nullptr) {
    then(invalid("command.unknown", "command: there is none of this name"));
    return;
  }
  const auto text = request_text(*route, *wanted);
  if (!text) {
    then(tl::unexpected<Error>(text.error()));
    return;
  }
  const http::ServerLimits limits;
  auto request = http::RequestReader(limits).read_whole(*text);
  if (!request || router_->match(**request).route != route) {
    then(invalid("command.unknown", "it makes no request"));
    return;
  }
  const auto mine = std::make_shared<Case>(std::move(then), is_last_try);
  auto sink = std::make_shared<Sink>([this, mine](Result<void> done) { conclude(mine, std::move(done)); }, report_);
  auto exchange = std::make_shared<http::Exchange>(std::move(sink), std::move(*request), route);
  exchange->set_insider(insider_);
  const auto call = std::make_shared<ApiCall>(api_, exchange);
  const auto problem = call->admit();
  const bool is_denied = problem && problem->reason == kDenied;
  if (is_denied_.exchange(is_denied) != is_denied && is_denied) {
    report_("the permissions do not let system:" + insider_ + " use " + std::string(route->info.name) +
            ": its commands wait until they do");
  }
  if (problem) {
    call->refuse(Position{}, *problem);
    return;
  }
  mine->meta = call->meta();
  if (!repeat(call)) route->handler(exchange);
}

bool CommandDesk::repeat(const std::shared_ptr<ApiCall>& call) const {
  const auto note = note_on(api_, call->meta());
  const auto known = api_.log.find_command(note.command_id);
  if (!known) return false;
  if (known->fingerprint != note.fingerprint) {
    call->refuse(Error{ErrorCode::kUnprocessable, std::string(kKeyReused), "this id belongs to another command"});
    return true;
  }
  api_.host.read<CommandNote>(note.command_id, {}, [call](const Judged<CommandNote>& judged) {
    if (judged.refusal != nullptr) {
      call->refuse(Error{ErrorCode::kUnavailable, judged.refusal->reason, judged.refusal->detail});
    } else if (const auto& outcome = judged.state.outcome; outcome && !outcome->refusal.empty()) {
      call->refuse(judged.position, Error{ErrorCode::kConflict, outcome->refusal, outcome->detail});
    } else {
      call->answer(judged.position, http::json_response(200, "{}"));
    }
  });
  return true;
}

void CommandDesk::conclude(const CasePtr& mine, Result<void> done) const {
  if (!done && done.error().code == ErrorCode::kInternal && mine->is_last_try) done.error().code = ErrorCode::kConflict;
  const bool is_open =
      !done && (done.error().code == ErrorCode::kUnavailable || done.error().code == ErrorCode::kInternal);
  const auto note = note_on(api_, mine->meta);
  const bool is_known =
      api_.log.find_command(note.command_id) ||
      (done ? api_.log.find_command(mine->meta.command_id).has_value() : done.error().reason == kKeyReused);
  if (is_open || is_known || !mine->meta.has_key) {
    mine->then(std::move(done));
    return;
  }
  command_note::Outcome outcome;
  if (!done) {
    outcome.refusal = done.error().reason;
    if (done.error().detail.size() <= kNotedDetailMax) outcome.detail = done.error().detail;
  }
  api_.host.ask<CommandNote>(
      note.command_id, command_note::Write{std::move(outcome)}, note, {},
      [this, mine, done](const Judged<CommandNote>& judged) {
        if (judged.refusal != nullptr) {
          mine->then(fail(ErrorCode::kUnavailable, judged.refusal->reason, judged.refusal->detail));
          return;
        }
        api_.answers.hold(judged.position, [mine, done] { mine->then(done); });
      });
}

std::string render_command_schemas(const http::Router& router) {
  Schemas schemas("#/$defs/");
  schemas.side = Schemas::Side::kInput;
  const std::string id = R"({"type":"string","minLength":1,"maxLength":255,"pattern":"^[!-~]+$"})";
  std::string all;
  for (const auto name : kOffered) {
    const auto* route = route_called(router, name);
    if (route == nullptr) continue;
    std::string properties = R"("id":)" + id + R"(,"command":{"const":")" + std::string(name) + "\"}";
    std::string required = R"("id","command")";
    if (names_product(*route)) {
      properties += R"(,"product_id":)" + schema_of<ProductId>(schemas) + R"(,"sku":{"type":"string"})";
    }
    if (!route->info.media_type.empty()) {
      const bool is_row = name == "import_catalogue_rows";
      properties +=
          R"(,"body":)" + (is_row ? R"({"anyOf":[)" + schema_of<ProductRow>(schemas) + "," +
                                        schema_of<CategoryRow>(schemas) + "," + schema_of<BrandRow>(schemas) + "]}"
                                  : route->info.body.write(schemas, route->info.body.limits));
      required += R"(,"body")";
    }
    if (!all.empty()) all += ',';
    all += R"({"type":"object","properties":{)" + properties + R"(},"required":[)" + required +
           R"(],"additionalProperties":false)" +
           (names_product(*route) ? R"(,"oneOf":[{"required":["product_id"]},{"required":["sku"]}])" : "") + "}";
  }
  std::string definitions;
  for (const auto& [name, schema] : schemas.components()) {
    definitions.append(definitions.empty() ? "" : ",").append("\"" + name + "\":").append(schema);
  }
  return R"({"$schema":"https://json-schema.org/draft/2020-12/schema","title":"Commands of Souk","oneOf":[)" + all +
         R"(],"$defs":{)" + definitions + "}}";
}

}  // namespace souk
