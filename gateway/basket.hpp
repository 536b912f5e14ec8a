/// Lines of a cart with what they cost now and whether they can be had: for showing a cart and for looking ahead at an
/// order. Nothing is reserved and nothing written.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/cart/lines.hpp"
#include "gateway/api_call.hpp"

namespace souk {

/// Whether a line could be ordered now; the first that applies.
enum class Availability : std::uint8_t { kInStock, kDeleted, kWithdrawn, kOverLimit, kShort };

template <>
struct EnumNames<Availability> {
  static constexpr std::array<std::string_view, 5> values{"in_stock", "deleted", "withdrawn", "over_limit", "short"};
};

/// What is different from when the line was put in.
struct LineChange {
  Money price_then;
  Money price_now;
  std::string name_then;
  std::string name_now;
  static constexpr auto fields() {
    return field_list(field("price_then", &LineChange::price_then), field("price_now", &LineChange::price_now),
                      field("name_then", &LineChange::name_then), field("name_now", &LineChange::name_now));
  }
};

struct BasketLine {
  ProductId product_id;
  std::int64_t quantity = 0;
  bool selected = true;
  std::string name;
  std::string picture;
  Money unit_price;
  Money total;
  Availability availability = Availability::kInStock;
  std::optional<std::int64_t> available;  ///< how many there are, when there are too few
  std::optional<std::int64_t> limit;      ///< how many one order may have, when it is less
  std::optional<LineChange> changed;
  static constexpr auto fields() {
    using L = BasketLine;
    return field_list(field("product_id", &L::product_id), field("quantity", &L::quantity),
                      field("selected", &L::selected), field("name", &L::name), field("picture", &L::picture),
                      field("unit_price", &L::unit_price), field("total", &L::total),
                      field("availability", &L::availability), field("available", &L::available),
                      field("limit", &L::limit), field("changed", &L::changed));
  }
  static constexpr std::string_view kExample =
      R"({"product_id":"6fbmcde5yznwq83fazzjf99ypj","quantity":2,"selected":true,"name":"Longjing",)"
      R"("picture":"https://shop.example/tea.jpg","unit_price":{"amount":16800,"currency":"CNY"},)"
      R"("total":{"amount":33600,"currency":"CNY"},"availability":"in_stock","changed":{)"
      R"("price_then":{"amount":15800,"currency":"CNY"},"price_now":{"amount":16800,"currency":"CNY"},)"
      R"("name_then":"Longjing","name_now":"Longjing"}})";
};

struct Basket {
  std::vector<BasketLine> lines;
  std::vector<Money> totals;   ///< of the lines that are selected and in stock, for each currency
  std::size_t line_count = 0;  ///< how many lines the totals are of
  bool in_range = true;        ///< false: some total exceeds 2^53-1 and is shown as that
  Position position;
  std::string versions;  ///< of all that was asked: equal text, equal lines
};

/// Asks every product and every stock at once and calls `then` with all of it. There are no half answers: what cannot
/// be read refuses the whole call. `position` is what the lines were judged at.
void read_basket(const ApiCallPtr& call, cart::Lines lines, Position position, std::function<void(Basket&)> then);

/// 503 unless the call is answered in time. To be called by the handler itself.
void answer_in_time(const ApiCallPtr& call);

}  // namespace souk
