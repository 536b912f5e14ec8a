#include <cstdio>

#include "app/commands.hpp"
#include "app/data_directory.hpp"
#include "app/exit_codes.hpp"
#include "app/shop_client.hpp"
#include "gateway/catalogue/rows.hpp"

namespace souk {
namespace {

/// As GET /api/v1/admin/categories shows one.
struct ShownCategory {
  std::string path;
  std::string description;
  bool deleted = false;
  static constexpr auto fields() {
    using S = ShownCategory;
    return field_list(field("path", &S::path), field("description", &S::description), field("deleted", &S::deleted));
  }
  [[nodiscard]] CategoryRow row() const { return {RowKind::kCategory, path, description, deleted}; }
};

/// As GET /api/v1/admin/brands shows one.
struct ShownBrand {
  std::string name;
  std::string description;
  std::string logo;
  bool deleted = false;
  static constexpr auto fields() {
    using S = ShownBrand;
    return field_list(field("name", &S::name), field("description", &S::description), field("logo", &S::logo),
                      field("deleted", &S::deleted));
  }
  [[nodiscard]] BrandRow row() const { return {RowKind::kBrand, name, description, logo, deleted}; }
};

template <class Item>
struct Page {
  std::vector<Item> items;
  std::optional<std::string> next_cursor;
  static constexpr auto fields() {
    return field_list(field("items", &Page::items), field("next_cursor", &Page::next_cursor));
  }
};

const ProductRow& row_of(const ProductRow& row) {
  return row;
}
template <class Shown>
auto row_of(const Shown& shown) {
  return shown.row();
}

Error write_failed() {
  return {ErrorCode::kUnavailable, "output.failed", "standard output cannot be written"};
}

/// Prints every item of a list as a row. `query`: of its first page; of what is shown whole there is none.
template <class Item>
Result<void> print_list(ShopClient& client, const std::string& path, std::string query = "?limit=100") {
  for (;;) {
    const auto answer = client.get(path + query);
    if (!answer) return tl::unexpected<Error>(answer.error());
    const auto page = decode<Page<Item>>(*answer, UnknownFields::kIgnored);
    if (!page) return tl::unexpected<Error>(page.error());
    for (const auto& item : page->items) {
      if (!print_line(encode(row_of(item)))) return tl::unexpected<Error>(write_failed());
    }
    if (!page->next_cursor) return {};
    query = "?limit=100&cursor=" + *page->next_cursor;
  }
}

}  // namespace

int export_from_server(const Config& config, const RemoteShop& shop) {
  const auto client = ShopClient::connect(shop, config);
  if (!client) return report(client.error());
  auto done = print_list<ShownCategory>(**client, "/api/v1/admin/categories", "");
  if (done) done = print_list<ShownBrand>(**client, "/api/v1/admin/brands");
  if (done) done = print_list<ProductRow>(**client, "/api/v1/admin/catalogue/rows");
  if (done && std::fflush(stdout) != 0) done = tl::unexpected<Error>(write_failed());
  if (done) return exit_code::kOk;
  const int code = report(done.error());
  return done.error().reason == "output.failed" ? exit_code::kDiskFailed : code;
}

}  // namespace souk
