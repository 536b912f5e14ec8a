/// What is asked, again and again: a request written out beforehand, in which a few fields differ from one to the next.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace souk::load {

struct ScenarioInput {
  std::string name;
  std::vector<std::string> tokens;    ///< one for each account
  std::vector<std::string> products;  ///< ids, all of one length
  std::uint64_t cart_lines = 20;      ///< products that an account's cart is filled with
  std::string key_prefix;             ///< of the idempotency keys, different for each run
};

class Scenario {
 public:
  /// None if there is no scenario of that name, or if it lacks tokens or products.
  static std::optional<Scenario> make(ScenarioInput input);
  static std::string_view names();

  /// Writes request `number` into `out`, replacing what is there.
  void render(std::uint64_t number, std::string& out) const;
  [[nodiscard]] int expected_status() const { return expected_status_; }

 private:
  enum class Field : std::uint8_t { kNone, kToken, kKey, kProduct };
  enum class Order : std::uint8_t { kByAccount, kMixed };
  struct Piece {
    std::string text;
    Field field = Field::kNone;  ///< what stands behind the text
  };

  Scenario(ScenarioInput input, std::string_view text, int expected_status, Order products);
  [[nodiscard]] const std::string& product(std::uint64_t number) const;

  ScenarioInput input_;
  std::vector<Piece> pieces_;
  int expected_status_;
  Order products_;
};

}  // namespace souk::load
