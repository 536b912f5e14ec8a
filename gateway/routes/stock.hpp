/// How a stock is shown, and the product that a call about a stock names.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "engine/entities.hpp"
#include "gateway/api_call.hpp"

namespace souk {

struct StockView {
  ProductId product_id;
  stock::Mode mode = stock::Mode::kTracked;
  std::int64_t on_hand = 0;
  std::int64_t reserved = 0;
  std::int64_t available = 0;
  std::int64_t received = 0;
  std::int64_t adjusted = 0;
  std::int64_t restocked = 0;
  std::int64_t sold = 0;
  std::optional<std::int64_t> low_threshold;
  bool low = false;
  std::optional<Time> low_since;  ///< in the list of stocks only
  static constexpr auto fields() {
    using V = StockView;
    return field_list(
        field("product_id", &V::product_id), field("mode", &V::mode), field("on_hand", &V::on_hand),
        field("reserved", &V::reserved), field("available", &V::available), field("received", &V::received),
        field("adjusted", &V::adjusted), field("restocked", &V::restocked), field("sold", &V::sold),
        field("low_threshold", &V::low_threshold), field("low", &V::low), field("low_since", &V::low_since));
  }
  static constexpr std::string_view kExample =
      R"({"product_id":"6fbmcde5yznwq83fazzjf99ypj","mode":"tracked","on_hand":240,"reserved":2,"available":238,)"
      R"("received":250,"adjusted":-1,"restocked":1,"sold":10,"low_threshold":20,"low":false})";
};
StockView view_of(ProductId id, const stock::State& state);

/// Calls `then` with the id in the path, of a product that exists; refuses otherwise.
void with_product(const ApiCallPtr& call, std::function<void(ProductId)> then);

}  // namespace souk
