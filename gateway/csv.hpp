/// Described structs as lines of CSV: `csv_header<Row>()`, `csv_line(row)`.
///
/// Times, ids and numbers as in JSON; what is absent is empty. Texts are quoted where they have to be, and one that a
/// spreadsheet would take for a formula gets a quote in front. Source: RFC 4180.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/base/codec.hpp"

namespace souk {

namespace csv_detail {

inline std::string quoted(std::string_view text) {
  const bool is_formula = !text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos;
  std::string out = is_formula ? "'" : "";
  out += text;
  if (out.find_first_of("\",\r\n") == std::string::npos) return out;
  std::string escaped = "\"";
  for (const char c : out) escaped += c == '"' ? std::string("\"\"") : std::string(1, c);
  return escaped + "\"";
}

inline std::string cell(const std::string& text) {
  return quoted(text);
}
inline std::string cell(std::int64_t number) {
  return std::to_string(number);
}
inline std::string cell(const Time& time) {
  return time.str();
}
template <class Tag>
std::string cell(const Id<Tag>& id) {
  return id.str();
}
template <class T>
std::string cell(const std::optional<T>& value) {
  return value ? cell(*value) : std::string();
}

}  // namespace csv_detail

template <Described Row>
std::string csv_header() {
  std::string line;
  for_each_field<Row>([&](const auto& field) { line.append(line.empty() ? "" : ",").append(field.name); });
  return line + "\r\n";
}

template <Described Row>
std::string csv_line(const Row& row) {
  std::string line;
  bool is_first = true;
  for_each_field<Row>([&](const auto& field) {
    if (!std::exchange(is_first, false)) line.push_back(',');
    line += csv_detail::cell(row.*field.member);
  });
  return line + "\r\n";
}

}  // namespace souk
