#include "engine/base/codec.hpp"

namespace souk::codec {

std::string Path::str() const {
  std::string out = parent != nullptr ? parent->str() : std::string{};
  if (parent == nullptr) return out;
  if (name.empty()) return out + '[' + std::to_string(index) + ']';
  if (!out.empty()) out += '.';
  return out.append(name);
}

Error bad_field(const Path& path, std::string_view what) {
  std::string where = path.str();
  if (where.empty()) where = "the document";
  return Error{ErrorCode::kInvalid, "field.invalid", where + ": " + std::string(what)};
}

bool read(Reader& reader, JsonValue json, const Path& path, bool& out) {
  const auto value = json.boolean();
  if (!value) return reader.reject(path, "must be true or false");
  out = *value;
  return true;
}

bool read(Reader& reader, JsonValue json, const Path& path, std::int64_t& out) {
  const auto value = json.integer();
  if (!value) return reader.reject(path, "must be an integer");
  if (*value > kIntegerMax || *value < -kIntegerMax) return reader.reject(path, "must be within 2^53-1");
  out = *value;
  return true;
}

bool read(Reader& reader, JsonValue json, const Path& path, std::int32_t& out) {
  const auto value = json.integer();
  if (!value) return reader.reject(path, "must be an integer");
  if (*value > INT32_MAX || *value < INT32_MIN) return reader.reject(path, "must be within 2^31-1");
  out = static_cast<std::int32_t>(*value);
  return true;
}

bool read(Reader& reader, JsonValue json, const Path& path, std::string& out) {
  const auto value = json.string();
  if (!value) return reader.reject(path, "must be a string");
  out.assign(*value);
  return true;
}

bool read(Reader& reader, JsonValue json, const Path& path, Time& out) {
  const auto text = json.string();
  if (!text) return reader.reject(path, "must be a string");
  const auto value = Time::parse(*text);
  if (!value) return reader.reject(path, "must be a UTC time such as 2026-01-31T23:59:59.000000Z");
  out = *value;
  return true;
}

bool read(Reader& reader, JsonValue json, const Path& path, Currency& out) {
  const auto text = json.string();
  if (!text) return reader.reject(path, "must be a string");
  const auto value = Currency::parse(*text);
  if (!value) return reader.reject(path, "must be three capital letters");
  out = *value;
  return true;
}

namespace {

bool read_count(Reader& reader, JsonValue json, const Path& path, std::uint64_t& out) {
  const auto value = json.integer();
  if (!value || *value < 0) return reader.reject(path, "must be an integer of at least 0");
  if (*value > kIntegerMax) return reader.reject(path, "must be within 2^53-1");
  out = static_cast<std::uint64_t>(*value);
  return true;
}

}  // namespace

bool read(Reader& reader, JsonValue json, const Path& path, Position& out) {
  return read_count(reader, json, path, out.value);
}

bool read(Reader& reader, JsonValue json, const Path& path, Version& out) {
  return read_count(reader, json, path, out.value);
}

bool read_id(Reader& reader, JsonValue json, const Path& path, Id128& out) {
  const auto text = json.string();
  if (!text) return reader.reject(path, "must be a string");
  const auto value = Id128::parse(*text);
  if (!value) return reader.reject(path, "is no id");
  out = *value;
  return true;
}

bool read_sealed(Reader& reader, JsonValue json, const Path& path, std::string_view prefix, std::string& out) {
  const auto text = json.string();
  if (!text) return reader.reject(path, "must be a string");
  if (!text->empty() && !text->starts_with(prefix)) return reader.reject(path, "is not sealed");
  out.assign(*text);
  return true;
}

}  // namespace souk::codec
