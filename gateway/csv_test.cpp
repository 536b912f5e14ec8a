#include "gateway/csv.hpp"

#include <doctest/doctest.h>

namespace souk {
namespace {

struct Row {
  std::string name;
  std::int64_t count = 0;
  std::optional<std::string> note;
  static constexpr auto fields() {
    return field_list(field("name", &Row::name), field("count", &Row::count), field("note", &Row::note));
  }
};

TEST_CASE("a row is a line of its fields, and what would break it is quoted") {
  CHECK(csv_header<Row>() == "name,count,note\r\n");
  CHECK(csv_line(Row{"tea", -3, {}}) == "tea,-3,\r\n");
  CHECK(csv_line(Row{"", 0, "a \"b\", c"}) == ",0,\"a \"\"b\"\", c\"\r\n");
  CHECK(csv_line(Row{"two\nlines", 1, ""}) == "\"two\nlines\",1,\r\n");
}

TEST_CASE("a text that a spreadsheet would compute is none any more") {
  CHECK(csv_line(Row{"=1+1", 0, "@x"}) == "'=1+1,0,'@x\r\n");
}

}  // namespace
}  // namespace souk
