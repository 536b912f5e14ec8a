#include "gateway/catalogue/rows.hpp"

#include <doctest/doctest.h>

#include "gateway/catalogue/import.hpp"

using namespace souk;

namespace {

Error refusal_of(std::string_view line) {
  const auto row = read_row(line);
  return row ? Error{} : row.error();
}

}  // namespace

TEST_CASE("a row is a product's unless it says otherwise") {
  const auto row = std::get<ProductRow>(read_row(R"({"sku":"A","name":"a","price":5})").value());
  CHECK(row.sku == "A");
  CHECK(row.stock == 0);
  CHECK(!row.published);
  CHECK(!row.deleted);
  CHECK(std::get<CategoryRow>(read_row(R"({"path":"a/b","kind":"category"})").value()).path == "a/b");
  CHECK(std::get<BrandRow>(read_row(R"({"kind":"brand","name":"b","logo":"u"})").value()).logo == "u");
}

TEST_CASE("a row that is none is told with its field") {
  CHECK(refusal_of("{").reason == "json.malformed");
  CHECK(refusal_of(R"({"kind":"shop"})").detail == "kind: is none of the known values");
  CHECK(refusal_of(R"({"kind":"brand","name":"b","path":"a"})").detail == "path: is not a known field");
  CHECK(refusal_of(R"({"sku":"A","name":"a"})").detail == "price: is required");
  CHECK(refusal_of(R"({"sku":"A","name":"a","price":5,"stock":-1})").detail == "stock: must not be negative");
  CHECK(refusal_of(std::string(kRowBytesMax + 1, ' ')).reason == "row.too_long");
}

TEST_CASE("what is written as a row is read as the same row") {
  product::State state{.exists = true,
                       .sku = "A",
                       .name = "茶",
                       .description = "two\nlines",
                       .price = Money{0, Currency{}},
                       .category_id = CategoryId{Id128{0, 1}},
                       .brand_id = BrandId{Id128{0, 2}},
                       .pictures = {"u"},
                       .attributes = {{"colour", {"red"}}},
                       .purchase_limit = 3,
                       .published = false,
                       .deleted = true};
  stock::State stock;
  stock.mode = stock::Mode::kUntracked;
  stock.low_threshold = 0;
  stock.on_hand = 7;
  const std::string line = encode(row_of(state, "a/b", "brand", stock));
  const auto row = std::get<ProductRow>(read_row(line).value());
  CHECK(encode(row) == line);
  CHECK(row.category == "a/b");
  const auto wish = stock_of(row);
  CHECK((wish.receipt() == stock::Receive{7, "import"}));
  CHECK((wish.configuration == stock::Configure{stock::Mode::kUntracked, std::optional<std::int64_t>(0)}));
  const auto put = put_of(row, state.category_id, state.brand_id);
  const auto events = Product::decide({}, put).value();
  auto after = product::State{};
  for (const auto& event : events) after = Product::evolve(std::move(after), event);
  CHECK((after == state));
}

TEST_CASE("a stock below nothing is written as none, and names that an older event gave as they are") {
  product::State state{.exists = true, .sku = "A", .name = "a", .price = {}, .category = "old/tea", .brand = "Old"};
  stock::State stock;
  stock.on_hand = -4;
  const auto row = row_of(state, "", "", stock);
  CHECK(row.stock == 0);
  CHECK(row.category == "old/tea");
  CHECK(row.brand == "Old");
}

TEST_CASE("a row says of a stock only what a new one would not be anyway") {
  const product::State state{.exists = true, .sku = "A", .name = "a", .price = {}};
  const auto row = row_of(state, "", "", {});
  CHECK(!row.stock_mode);
  CHECK(!row.low_threshold);
  CHECK(!stock_of(row).configures());
}

TEST_CASE("a stock that can never be is refused with its row") {
  product::Put put;
  put.sku = "A";
  put.name = "a";
  const std::vector<Currency> here{Currency{}};
  CHECK(check(put, StockWish{0, {std::nullopt, std::optional<std::int64_t>(-1)}}, here).error().reason ==
        "stock.threshold_invalid");
  CHECK(check(put, StockWish{-1, {}}, here).error().reason == "stock.quantity_invalid");
  CHECK(check(put, StockWish{3, {stock::Mode::kUntracked, std::optional<std::int64_t>(2)}}, here));
  CHECK(check(put, StockWish{}, {*Currency::parse("EUR")}).error().reason == "product.currency_unknown");
}

TEST_CASE("a path has an id for each of its names, as far as there may be that many") {
  CHECK(put_of(CategoryRow{RowKind::kCategory, "a/b/c", {}, {}}).ids.size() == 3);
  CHECK(put_of(CategoryRow{RowKind::kCategory, std::string(1'000'000, '/'), {}, {}}).ids.size() == 8);
}

TEST_CASE("a body holds 1 to 1,000 rows, and one that is none refuses all of it by its number") {
  CHECK(read_rows("").error().reason == "row.none");
  CHECK(read_rows("\n\r\n").error().reason == "row.none");
  const std::string good = R"({"kind":"brand","name":"b"})";
  CHECK(read_rows(good + "\r\n\n" + good).value().size() == 2);
  CHECK(read_rows(good + "\n{}\n").error().detail == "row 2: sku: is required");
  std::string many;
  for (std::size_t i = 0; i < kImportRowsMax; ++i) many += good + "\n";
  CHECK(read_rows(many).value().size() == kImportRowsMax);
  CHECK(read_rows(many + good).error().reason == "row.too_many");
}
