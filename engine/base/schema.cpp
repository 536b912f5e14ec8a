#include "engine/base/schema.hpp"

#include <algorithm>

namespace souk {

std::string Schemas::reference_to(std::string_view name) const {
  return R"({"$ref":")" + prefix_ + std::string(name) + "\"}";
}

std::string Schemas::component_name(std::string_view type_name) const {
  // "souk::{anonymous}::AddBody" is called AddBody, "souk::cart::Item" CartItem.
  std::string name;
  int depth = 0;
  std::string part;
  const auto take_part = [&] {
    if (part != "souk") {
      if (!part.empty() && part.front() >= 'a' && part.front() <= 'z')
        part.front() = static_cast<char>(part.front() - 32);
      name += part;
    }
    part.clear();
  };
  for (const char c : type_name) {
    if (c == '{' || c == '(' || c == '<') ++depth;
    const bool is_word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    if (depth == 0 && is_word) part.push_back(c);
    if (depth == 0 && c == ':') take_part();
    if (c == '}' || c == ')' || c == '>') --depth;
  }
  take_part();
  if (side == Side::kInput && !name.ends_with("Body")) name += "Input";
  return name;
}

std::string Schemas::free_name(std::string name) const {
  if (components_.count(name) == 0) return name;
  for (int number = 2;; ++number) {
    std::string numbered = name + std::to_string(number);
    if (components_.count(numbered) == 0) return numbered;
  }
}

namespace schema_detail {

const std::string_view kIdPattern = "^[0-7][0-9a-hjkmnp-tv-z]{25}$";

namespace {

void limit_member(JsonWriter& json, std::string_view name, std::int64_t value) {
  if (value == Limits::kNone) return;
  json.key(name);
  json.integer(value);
}

}  // namespace

std::string string_schema(const Limits& limits, std::string_view format, std::string_view pattern) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.key("type");
  json.string("string");
  limit_member(json, "minLength", limits.length_min == 0 ? Limits::kNone : limits.length_min);
  limit_member(json, "maxLength", limits.length_max);
  if (const auto regex = limits.pattern.empty() ? pattern : limits.pattern; !regex.empty()) {
    json.key("pattern");
    json.string(regex);
  }
  if (const auto name = limits.format.empty() ? format : limits.format; !name.empty()) {
    json.key("format");
    json.string(name);
  }
  json.end_object();
  return out;
}

std::string integer_schema(const Limits& limits, std::int64_t min, std::int64_t max) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.key("type");
  json.string("integer");
  limit_member(json, "minimum", limits.value_min == Limits::kNone ? min : limits.value_min);
  limit_member(json, "maximum", limits.value_max == Limits::kNone ? max : limits.value_max);
  json.end_object();
  return out;
}

std::string enum_schema(const std::string_view* names, std::size_t count) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.key("type");
  json.string("string");
  json.key("enum");
  json.begin_array();
  std::for_each(names, names + count, [&](std::string_view name) { json.string(name); });
  json.end_array();
  json.end_object();
  return out;
}

std::string array_schema(const Limits& limits, const std::string& element) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.key("type");
  json.string("array");
  json.key("items");
  json.raw(element);
  limit_member(json, "minItems", limits.items_min == 0 ? Limits::kNone : limits.items_min);
  limit_member(json, "maxItems", limits.items_max);
  json.end_object();
  return out;
}

std::string map_schema(const std::string& value) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.key("type");
  json.string("object");
  json.key("propertyNames");
  json.raw(string_schema({}, {}, kIdPattern));
  json.key("additionalProperties");
  json.raw(value);
  json.end_object();
  return out;
}

std::string nullable(const std::string& schema) {
  return R"({"anyOf":[)" + schema + R"(,{"type":"null"}]})";
}

std::string described(const std::string& schema, std::string_view text) {
  if (text.empty()) return schema;
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.key("description");
  json.string(text);
  return out + ',' + schema.substr(1);
}

void ObjectSchema::add(std::string_view name, const std::string& schema, bool required) {
  if (!properties_.empty()) properties_ += ',';
  properties_.append("\"").append(name).append("\":").append(schema);
  if (!required) return;
  if (!required_.empty()) required_ += ',';
  required_.append("\"").append(name).append("\"");
}

std::string ObjectSchema::text(std::string_view example) const {
  std::string out = R"({"type":"object","properties":{)" + properties_ + "}";
  if (!required_.empty()) out += R"(,"required":[)" + required_ + "]";
  if (closed_) out += R"(,"additionalProperties":false)";
  if (!example.empty()) out.append(R"(,"examples":[)").append(example).append("]");
  return out + "}";
}

}  // namespace schema_detail
}  // namespace souk
