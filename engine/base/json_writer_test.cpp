#include "engine/base/json_writer.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <vector>

#include "engine/base/json_reader.hpp"

using namespace souk;

namespace {

std::string quoted(std::string_view text) {
  std::string out;
  JsonWriter(out).string(text);
  return out;
}

}  // namespace

TEST_CASE("text is escaped where JSON asks for it, and nowhere else") {
  CHECK(quoted("plain text") == R"("plain text")");
  CHECK(quoted("a\"b\\c") == R"("a\"b\\c")");
  CHECK(quoted("\b\f\n\r\t") == R"("\b\f\n\r\t")");
  CHECK(quoted(std::string_view("\0\x1f\x7f", 3)) == R"("\u0000\u001f\u007f")");
  CHECK(quoted("龙/'<>&") == "\"龙/'<>&\"");
}

TEST_CASE("a character that needs escaping is found wherever it stands") {
  for (int byte = 0; byte < 0x80; ++byte) {
    for (std::size_t at = 0; at < 20; ++at) {
      std::string text(20, 'x');
      text[at] = static_cast<char>(byte);
      std::string back;
      const auto read = read_json(quoted(text), [&](JsonValue json) -> Result<void> {
        back = json.string().value();
        return {};
      });
      REQUIRE_MESSAGE(read, byte, " at ", at);
      CHECK(back == text);
    }
  }
}

TEST_CASE("commas stand between values, and nowhere else") {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.key("a");
  json.begin_array();
  json.integer(-1);
  json.unsigned_integer(18'446'744'073'709'551'615ULL);
  json.boolean(true);
  json.begin_object();
  json.end_object();
  json.end_array();
  json.escaped_key("b\"");
  json.null();
  json.key("c");
  json.raw("[1]");
  json.key("d");
  json.number(0.5);
  json.end_object();
  CHECK(out == R"({"a":[-1,18446744073709551615,true,{}],"b\"":null,"c":[1],"d":0.5})");
}

TEST_CASE("a number is read whether it is whole or not, and a text is none") {
  std::vector<std::optional<double>> read;
  REQUIRE(read_json(R"([12433.0, 7, -2.5, "7"])", [&](JsonValue all) -> Result<void> {
    all.for_each_element([&](JsonValue one) {
      read.push_back(one.number());
      return true;
    });
    return {};
  }));
  CHECK(read == std::vector<std::optional<double>>{12433.0, 7.0, -2.5, std::nullopt});
}
