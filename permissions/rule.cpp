#include "permissions/rule.hpp"

#include <algorithm>
#include <optional>

namespace souk::permissions {
namespace {

constexpr std::string_view kBlank = " \t\r";

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

/// Takes the text in quotes off the beginning of the line; nothing if it does not end.
std::optional<std::string> take_quoted(std::string_view& line) {
  std::string out;
  for (std::size_t at = 1; at < line.size(); ++at) {
    if (line[at] != '"') {
      out.push_back(line[at]);
    } else if (at + 1 < line.size() && line[at + 1] == '"') {
      out.push_back(line[at++]);
    } else {
      line = trimmed(line.substr(at + 1));
      return out;
    }
  }
  return std::nullopt;
}

Result<std::vector<std::string>> fields_of(std::string_view line, std::size_t number) {
  const auto refuse = [&](std::string_view why) {
    return fail(ErrorCode::kInvalid, "permissions.rule_syntax",
                "line " + std::to_string(number) + ": " + std::string(why));
  };
  std::vector<std::string> out;
  while (true) {
    line = trimmed(line);
    if (line.starts_with('"')) {
      auto field = take_quoted(line);
      if (!field) return refuse("a quoted value does not end");
      if (!line.empty() && line.front() != ',') return refuse("something follows a quoted value");
      out.push_back(std::move(*field));
    } else {
      const auto end = std::min(line.find(','), line.size());
      out.emplace_back(trimmed(line.substr(0, end)));
      line.remove_prefix(end);
    }
    if (line.empty()) return out;
    line.remove_prefix(1);
  }
}

void append_field(std::string& out, std::string_view field) {
  const bool is_bare = field == trimmed(field) && field.find(',') == std::string_view::npos && !field.starts_with('"');
  if (is_bare) {
    out += field;
    return;
  }
  out.push_back('"');
  for (const char c : field) {
    if (c == '"') out.push_back('"');
    out.push_back(c);
  }
  out.push_back('"');
}

}  // namespace

Result<std::vector<Rule>> read_rules(std::string_view text) {
  std::vector<Rule> out;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.front() == '#') continue;
    auto fields = fields_of(line, number);
    if (!fields) return tl::unexpected(std::move(fields.error()));
    Rule rule{std::move(fields->front()), {}};
    rule.values.assign(std::make_move_iterator(fields->begin() + 1), std::make_move_iterator(fields->end()));
    out.push_back(std::move(rule));
  }
  return out;
}

std::string to_line(const Rule& rule) {
  std::string out = rule.kind;
  for (const auto& value : rule.values) {
    out += ", ";
    append_field(out, value);
  }
  return out;
}

}  // namespace souk::permissions
