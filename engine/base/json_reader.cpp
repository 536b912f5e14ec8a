#include "engine/base/json_reader.hpp"

#include <simdjson.h>

#include <bit>
#include <vector>

namespace souk {
namespace {

constexpr std::size_t kDepthMax = 64;

using simdjson::dom::element;
using simdjson::dom::element_type;
using Words = std::array<std::uint64_t, 2>;
static_assert(sizeof(element) == sizeof(Words) && std::is_trivially_copyable_v<element>);

element as_element(const std::uint64_t* words) {
  return std::bit_cast<element>(Words{words[0], words[1]});
}

/// One parser per level of nested read_json calls and per thread, reused so that no call allocates.
struct ParserStack {
  std::vector<std::unique_ptr<simdjson::dom::parser>> parsers;
  std::size_t used = 0;

  simdjson::dom::parser& acquire() {
    if (used == parsers.size()) parsers.push_back(std::make_unique<simdjson::dom::parser>());
    return *parsers[used++];
  }
};
thread_local ParserStack parser_stack;

struct ParserLease {
  simdjson::dom::parser& parser = parser_stack.acquire();
  ParserLease() = default;
  ParserLease(const ParserLease&) = delete;
  ParserLease& operator=(const ParserLease&) = delete;
  ~ParserLease() { --parser_stack.used; }
};

}  // namespace

JsonType JsonValue::type() const {
  switch (as_element(words_).type()) {
    case element_type::OBJECT: return JsonType::kObject;
    case element_type::ARRAY: return JsonType::kArray;
    case element_type::STRING: return JsonType::kString;
    case element_type::INT64: return JsonType::kInteger;
    case element_type::BOOL: return JsonType::kBool;
    case element_type::NULL_VALUE: return JsonType::kNull;
    case element_type::UINT64:  // above the range of int64
    case element_type::DOUBLE: break;
  }
  return JsonType::kNumber;
}

std::optional<std::int64_t> JsonValue::integer() const {
  const element value = as_element(words_);
  if (value.type() != element_type::INT64) return std::nullopt;
  return value.get_int64().value_unsafe();
}

std::optional<double> JsonValue::number() const {
  double value = 0;
  if (as_element(words_).get(value) != simdjson::SUCCESS) return std::nullopt;
  return value;
}

std::optional<bool> JsonValue::boolean() const {
  const element value = as_element(words_);
  if (value.type() != element_type::BOOL) return std::nullopt;
  return value.get_bool().value_unsafe();
}

std::optional<std::string_view> JsonValue::string() const {
  const element value = as_element(words_);
  if (value.type() != element_type::STRING) return std::nullopt;
  return value.get_string().value_unsafe();
}

namespace {

JsonValue wrap(const element& value) {
  const auto words = std::bit_cast<Words>(value);
  return std::bit_cast<JsonValue>(words);
}

}  // namespace

bool JsonValue::for_each_field(FunctionRef<bool(std::string_view, JsonValue)> callback) const {
  simdjson::dom::object object;
  if (as_element(words_).get(object) != simdjson::SUCCESS) return false;
  for (const auto field : object) {
    if (!callback(field.key, wrap(field.value))) break;
  }
  return true;
}

bool JsonValue::for_each_element(FunctionRef<bool(JsonValue)> callback) const {
  simdjson::dom::array array;
  if (as_element(words_).get(array) != simdjson::SUCCESS) return false;
  for (const auto value : array) {
    if (!callback(wrap(value))) break;
  }
  return true;
}

Result<void> read_json(std::string_view text, FunctionRef<Result<void>(JsonValue)> callback) {
  const ParserLease lease;
  element root;
  if (lease.parser.max_depth() != kDepthMax) {
    if (const auto error = lease.parser.allocate(lease.parser.capacity(), kDepthMax)) {
      return fail(ErrorCode::kInternal, "json.no_memory", simdjson::error_message(error));
    }
  }
  if (const auto error = lease.parser.parse(text.data(), text.size(), true).get(root)) {
    return fail(ErrorCode::kInvalid, "json.malformed", simdjson::error_message(error));
  }
  return callback(wrap(root));
}

std::string json_kernel() {
  return simdjson::get_active_implementation()->name();
}

}  // namespace souk
