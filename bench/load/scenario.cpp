#include "bench/load/scenario.hpp"

#include <array>
#include <charconv>

namespace souk::load {
namespace {

constexpr std::string_view kHost = "Host: 127.0.0.1\r\n";
constexpr std::string_view kJson = "Content-Type: application/json\r\n";
constexpr std::string_view kCaller = "Authorization: Bearer {token}\r\nIdempotency-Key: {key}\r\n";

// 100 bytes.
constexpr std::string_view kFixedBody =
    R"({"product_id":"01j9zqv7k3m5x8r2t4w6y0a1b2","quantity":1,"note":"a fixed body of one hundred bytes."})";
static_assert(kFixedBody.size() == 100);

constexpr std::string_view kAddBody = R"({"product_id":"{product}","quantity":1})";
constexpr std::string_view kOrderBody =
    R"({"items":[{"product_id":"{product}","quantity":1}],"address":{"name":"Alice Example",)"
    R"("phone_number":"13800138000","province":"浙江省","city":"杭州市","region":"西湖区",)"
    R"("detail_address":"龙井路 1 号"}})";
constexpr std::string_view kProductField = "{product}";

std::string post(std::string_view path, std::string_view headers, std::string_view body, std::size_t body_size) {
  std::string text = "POST ";
  text.append(path).append(" HTTP/1.1\r\n").append(kHost).append(kJson).append(headers);
  text.append("Content-Length: ").append(std::to_string(body_size)).append("\r\n\r\n").append(body);
  return text;
}

/// Spreads what is counted; any such function would do.
std::uint64_t mixed(std::uint64_t number) {
  number *= 0x9E3779B97F4A7C15ULL;
  number ^= number >> 32;
  number *= 0xD6E8FEB86659FD93ULL;
  return number ^ number >> 32;
}

}  // namespace

std::string_view Scenario::names() {
  return "fixed-post, add-to-cart, place-order, get-product";
}

std::optional<Scenario> Scenario::make(ScenarioInput input) {
  if (input.name == "fixed-post") {
    return Scenario(std::move(input), post("/api/v1/cart/items", "", kFixedBody, kFixedBody.size()), 200,
                    Order::kByAccount);
  }
  if (input.products.empty()) return std::nullopt;
  const auto sized = [&](std::string_view body) {
    return body.size() - kProductField.size() + input.products.front().size();
  };
  if (input.name == "get-product") {
    const auto text = std::string("GET /api/v1/products/{product} HTTP/1.1\r\n").append(kHost).append("\r\n");
    return Scenario(std::move(input), text, 200, Order::kMixed);
  }
  if (input.tokens.empty()) return std::nullopt;
  if (input.name == "add-to-cart") {
    const auto text = post("/api/v1/cart/items", kCaller, kAddBody, sized(kAddBody));
    return Scenario(std::move(input), text, 200, Order::kByAccount);
  }
  if (input.name == "place-order") {
    const auto text = post("/api/v1/orders", kCaller, kOrderBody, sized(kOrderBody));
    return Scenario(std::move(input), text, 201, Order::kMixed);
  }
  return std::nullopt;
}

Scenario::Scenario(ScenarioInput input, std::string_view text, int expected_status, Order products)
    : input_(std::move(input)), expected_status_(expected_status), products_(products) {
  struct Name {
    std::string_view text;
    Field field;
  };
  constexpr std::array<Name, 3> kNames{
      {{"{token}", Field::kToken}, {"{key}", Field::kKey}, {kProductField, Field::kProduct}}};
  for (;;) {
    auto first = std::string_view::npos;
    const Name* found = nullptr;
    for (const auto& name : kNames) {
      if (const auto at = text.find(name.text); at < first) {
        first = at;
        found = &name;
      }
    }
    pieces_.push_back({std::string(text.substr(0, first)), found != nullptr ? found->field : Field::kNone});
    if (found == nullptr) return;
    text.remove_prefix(first + found->text.size());
  }
}

const std::string& Scenario::product(std::uint64_t number) const {
  const auto& products = input_.products;
  if (products_ == Order::kMixed || input_.tokens.empty()) return products[mixed(number) % products.size()];
  // Every account in turn, each with the same few products again and again: so no line ever gets too long.
  const std::uint64_t account = number % input_.tokens.size();
  const std::uint64_t line = number / input_.tokens.size() % input_.cart_lines;
  return products[(account * input_.cart_lines + line) % products.size()];
}

void Scenario::render(std::uint64_t number, std::string& out) const {
  out.clear();
  for (const auto& piece : pieces_) {
    out.append(piece.text);
    switch (piece.field) {
      case Field::kNone: break;
      case Field::kToken: out.append(input_.tokens[number % input_.tokens.size()]); break;
      case Field::kProduct: out.append(product(number)); break;
      case Field::kKey: {
        std::array<char, 20> digits{};
        const auto* end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
        out.append(input_.key_prefix).append(digits.data(), static_cast<std::size_t>(end - digits.data()));
        break;
      }
    }
  }
}

}  // namespace souk::load
