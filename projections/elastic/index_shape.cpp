#include "projections/elastic/index_shape.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "engine/base/codec.hpp"

namespace souk::elastic {

namespace {

/// Nobody's work waits for long for these.
constexpr Duration kCallMax = Duration::milliseconds(2'000);

tl::unexpected<Error> strange(std::string what) {
  return fail(ErrorCode::kUnavailable, "elasticsearch.answer", std::move(what));
}

struct Meta {
  std::string log;
  std::int64_t epoch = 0;
  std::string schema;
  static constexpr auto fields() {
    return field_list(field("log", &Meta::log), field("epoch", &Meta::epoch), field("schema", &Meta::schema));
  }
};

Meta meta_of(const LogIdentity& log, std::string schema) {
  return {log.log_id.str(), static_cast<std::int64_t>(log.epoch), std::move(schema)};
}

/// Calls back with each index of an answer about mappings, and what it says of itself, if it is one of ours.
Result<void> each_meta(const std::string& answer, FunctionRef<void(std::string_view, std::optional<Meta>)> tell) {
  return read_json(answer, [&](JsonValue all) -> Result<void> {
    all.for_each_field([&](std::string_view index, JsonValue one) {
      std::optional<Meta> meta;
      one.for_each_field([&](std::string_view /*mappings*/, JsonValue mappings) {
        mappings.for_each_field([&](std::string_view key, JsonValue value) {
          if (key != "_meta") return true;
          value.for_each_field([&](std::string_view whose, JsonValue own) {
            if (whose != "souk") return true;
            if (auto read = decode<Meta>(own, UnknownFields::kIgnored)) meta = std::move(*read);
            return true;
          });
          return true;
        });
        return true;
      });
      tell(index, std::move(meta));
      return true;
    });
    return {};
  });
}

void write_type(JsonWriter& out, std::string_view name, std::string_view type, bool with_columns = true) {
  out.key(name);
  out.begin_object();
  out.key("type");
  out.string(type);
  if (!with_columns) {
    out.key("doc_values");
    out.boolean(false);
  }
  out.end_object();
}

/// Where a word stands and how often does not matter: only whether.
void write_words(JsonWriter& out, std::string_view name, std::string_view analyzer) {
  out.key(name);
  out.begin_object();
  out.key("type");
  out.string("text");
  out.key("analyzer");
  out.string(analyzer);
  if (analyzer == "whitespace") {
    out.key("index_options");
    out.string("docs");
    out.key("norms");
    out.boolean(false);
  }
  out.end_object();
}

void write_settings(JsonWriter& out, bool building) {
  out.key("number_of_shards");
  out.integer(1);
  // It is said when something shall be found, so that it is known what can be.
  out.key("refresh_interval");
  out.string("-1");
  out.key("auto_expand_replicas");
  out.string(building ? "false" : "0-1");
  if (building) {
    out.key("number_of_replicas");
    out.integer(0);
  }
}

}  // namespace

std::string definition_of(const IndexShape& shape, const std::string& alias, bool building) {
  std::string text;
  JsonWriter out(text);
  out.begin_object();
  out.key("settings");
  out.begin_object();
  write_settings(out, building);
  out.end_object();
  out.key("aliases");
  out.begin_object();
  out.escaped_key(alias);
  out.begin_object();
  out.end_object();
  out.end_object();
  out.key("mappings");
  out.begin_object();
  out.key("dynamic");
  out.string("strict");
  out.key("_meta");
  out.begin_object();
  out.key("souk");
  codec::write(out, meta_of(shape.log, shape.schema));
  out.end_object();
  out.key("properties");
  out.begin_object();
  for (const auto* name : {"name", "facts", "description"}) write_words(out, name, "whitespace");
  if (!shape.analyzer.empty()) write_words(out, "text", shape.analyzer);
  write_type(out, "seen", "boolean", false);
  write_type(out, "in_stock", "boolean", false);
  write_type(out, "share", "short");
  write_type(out, "rank", "byte");
  for (const auto* name : {"sold", "price", "created"}) write_type(out, name, "long");
  for (const auto* name : {"category", "brand"}) write_type(out, name, "keyword");
  write_type(out, "within", "keyword", false);
  out.key("state");
  out.begin_object();
  out.key("type");
  out.string("object");
  out.key("enabled");
  out.boolean(false);
  out.end_object();
  out.end_object();
  out.end_object();
  out.end_object();
  return text;
}

Result<void> check_shape(const std::string& mapping, const std::string& index, const IndexShape& shape) {
  std::optional<Meta> found;
  auto read =
      each_meta(mapping, [&](std::string_view /*index*/, std::optional<Meta> meta) { found = std::move(meta); });
  if (!read) return strange("the mapping of " + index + ": " + read.error().detail);
  const auto wanted = meta_of(shape.log, shape.schema);
  if (!found || found->log != wanted.log) {
    return fail(ErrorCode::kInternal, "elasticsearch.foreign_index",
                "the index " + index + " is not of this shop's log; choose another search.elasticsearch_index_prefix");
  }
  if (found->epoch != wanted.epoch || found->schema != wanted.schema) {
    return fail(ErrorCode::kInternal, "projection.other_schema",
                "the index " + index + " is of another program, or was made with other settings");
  }
  return {};
}

Result<std::vector<std::uint64_t>> generations_of(Client& client, const std::string& alias, const LogIdentity& log) {
  auto text = body_of(client.call({"GET", "/" + alias + "-*/_mapping?filter_path=*.mappings._meta", {}, kCallMax}));
  if (!text) return tl::unexpected<Error>(std::move(text.error()));
  std::vector<std::uint64_t> found;
  auto read = each_meta(*text, [&](std::string_view index, const std::optional<Meta>& meta) {
    std::uint64_t generation = 0;
    const char* begin = index.data() + std::min(index.size(), alias.size() + 1);
    const auto parsed = std::from_chars(begin, index.data() + index.size(), generation);
    if (parsed.ec != std::errc{} || parsed.ptr != index.data() + index.size()) return;
    if (meta && meta->log == log.log_id.str()) found.push_back(generation);
  });
  if (!read) return strange("the indices of " + alias + ": " + read.error().detail);
  return found;
}

Result<void> point_alias(Client& client, const std::string& alias, const std::string& index, Duration longest) {
  std::string body;
  JsonWriter out(body);
  const auto action = [&](std::string_view what, const std::string& of, bool must_exist) {
    out.begin_object();
    out.key(what);
    out.begin_object();
    out.key("index");
    out.string(of);
    out.key("alias");
    out.string(alias);
    if (!must_exist) {
      out.key("must_exist");
      out.boolean(false);
    }
    out.end_object();
    out.end_object();
  };
  out.begin_object();
  out.key("actions");
  out.begin_array();
  action("remove", alias + "-*", false);
  action("add", index, true);
  out.end_array();
  out.end_object();
  auto done = body_of(client.call({"POST", "/_aliases", std::move(body), longest}));
  if (!done) return tl::unexpected<Error>(std::move(done.error()));
  return {};
}

Result<bool> is_alias_of(Client& client, const std::string& alias, const std::string& index) {
  auto said = client.call({"GET", "/_alias/" + alias + "?filter_path=*.aliases", {}, kCallMax});
  if (said && said->status == 404) return false;
  const auto text = body_of(std::move(said));
  if (!text) return tl::unexpected<Error>(text.error());
  bool is_only = true;
  std::size_t count = 0;
  auto read = read_json(*text, [&](JsonValue all) -> Result<void> {
    all.for_each_field([&](std::string_view name, JsonValue /*aliases*/) {
      ++count;
      is_only = is_only && name == index;
      return true;
    });
    return {};
  });
  if (!read) return strange("what " + alias + " stands for: " + read.error().detail);
  return is_only && count == 1;
}

Result<void> drop_index(Client& client, const std::string& index) {
  auto done = client.call({"DELETE", "/" + index + "?ignore_unavailable=true", {}, kCallMax});
  auto body = body_of(std::move(done));
  if (!body) return tl::unexpected<Error>(std::move(body.error()));
  return {};
}

}  // namespace souk::elastic
