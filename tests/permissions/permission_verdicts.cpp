// Answers questions about policies, a line of JSON for each line of JSON: for tests that compare the answers with
// others.
//
//   {"model": "[request_definition]…"}                     the model of what follows
//   {"rules": [["p", "alice", "data1", "read"], …]}         a policy of these
//   {"changes": [{"add": […]}, {"remove": […]}, {"update": […], "to": ["alice", …]}, …]}   the policy after these
//   {"request": ["alice", {"Age": 20}, …], "context": 0}    a verdict
//
// Answers: {"ok": true}, {"error": reason, "detail": …}, or {"allowed": …, "why": …, "rule": […], "scan": …}, where
// "scan" says whether trying every rule gives the same.
#include <deque>
#include <iostream>
#include <string>
#include <vector>

#include "engine/base/json_reader.hpp"
#include "engine/base/json_writer.hpp"
#include "permissions/policy.hpp"

namespace {

using namespace souk;
using namespace souk::permissions;

/// Makes values of JSON; they live as long as it does and the text.
class Values {
 public:
  Value of(const JsonValue& json) {
    switch (json.type()) {
      case JsonType::kString: return Value::of(*json.string());
      case JsonType::kInteger:
      case JsonType::kNumber: return Value::of(*json.number());
      case JsonType::kBool: return Value::of(*json.boolean());
      case JsonType::kArray: return Value::of(std::span<const Value>(list_of(json)));
      case JsonType::kObject: {
        std::vector<Attribute> attributes;
        json.for_each_field([&](std::string_view name, JsonValue value) {
          attributes.push_back({name, of(value)});
          return true;
        });
        return Value::of(std::span<const Attribute>(objects_.emplace_back(std::move(attributes))));
      }
      case JsonType::kNull: break;
    }
    return Value::fault("null");
  }
  const std::vector<Value>& list_of(const JsonValue& json) {
    std::vector<Value> values;
    json.for_each_element([&](JsonValue value) {
      values.push_back(of(value));
      return true;
    });
    return lists_.emplace_back(std::move(values));
  }

 private:
  std::deque<std::vector<Value>> lists_;
  std::deque<std::vector<Attribute>> objects_;
};

std::vector<std::string> texts_of(const JsonValue& json) {
  std::vector<std::string> out;
  json.for_each_element([&](JsonValue value) {
    out.emplace_back(value.string().value());
    return true;
  });
  return out;
}

Rule rule_of(const JsonValue& json) {
  auto values = texts_of(json);
  Rule out{values.at(0), {}};
  out.values.assign(values.begin() + 1, values.end());
  return out;
}

class Conversation {
 public:
  std::string answer(std::string_view line) {
    std::string out;
    JsonWriter writer(out);
    writer.begin_object();
    const auto done = read_json(line, [&](JsonValue root) { return obey(root, writer); });
    if (!done) {
      writer.key("error");
      writer.string(done.error().reason);
      writer.key("detail");
      writer.string(done.error().detail);
    }
    writer.end_object();
    return out;
  }

 private:
  Result<void> obey(const JsonValue& root, JsonWriter& out) {
    Result<void> done;
    bool is_question = false;
    root.for_each_field([&](std::string_view name, JsonValue value) {
      if (name == "model") done = set_model(*value.string());
      if (name == "rules") done = set_rules(value);
      if (name == "changes") done = change(value);
      if (name == "request") is_question = true;
      return done.has_value();
    });
    if (is_question) judge(root, out);
    if (!is_question && done) {
      out.key("ok");
      out.boolean(true);
    }
    return done;
  }

  Result<void> set_model(std::string_view text) {
    auto model = Model::parse(text);
    if (!model) return tl::unexpected(model.error());
    model_ = *model;
    return {};
  }

  Result<void> set_rules(const JsonValue& json) {
    std::vector<Rule> rules;
    json.for_each_element([&](JsonValue rule) {
      rules.push_back(rule_of(rule));
      return true;
    });
    return take(Policy::make(model_, rules));
  }

  Result<void> change(const JsonValue& json) {
    std::vector<Change> changes;
    json.for_each_element([&](JsonValue one) {
      auto& out = changes.emplace_back();
      one.for_each_field([&](std::string_view name, JsonValue value) {
        if (name == "to") {
          out.values = texts_of(value);
        } else {
          out.kind = name == "add"      ? Change::Kind::kAdd
                     : name == "remove" ? Change::Kind::kRemove
                                        : Change::Kind::kUpdate;
          out.rule = rule_of(value);
        }
        return true;
      });
      return true;
    });
    return take(policy_->with(changes));
  }

  Result<void> take(Result<std::shared_ptr<const Policy>> policy) {
    if (!policy) return tl::unexpected(policy.error());
    policy_ = *policy;
    return {};
  }

  void judge(const JsonValue& root, JsonWriter& out) {
    Values values;
    std::vector<Value> request;
    std::size_t context = 0;
    root.for_each_field([&](std::string_view name, JsonValue value) {
      if (name == "request") request = values.list_of(value);
      if (name == "context") context = static_cast<std::size_t>(*value.integer());
      return true;
    });
    const auto verdict = policy_->enforce(request, context);
    const auto scanned = policy_->enforce_by_scan(request, context);
    out.key("allowed");
    out.boolean(verdict.allowed);
    out.key("why");
    out.string(name_of(verdict.why));
    out.key("rule");
    write_rule(verdict, context, out);
    out.key("scan");
    out.boolean(scanned.allowed == verdict.allowed && scanned.why == verdict.why && scanned.rule == verdict.rule);
  }

  void write_rule(const Verdict& verdict, std::size_t context, JsonWriter& out) const {
    out.begin_array();
    if (verdict.rule != nullptr) {
      const auto& definition = model_->rules()[model_->context(context)->rules].definition;
      const auto rule = verdict.rule->to_rule(definition.name);
      out.string(rule.kind);
      for (const auto& value : rule.values) out.string(value);
    }
    out.end_array();
  }

  std::shared_ptr<const Model> model_;
  std::shared_ptr<const Policy> policy_;
};

}  // namespace

int main() {
  Conversation conversation;
  for (std::string line; std::getline(std::cin, line);) std::cout << conversation.answer(line) << '\n' << std::flush;
  return 0;
}
