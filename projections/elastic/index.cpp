#include "projections/elastic/index.hpp"

#include <algorithm>
#include <functional>
#include <numeric>
#include <utility>

namespace souk::elastic {

namespace {

constexpr std::string_view kStateId = "~state";
constexpr std::size_t kBulkBytes = 1U << 20U;
/// As long as a server may be too busy for some of what it is sent, before all of it is tried again later.
constexpr RetryPolicy kBusy{6, Duration::milliseconds(50), Duration::milliseconds(800), {}};

tl::unexpected<Error> strange(std::string what) {
  return fail(ErrorCode::kUnavailable, "elasticsearch.answer", std::move(what));
}

struct StoredState {
  struct Source {
    IndexState state;
    static constexpr auto fields() { return field_list(field("state", &Source::state)); }
  };
  Source source;
  static constexpr auto fields() { return field_list(field("_source", &StoredState::source)); }
};

struct BulkAnswer {
  struct Problem {
    std::string type;
    std::string reason;
    static constexpr auto fields() {
      return field_list(defaulted("type", &Problem::type), defaulted("reason", &Problem::reason));
    }
  };
  struct Outcome {
    std::int64_t status = 0;
    std::optional<Problem> error;
    static constexpr auto fields() {
      return field_list(field("status", &Outcome::status), field("error", &Outcome::error));
    }
  };
  struct Item {
    Outcome index;
    static constexpr auto fields() { return field_list(field("index", &Item::index)); }
  };
  std::vector<Item> items;
  static constexpr auto fields() { return field_list(field("items", &BulkAnswer::items)); }
};

void append_bulk(std::string& bulk, const Versioned& one) {
  JsonWriter action(bulk);
  action.begin_object();
  action.key("index");
  action.begin_object();
  action.key("_id");
  action.string(one.product.str());
  action.key("version");
  action.unsigned_integer(one.changed.value);
  // The same version is the same document: sent again, it is not refused.
  action.key("version_type");
  action.string("external_gte");
  action.end_object();
  action.end_object();
  bulk.push_back('\n');
  encode_to(bulk, one.document);
  bulk.push_back('\n');
}

/// The name under which it is written to. A write to a name that is gone fails, where one to an index that is gone
/// would make another one, of no shape.
std::string writing(const std::string& index) {
  return index + "-write";
}

}  // namespace

Duration Index::left() const {
  const auto left = until_.value_or(std::chrono::steady_clock::time_point::max()) - std::chrono::steady_clock::now();
  return Duration{std::chrono::duration_cast<std::chrono::microseconds>(left).count()};
}

Result<HttpAnswer> Index::ask(std::string_view method, const std::string& path, std::string body) {
  Request request{method, path, std::move(body)};
  if (until_) {
    request.deadline_max = left();
    if (request.deadline_max->us <= 0) return fail(ErrorCode::kUnavailable, "http.timeout", "the server is too slow");
  }
  return client_.call(request);
}

Result<std::string> Index::call(std::string_view method, const std::string& path, std::string body) {
  return body_of(ask(method, path, std::move(body)));
}

Result<void> Index::create(bool building) {
  auto created = call("PUT", "/" + name_, definition_of(shape_, writing(name_), building));
  if (!created) return tl::unexpected<Error>(std::move(created.error()));
  return {};
}

Result<std::optional<Index::Opened>> Index::find() {
  mark_.reset();
  auto mapping = ask("GET", "/" + name_ + "/_mapping");
  if (mapping && mapping->status == 404) return std::optional<Opened>{};
  auto text = body_of(std::move(mapping));
  if (!text) return tl::unexpected<Error>(std::move(text.error()));
  if (auto checked = check_shape(*text, name_, shape_); !checked) {
    return tl::unexpected<Error>(std::move(checked.error()));
  }
  auto state =
      ask("GET", "/" + name_ + "/_doc/" + std::string(kStateId) + "?filter_path=_source,_seq_no,_primary_term");
  if (state && state->status == 404) return std::optional(Opened{{}, true});
  auto source = body_of(std::move(state));
  if (!source) return tl::unexpected<Error>(std::move(source.error()));
  auto stored = decode<StoredState>(*source, UnknownFields::kIgnored);
  if (!stored) return strange("the state of " + name_ + ": " + stored.error().detail);
  const auto mark = decode<Mark>(*source, UnknownFields::kIgnored);
  if (!mark) return strange("the state of " + name_ + ": " + mark.error().detail);
  mark_ = *mark;
  return std::optional(Opened{std::move(stored->source.state), false});
}

Result<Index::Opened> Index::open(bool building) {
  auto found = find();
  if (!found) return tl::unexpected<Error>(std::move(found.error()));
  if (*found) return std::move(**found);
  if (auto created = create(building); !created) return tl::unexpected<Error>(std::move(created.error()));
  return Opened{{}, true};
}

Result<void> Index::settle() {
  std::string settings;
  JsonWriter out(settings);
  out.begin_object();
  out.key("auto_expand_replicas");
  out.string("0-1");
  out.end_object();
  auto done = call("PUT", "/" + name_ + "/_settings", std::move(settings));
  if (done) done = call("POST", "/" + name_ + "/_flush");
  if (done) done = call("POST", "/" + name_ + "/_refresh");
  if (!done) return tl::unexpected<Error>(std::move(done.error()));
  return {};
}

Result<void> Index::refresh() {
  struct Answer {
    struct Shards {
      std::int64_t successful = 0;
      std::int64_t failed = 0;
      static constexpr auto fields() {
        return field_list(field("successful", &Shards::successful), field("failed", &Shards::failed));
      }
    };
    Shards shards;
    static constexpr auto fields() { return field_list(field("_shards", &Answer::shards)); }
  };
  auto done = call("POST", "/" + name_ + "/_refresh?filter_path=_shards");
  if (!done) return tl::unexpected<Error>(std::move(done.error()));
  const auto answer = decode<Answer>(*done, UnknownFields::kIgnored);
  if (!answer) return strange("what was refreshed: " + answer.error().detail);
  if (answer->shards.failed == 0 && answer->shards.successful > 0) return {};
  return fail(ErrorCode::kUnavailable, "elasticsearch.refused", "not all of " + name_ + " was refreshed");
}

Result<void> Index::save(const IndexState& state) {
  std::string document = "{\"state\":";
  encode_to(document, state);
  document.push_back('}');
  std::string path =
      "/" + writing(name_) + "/_doc/" + std::string(kStateId) + "?require_alias=true&filter_path=_seq_no,_primary_term";
  if (mark_) {
    path += "&if_seq_no=" + std::to_string(mark_->number) + "&if_primary_term=" + std::to_string(mark_->term);
  } else {
    path += "&op_type=create";
  }
  auto said = ask("PUT", path, std::move(document));
  if (said && said->status == 409) {
    return fail(ErrorCode::kUnavailable, "elasticsearch.state_moved",
                "somebody else has written into " + name_ + ", or it was put back from a copy");
  }
  auto saved = body_of(std::move(said));
  if (!saved) return tl::unexpected<Error>(std::move(saved.error()));
  const auto mark = decode<Mark>(*saved, UnknownFields::kIgnored);
  if (!mark) return strange("the state of " + name_ + ": " + mark.error().detail);
  mark_ = *mark;
  return {};
}

Result<bool> Index::is_as_left() {
  auto said = ask("GET", "/" + name_ + "/_doc/" + std::string(kStateId) + "?_source=false");
  if (said && said->status == 404) return false;
  auto text = body_of(std::move(said));
  if (!text) return tl::unexpected<Error>(std::move(text.error()));
  const auto mark = decode<Mark>(*text, UnknownFields::kIgnored);
  if (!mark) return strange("the state of " + name_ + ": " + mark.error().detail);
  return mark_ == *mark;
}

Result<std::vector<Index::Refusal>> Index::write(const std::vector<Versioned>& documents,
                                                 const std::function<void(Duration)>& rest) {
  std::vector<Refusal> refusals;
  std::vector<std::size_t> wanted(documents.size());
  std::iota(wanted.begin(), wanted.end(), std::size_t{0});
  for (int attempt = 1; !wanted.empty(); ++attempt) {
    if (attempt > 1) rest(retry_delay(kBusy, attempt - 1, chance()));
    auto sent = send(documents, wanted, refusals);
    if (!sent) return tl::unexpected<Error>(std::move(sent.error()));
    if (!wanted.empty() && attempt == kBusy.attempts_max) {
      return fail(ErrorCode::kUnavailable, "elasticsearch.busy",
                  "the server is too busy for " + std::to_string(wanted.size()) + " documents");
    }
  }
  if (refusals.empty()) return refusals;
  const auto is_ours = is_alias_of(client_, writing(name_), name_);
  if (!is_ours) return tl::unexpected<Error>(is_ours.error());
  if (*is_ours) return refusals;
  return fail(ErrorCode::kUnavailable, "elasticsearch.refused",
              "the name " + writing(name_) + " does not stand for " + name_ + " alone");
}

namespace {

/// Whether it is the document that the server does not like, and not the index.
bool is_about_document(const std::string& type) {
  return type == "mapper_parsing_exception" || type == "document_parsing_exception" ||
         type == "strict_dynamic_mapping_exception" || type == "illegal_argument_exception";
}

/// What became of one document. True: it is to be sent again.
Result<bool> judge(const BulkAnswer::Outcome& outcome, std::size_t document, std::vector<Index::Refusal>& refusals) {
  const auto problem = outcome.error.value_or(BulkAnswer::Problem{});
  switch (outcome.status) {
    case 200:
    case 201:
    case 409: return false;  // or a newer one is there
    case 429:
    case 503: return true;
    case 400:
      if (!is_about_document(problem.type)) break;
      refusals.push_back({document, "elasticsearch.document_refused", problem.type + ": " + problem.reason});
      return false;
    case 404: return fail(ErrorCode::kUnavailable, "elasticsearch.index_lost", problem.type + ": " + problem.reason);
    default: break;
  }
  return fail(ErrorCode::kUnavailable, "elasticsearch.refused",
              std::to_string(outcome.status) + ": " + problem.type + ": " + problem.reason);
}

}  // namespace

/// Leaves those in `wanted` that are to be sent again.
Result<void> Index::send(const std::vector<Versioned>& documents, std::vector<std::size_t>& wanted,
                         std::vector<Refusal>& refusals) {
  const std::string path = "/" + writing(name_) +
                           "/_bulk?require_alias=true&filter_path=items.*.status,items.*.error.type,"
                           "items.*.error.reason";
  std::vector<std::size_t> again;
  for (std::size_t begin = 0; begin < wanted.size();) {
    std::string bulk;
    std::size_t end = begin;
    while (end < wanted.size() && (end == begin || bulk.size() < kBulkBytes))
      append_bulk(bulk, documents[wanted[end++]]);
    auto said = ask("POST", path, std::move(bulk));
    if (said && said->status == 429) {
      again.insert(again.end(), wanted.begin() + static_cast<std::ptrdiff_t>(begin), wanted.end());
      break;
    }
    auto text = body_of(std::move(said));
    if (!text) return tl::unexpected<Error>(std::move(text.error()));
    auto answer = decode<BulkAnswer>(*text, UnknownFields::kIgnored);
    if (!answer) return strange("what became of documents: " + answer.error().detail);
    if (answer->items.size() != end - begin) return strange("it says nothing of some documents");
    for (const auto& item : answer->items) {
      const auto is_again = judge(item.index, wanted[begin], refusals);
      if (!is_again) return tl::unexpected<Error>(is_again.error());
      if (*is_again) again.push_back(wanted[begin]);
      ++begin;
    }
  }
  wanted = std::move(again);
  return {};
}

Result<std::vector<Versioned>> Index::created_behind(Position created, std::size_t limit) {
  struct Answer {
    struct Hit {
      ProductId id;
      Position version;
      Document document;
      static constexpr auto fields() {
        return field_list(field("_id", &Hit::id), field("_version", &Hit::version), field("_source", &Hit::document));
      }
    };
    struct Hits {
      std::vector<Hit> hits;
      static constexpr auto fields() { return field_list(field("hits", &Hits::hits)); }
    };
    Hits hits;
    static constexpr auto fields() { return field_list(field("hits", &Answer::hits)); }
  };
  std::string body;
  JsonWriter out(body);
  out.begin_object();
  out.key("size");
  out.unsigned_integer(limit);
  out.key("version");
  out.boolean(true);
  out.key("query");
  out.raw(R"({"exists":{"field":"created"}})");
  out.key("sort");
  out.raw(R"([{"created":"asc"}])");
  out.key("search_after");
  out.begin_array();
  out.unsigned_integer(created.value);
  out.end_array();
  out.end_object();
  auto text = call("POST", "/" + name_ + "/_search?allow_partial_search_results=false", std::move(body));
  if (!text) return tl::unexpected<Error>(std::move(text.error()));
  auto answer = decode<Answer>(*text, UnknownFields::kIgnored);
  if (!answer) return strange("the documents of " + name_ + ": " + answer.error().detail);
  std::vector<Versioned> found;
  for (auto& hit : answer->hits.hits) found.push_back({hit.id, 0, hit.version, std::move(hit.document)});
  return found;
}

}  // namespace souk::elastic
