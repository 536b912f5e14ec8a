#include "permissions/model.hpp"

#include <algorithm>
#include <array>

#include "permissions/expression_parser.hpp"
#include "permissions/limits.hpp"
#include "permissions/model_text.hpp"
#include "permissions/role_search.hpp"

namespace souk::permissions {
namespace {

constexpr std::string_view kDefinition = "permissions.model_definition";

struct Effect {
  std::string_view text;  ///< without spaces
  Combining combining;
};
constexpr std::array<Effect, 5> kEffects = {{
    {"some(where(p.eft==allow))", Combining::kAllowOverride},
    {"!some(where(p.eft==deny))", Combining::kDenyOverride},
    {"some(where(p.eft==allow))&&!some(where(p.eft==deny))", Combining::kAllowAndDeny},
    {"priority(p.eft)||deny", Combining::kPriority},
    {"subjectPriority(p.eft)||deny", Combining::kSubjectPriority},
}};

bool is_name(std::string_view text) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  return !text.empty() && is_letter(text.front()) &&
         std::all_of(text.begin(), text.end(), [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

std::string without_spaces(std::string_view text) {
  std::string out;
  std::copy_if(text.begin(), text.end(), std::back_inserter(out), [](char c) { return c != ' ' && c != '\t'; });
  return out;
}

std::vector<std::string> split_at_commas(std::string_view text) {
  std::vector<std::string> out;
  const auto bare = without_spaces(text);
  for (std::string_view rest = bare;;) {
    const auto comma = rest.find(',');
    out.emplace_back(rest.substr(0, comma));
    if (comma == std::string_view::npos) return out;
    rest.remove_prefix(comma + 1);
  }
}

std::optional<std::size_t> column_of(const std::vector<std::string>& columns, std::string_view name) {
  const auto found = std::find(columns.begin(), columns.end(), name);
  if (found == columns.end()) return std::nullopt;
  return static_cast<std::size_t>(found - columns.begin());
}

/// The number in a key: of "m" 0, of "m2" 1.
std::size_t number_of(std::string_view key) {
  return key.size() == 1 ? 0 : static_cast<std::size_t>(key[1] - '1');
}

}  // namespace

class ModelReader {
 public:
  explicit ModelReader(std::vector<ModelLine> lines) : lines_(std::move(lines)), out_(std::make_shared<Model>()) {}

  Result<std::shared_ptr<const Model>> run() {
    std::stable_sort(lines_.begin(), lines_.end(), [](auto& a, auto& b) { return a.key < b.key; });
    for (const char section : {'r', 'p', 'g', 'm'}) {
      for (const auto& line : lines_) {
        if (line.section != section) continue;
        auto done = section == 'g' ? read_role(line) : section == 'm' ? read_matcher(line) : read_columns(line);
        if (!done) return tl::unexpected(std::move(done.error()));
      }
    }
    if (out_->context(0) == nullptr) return fail(ErrorCode::kInvalid, kDefinition, "'m' is missing in [matchers]");
    return std::shared_ptr<const Model>(std::move(out_));
  }

 private:
  Result<void> read_columns(const ModelLine& line) {
    Model::Definition definition{line.key, split_at_commas(line.value)};
    const auto& columns = definition.columns;
    if (columns.size() > kColumnsMax) return model_error(kDefinition, line.number, "there are more than 12 names");
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (!is_name(columns[i])) return model_error(kDefinition, line.number, "'" + columns[i] + "' is no name");
      if (column_of(columns, columns[i]) != i) {
        return model_error(kDefinition, line.number, "'" + columns[i] + "' is there twice");
      }
    }
    if (line.section == 'r') {
      out_->requests_.push_back(std::move(definition));
      return {};
    }
    Model::RuleDefinition rules;
    rules.effect = column_of(columns, "eft");
    rules.priority = column_of(columns, "priority");
    rules.domain = column_of(columns, "dom");
    rules.definition = std::move(definition);
    out_->rules_.push_back(std::move(rules));
    return {};
  }

  Result<void> read_role(const ModelLine& line) {
    const auto value = without_spaces(line.value);
    if (value != "_,_" && value != "_,_,_") {
      return model_error(kDefinition, line.number, "a role is defined as '_, _' or, with a domain, '_, _, _'");
    }
    out_->roles_.push_back({line.key, value.size() == 5});
    out_->role_indexes_.push_back(role_index(value.size() == 5));
    return {};
  }

  /// The line of this section for a context: its own, else the first one.
  [[nodiscard]] const ModelLine* line_for(char section, const ModelLine& matcher) const {
    const ModelLine* out = nullptr;
    for (const auto& line : lines_) {
      if (line.section != section) continue;
      if (line.key.substr(1) == matcher.key.substr(1)) return &line;
      if (line.key.size() == 1) out = &line;
    }
    return out;
  }

  Result<Combining> combining_of(const ModelLine& line, std::string_view rule_name) const {
    auto text = without_spaces(line.value);
    // An effect speaks of the rules that it is for: e2 of p2.eft.
    const auto own = std::string(rule_name) + ".eft";
    constexpr std::string_view kUsual = "p.eft";
    for (auto at = text.find(own); at != std::string::npos; at = text.find(own, at + kUsual.size())) {
      text.replace(at, own.size(), kUsual);
    }
    for (const auto& effect : kEffects) {
      if (effect.text == text) return effect.combining;
    }
    return model_error("permissions.model_effect", line.number, "this is none of the effects that there are");
  }

  Result<void> read_matcher(const ModelLine& line) {
    std::array<const ModelLine*, 3> used{};
    constexpr std::array<char, 3> kUsed = {'r', 'p', 'e'};
    for (std::size_t i = 0; i < kUsed.size(); ++i) {
      used[i] = line_for(kUsed[i], line);
      if (used[i] == nullptr) {
        return model_error(kDefinition, line.number,
                           std::string("there is no '") + kUsed[i] + "' for '" + line.key + "'");
      }
    }
    Model::Context context;
    context.requests = place_of(out_->requests_, used[0]->key, [](auto& one) { return one.name; });
    context.rules = place_of(out_->rules_, used[1]->key, [](auto& one) { return one.definition.name; });
    const auto combining = combining_of(*used[2], used[1]->key);
    if (!combining) return tl::unexpected(combining.error());
    context.combining = *combining;
    if (*combining == Combining::kSubjectPriority) {
      if (out_->roles_.empty() || out_->roles_.front().name != "g") {
        return model_error("permissions.model_effect", used[2]->number,
                           "subjectPriority needs the role definition 'g'");
      }
      out_->has_subject_priority_ = true;
    }
    const auto number = number_of(line.key);
    if (out_->contexts_.size() <= number) out_->contexts_.resize(number + 1);
    out_->contexts_[number] = context;
    auto& rules = out_->rules_[context.rules];
    auto scope = out_->scope_of(number);
    scope.slots = &rules.slots;
    auto matcher = parse_expression(line.value, scope);
    if (!matcher) return model_error("permissions.model_matcher", line.number, matcher.error().detail);
    out_->contexts_[number]->plan = plan_of(**matcher, rules.indexes);
    out_->contexts_[number]->matcher = std::move(*matcher);
    return {};
  }

  template <class All, class NameOf>
  static std::size_t place_of(const All& all, const std::string& name, const NameOf& name_of) {
    const auto found = std::find_if(all.begin(), all.end(), [&](auto& one) { return name_of(one) == name; });
    return static_cast<std::size_t>(found - all.begin());
  }

  std::vector<ModelLine> lines_;
  std::shared_ptr<Model> out_;
};

Result<std::shared_ptr<const Model>> Model::parse(std::string_view text) {
  auto lines = read_model_lines(text);
  if (!lines) return tl::unexpected(std::move(lines.error()));
  return ModelReader(std::move(*lines)).run();
}

Scope Model::scope_of(std::size_t number) const {
  const Context& own = *contexts_[number];
  Scope out;
  out.request_name = requests_[own.requests].name;
  out.request_values = requests_[own.requests].columns;
  out.rule_name = rules_[own.rules].definition.name;
  out.columns = rules_[own.rules].definition.columns;
  out.roles = roles_;
  out.context = static_cast<std::uint16_t>(number);
  return out;
}

}  // namespace souk::permissions
