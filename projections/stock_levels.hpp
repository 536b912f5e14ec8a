/// Read model: how much there is of every product, and which orders hold how many of it.
///
/// The stock itself knows both, and is what decides; this is for looking at all of them at once.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/codec.hpp"
#include "projections/projection.hpp"
#include "projections/read_model.hpp"

namespace souk {

std::unique_ptr<Projection> make_stock_levels_projection();

struct StockLevel {
  ProductId product_id;
  std::string mode;
  std::int64_t on_hand = 0;
  std::int64_t reserved = 0;
  std::int64_t holds = 0;  ///< orders that have reserved some
  std::int64_t received = 0;
  std::int64_t adjusted = 0;
  std::int64_t restocked = 0;
  std::int64_t sold = 0;
  Time updated_at;
  static constexpr auto fields() {
    using L = StockLevel;
    return field_list(field("product_id", &L::product_id), field("mode", &L::mode), field("on_hand", &L::on_hand),
                      field("reserved", &L::reserved), field("holds", &L::holds), field("received", &L::received),
                      field("adjusted", &L::adjusted), field("restocked", &L::restocked), field("sold", &L::sold),
                      field("updated_at", &L::updated_at));
  }
  static constexpr std::string_view kExample =
      R"({"product_id":"7nz3gpwn6bew0eysnvm6nr9sqf","mode":"tracked","on_hand":120,"reserved":7,"holds":)"
      R"(3,"received":200,"adjusted":-2,"restocked":1,"sold":79,"updated_at":"2026-11-23T08:55:36.551548)"
      R"(Z"})";
};

struct StockLevelPage {
  std::vector<StockLevel> rows;
  std::optional<Position> next;  ///< give it as `after` for what follows; none: this is the end
  Position position;
};

/// Thread-safety: any thread.
class StockLevels {
 public:
  static Result<std::unique_ptr<StockLevels>> open(const Follower& follower);

  /// At most `limit` stocks, in the order in which they began.
  Result<StockLevelPage> list(std::size_t limit, std::optional<Position> after = {});
  /// All of them, in that order and of one position, which is returned.
  Result<Position> each(const std::function<void(const StockLevel&)>& tell);

 private:
  explicit StockLevels(std::unique_ptr<ReadModel> model) : model_(std::move(model)) {}

  std::unique_ptr<ReadModel> model_;
};

}  // namespace souk
