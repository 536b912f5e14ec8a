#include "permissions/model_text.hpp"

#include <algorithm>
#include <array>

#include "engine/base/utf8.hpp"
#include "permissions/limits.hpp"

namespace souk::permissions {
namespace {

constexpr std::string_view kSyntax = "permissions.model_syntax";

struct Section {
  std::string_view name;
  char letter;
};
constexpr std::array<Section, 5> kSections = {{
    {"request_definition", 'r'},
    {"policy_definition", 'p'},
    {"role_definition", 'g'},
    {"policy_effect", 'e'},
    {"matchers", 'm'},
}};

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r";
  const auto begin = text.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

/// Takes off what stands behind a `#` that is in no quotes.
std::string_view without_comment(std::string_view text) {
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (quote != 0) {
      if (text[i] == '\\')
        ++i;
      else if (text[i] == quote)
        quote = 0;
    } else if (text[i] == '"' || text[i] == '\'') {
      quote = text[i];
    } else if (text[i] == '#') {
      return text.substr(0, i);
    }
  }
  return text;
}

/// "p" is the first key of its section, "p2" the second.
bool is_key_of(std::string_view key, char section) {
  if (key.empty() || key.front() != section) return false;
  if (key.size() == 1) return true;
  return key.size() == 2 && key[1] >= '2' && key[1] <= static_cast<char>('0' + kContextsMax);
}

class LineReader {
 public:
  explicit LineReader(std::string_view text) : text_(text) {}

  Result<std::vector<ModelLine>> run() {
    while (!text_.empty()) {
      const auto begin = number_ + 1;
      const auto line = take_joined();
      if (line.empty() || line.front() == ';') continue;
      auto done = line.front() == '[' ? enter(line, begin) : define(line, begin);
      if (!done) return tl::unexpected(std::move(done.error()));
    }
    return std::move(out_);
  }

 private:
  /// The next line, with those that it goes on in.
  std::string take_joined() {
    std::string out;
    while (!text_.empty()) {
      const auto end = std::min(text_.find('\n'), text_.size());
      auto line = trimmed(without_comment(text_.substr(0, end)));
      text_.remove_prefix(std::min(end + 1, text_.size()));
      ++number_;
      const bool goes_on = line.ends_with('\\');
      if (goes_on) line.remove_suffix(1);
      if (!out.empty()) out.push_back(' ');
      out += trimmed(line);
      if (!goes_on) break;
    }
    return out;
  }

  Result<void> enter(std::string_view line, std::size_t number) {
    for (const auto& section : kSections) {
      if (line.size() != section.name.size() + 2 || !line.ends_with(']') ||
          line.substr(1, section.name.size()) != section.name) {
        continue;
      }
      section_ = section.letter;
      return {};
    }
    return model_error(kSyntax, number, "there is no section " + std::string(line));
  }

  Result<void> define(std::string_view line, std::size_t number) {
    const auto equals = line.find('=');
    if (equals == std::string_view::npos) return model_error(kSyntax, number, "'name = value' is expected");
    if (section_ == 0) return model_error(kSyntax, number, "this stands in no section");
    ModelLine out{section_, std::string(trimmed(line.substr(0, equals))), std::string(trimmed(line.substr(equals + 1))),
                  number};
    if (!is_key_of(out.key, section_)) {
      return model_error("permissions.model_definition", number, "'" + out.key + "' is not defined in this section");
    }
    if (out.value.empty()) return model_error("permissions.model_definition", number, "'" + out.key + "' has no value");
    const auto same = [&](const ModelLine& other) { return other.key == out.key; };
    if (std::any_of(out_.begin(), out_.end(), same)) {
      return model_error("permissions.model_definition", number, "'" + out.key + "' is defined twice");
    }
    out_.push_back(std::move(out));
    return {};
  }

  std::string_view text_;
  std::size_t number_ = 0;
  char section_ = 0;
  std::vector<ModelLine> out_;
};

}  // namespace

Result<std::vector<ModelLine>> read_model_lines(std::string_view text) {
  if (text.size() > kModelBytesMax) {
    return fail(ErrorCode::kInvalid, "permissions.model_size", "a model has at most 64 KiB");
  }
  if (!count_code_points(text)) return fail(ErrorCode::kInvalid, kSyntax, "a model is text in UTF-8");
  return LineReader(text).run();
}

tl::unexpected<Error> model_error(std::string_view reason, std::size_t line, std::string_view what) {
  return fail(ErrorCode::kInvalid, reason, "line " + std::to_string(line) + ": " + std::string(what));
}

}  // namespace souk::permissions
