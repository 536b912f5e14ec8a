#include "gateway/http/router.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <utility>
#include <vector>

namespace souk::http {
namespace {

[[noreturn]] void wrong_pattern(std::string_view pattern, const char* why) {
  std::fprintf(stderr, "route %.*s: %s\n", static_cast<int>(pattern.size()), pattern.data(), why);
  std::abort();
}

}  // namespace

/// What may stand at one segment's place. Few children each, so they are searched one by one.
struct Router::Node {
  std::vector<std::pair<std::string, std::unique_ptr<Node>>> literals;
  std::unique_ptr<Node> parameter;
  std::array<const Route*, kMethodNames.size()> routes{};
  std::string allow;
  /// The names of the parameters on the way here.
  std::vector<std::string> names;

  [[nodiscard]] bool has_route() const { return !allow.empty(); }

  /// The node of the path from its segment `i` on. `values` receives what stands at the parameters' places.
  [[nodiscard]] const Node* find(const Target& target, std::size_t i,
                                 std::array<std::string_view, Request::kPathParametersMax>& values,
                                 std::size_t value_count) const {
    if (i == target.segment_count()) return has_route() ? this : nullptr;
    const std::string_view segment = target.segment(i);
    for (const auto& [text, node] : literals) {
      if (text != segment) continue;
      if (const auto* found = node->find(target, i + 1, values, value_count)) return found;
      break;
    }
    if (!parameter || segment.empty()) return nullptr;
    values[value_count] = segment;
    return parameter->find(target, i + 1, values, value_count + 1);
  }
};

Router::Router() : root_(std::make_unique<Node>()) {}
Router::Router(Router&&) noexcept = default;
Router& Router::operator=(Router&&) noexcept = default;
Router::~Router() = default;

void Router::add(Method method, std::string_view pattern, RouteInfo info, Handler handler) {
  if (pattern.empty() || pattern.front() != '/') wrong_pattern(pattern, "must begin with '/'");
  if (method == Method::kHead || method == Method::kOptions)
    wrong_pattern(pattern, "HEAD and OPTIONS come by themselves");
  Node* node = root_.get();
  std::vector<std::string> names;
  std::string_view rest = pattern.substr(1);
  for (bool last = false; !last;) {
    const auto slash = rest.find('/');
    last = slash == std::string_view::npos;
    const std::string_view segment = rest.substr(0, slash);
    if (!last) rest.remove_prefix(slash + 1);
    if (segment.size() > 2 && segment.front() == '{' && segment.back() == '}') {
      if (names.size() == Request::kPathParametersMax) wrong_pattern(pattern, "has too many parameters");
      names.emplace_back(segment.substr(1, segment.size() - 2));
      if (!node->parameter) node->parameter = std::make_unique<Node>();
      node = node->parameter.get();
      continue;
    }
    if (segment.find_first_of("{}%") != std::string_view::npos) wrong_pattern(pattern, "has a wrong segment");
    Node* next = nullptr;
    for (auto& [text, child] : node->literals) {
      if (text == segment) next = child.get();
    }
    if (next == nullptr) {
      next = node->literals.emplace_back(std::string(segment), std::make_unique<Node>()).second.get();
    }
    node = next;
  }
  auto& slot = node->routes[static_cast<std::size_t>(method)];
  if (slot != nullptr) wrong_pattern(pattern, "is there already");
  if (node->has_route() && node->names != names) wrong_pattern(pattern, "names its parameters in another way");
  node->names = std::move(names);
  slot = &routes_.emplace_back(Route{routes_.size(), method, std::string(pattern), info, std::move(handler)});

  node->allow.clear();
  for (std::size_t i = 0; i < node->routes.size(); ++i) {
    if (node->routes[i] == nullptr) continue;
    node->allow.append(kMethodNames[i]).append(", ");
    if (static_cast<Method>(i) == Method::kGet) node->allow.append("HEAD, ");
  }
  node->allow.append("OPTIONS");
}

Match Router::match(Request& request) const {
  std::array<std::string_view, Request::kPathParametersMax> values;
  const Node* node = root_->find(request.target, 0, values, 0);
  if (node == nullptr) return {};
  const Method method = request.method == Method::kHead ? Method::kGet : request.method;
  const Route* route = node->routes[static_cast<std::size_t>(method)];
  if (route == nullptr) return {nullptr, node->allow};
  request.path_parameter_count_ = node->names.size();
  for (std::size_t i = 0; i < node->names.size(); ++i) request.path_parameters_[i] = {node->names[i], values[i]};
  return {route, {}};
}

}  // namespace souk::http
