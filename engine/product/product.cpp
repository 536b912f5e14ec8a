#include "engine/product/product.hpp"

#include <algorithm>

#include "engine/base/utf8.hpp"
#include "engine/entities.hpp"

namespace souk {
namespace {

using namespace product;
using Events = std::vector<Product::Event>;

tl::unexpected<Error> invalid(std::string_view reason, std::string detail) {
  return fail(ErrorCode::kInvalid, reason, std::move(detail));
}

Result<void> check_sku(std::string_view sku) {
  const auto is_safe = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("._-:/").find(c) != std::string_view::npos;
  };
  if (!sku.empty() && sku.size() <= kSkuSizeMax && std::all_of(sku.begin(), sku.end(), is_safe)) return {};
  return invalid("product.sku_invalid", "a sku has 1 to 64 characters of A-Z, a-z, 0-9 and . _ - : /");
}

Result<void> check_name(std::string_view name) {
  if (is_line_of(name, 1, kNameSizeMax) && !has_outer_space(name)) return {};
  return invalid("product.name_invalid", "a name has 1 to 200 characters on one line, without spaces around it");
}

Result<void> check_description(std::string_view description) {
  if (is_prose_of(description, 0, kDescriptionSizeMax)) return {};
  return invalid("product.description_invalid", "a description has at most 10,000 characters");
}

Result<void> check_price(const Money& price) {
  if (price.amount >= 0 && price.amount <= kIntegerMax) return {};
  return invalid("product.price_invalid", "a price is 0 to 2^53-1 minor units");
}

Result<void> check_category(std::string_view category) {
  const auto refuse = [] {
    return invalid("product.category_invalid",
                   "a category is a path of at most 8 names of 1 to 64 characters with slashes between them");
  };
  if (category.empty()) return {};
  for (std::size_t depth = 1;; ++depth) {
    const auto slash = category.find('/');
    const auto segment = category.substr(0, slash);
    if (depth > kCategoryDepthMax || !is_line_of(segment, 1, kCategorySegmentSizeMax) || has_outer_space(segment)) {
      return refuse();
    }
    if (slash == std::string_view::npos) return {};
    category.remove_prefix(slash + 1);
  }
}

Result<void> check_brand(std::string_view brand) {
  if (is_line_of(brand, 0, kBrandSizeMax) && !has_outer_space(brand)) return {};
  return invalid("product.brand_invalid", "a brand has at most 100 characters on one line");
}

Result<void> check_pictures(const std::vector<std::string>& pictures) {
  const auto is_address = [](const std::string& url) {
    return url.size() <= kPictureBytesMax && is_line_of(url, 1, kPictureBytesMax) && url.find(' ') == std::string::npos;
  };
  if (pictures.size() <= kPicturesMax && std::all_of(pictures.begin(), pictures.end(), is_address)) return {};
  return invalid("product.pictures_invalid",
                 "there are at most 20 pictures, each with an address of at most 2,048 bytes");
}

Result<Events> on(const State& state, const Create& command) {
  if (state.exists) return fail(ErrorCode::kConflict, "product.exists", "there is a product with this id already");
  auto checked = check_sku(command.sku)
                     .and_then([&] { return check_name(command.name); })
                     .and_then([&] { return check_description(command.description); })
                     .and_then([&] { return check_price(command.price); })
                     .and_then([&] { return check_category(command.category); })
                     .and_then([&] { return check_brand(command.brand); })
                     .and_then([&] { return check_pictures(command.pictures); });
  if (!checked) return tl::unexpected<Error>(std::move(checked.error()));
  return Events{Created{command.sku, command.name, command.description, command.price, command.category, command.brand,
                        command.pictures}};
}

/// Copies `wanted` to `changed` if it is there and new.
template <class T>
bool note(const std::optional<T>& wanted, const T& current, std::optional<T>& changed) {
  if (!wanted || *wanted == current) return false;
  changed = wanted;
  return true;
}

Result<Events> on(const State& state, const Change& command) {
  if (!state.exists) return fail(ErrorCode::kNotFound, "product.not_found", "there is no such product");
  Result<void> checked;
  if (checked && command.name) checked = check_name(*command.name);
  if (checked && command.description) checked = check_description(*command.description);
  if (checked && command.price) checked = check_price(*command.price);
  if (checked && command.category) checked = check_category(*command.category);
  if (checked && command.brand) checked = check_brand(*command.brand);
  if (checked && command.pictures) checked = check_pictures(*command.pictures);
  if (!checked) return tl::unexpected<Error>(std::move(checked.error()));
  if (command.price && command.price->currency != state.price.currency) {
    return fail(ErrorCode::kConflict, "product.currency_change", "a product keeps the currency it was created with");
  }
  Changed changed;
  bool any = note(command.name, state.name, changed.name);
  any |= note(command.description, state.description, changed.description);
  any |= note(command.price, state.price, changed.price);
  any |= note(command.category, state.category, changed.category);
  any |= note(command.brand, state.brand, changed.brand);
  any |= note(command.pictures, state.pictures, changed.pictures);
  return any ? Events{std::move(changed)} : Events{};
}

void apply(State& state, const Created& event) {
  state =
      State{true, event.sku, event.name, event.description, event.price, event.category, event.brand, event.pictures};
}

void apply(State& state, const Changed& event) {
  if (event.name) state.name = *event.name;
  if (event.description) state.description = *event.description;
  if (event.price) state.price = *event.price;
  if (event.category) state.category = *event.category;
  if (event.brand) state.brand = *event.brand;
  if (event.pictures) state.pictures = *event.pictures;
}

}  // namespace

Result<std::vector<Product::Event>> Product::decide(const State& state, const Command& command) {
  return std::visit([&](const auto& wanted) { return on(state, wanted); }, command);
}

Product::State Product::evolve(State state, const Event& event) {
  std::visit([&](const auto& happened) { apply(state, happened); }, event);
  return state;
}

Effects Product::react(Id /*self*/, const Event& /*event*/) {
  return {};
}

std::optional<Product::Command> Product::on_timer(std::string_view /*name*/, Time /*due*/) {
  return std::nullopt;
}

}  // namespace souk
