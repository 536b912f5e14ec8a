#include <chrono>
#include <cstdio>
#include <unordered_set>

#include "app/catalogue_input.hpp"
#include "app/commands.hpp"
#include "app/data_directory.hpp"
#include "app/exit_codes.hpp"
#include "app/shop_client.hpp"
#include "gateway/catalogue/import.hpp"

namespace souk {
namespace {

constexpr std::size_t kBatchBytesMax = 4 << 20;
constexpr std::chrono::seconds kProgressEvery{1};

/// Sends rows in batches, one after the other: so new products are listed in the order of their rows. Each row says how
/// things shall be, so what an import that was cut short has done already is found unchanged by the next one.
class RemoteImport {
 public:
  explicit RemoteImport(ShopClient& client) : client_(client) {}

  Result<ImportCounts> run(CatalogueInput& input) {
    std::string line;
    std::size_t number = 0;
    while (input.next(line, number)) {
      if (auto right = check(line); !right) {
        refuse(number, right.error().reason, right.error().detail);
        continue;
      }
      const bool is_full = lines_.size() == kImportRowsMax || body_.size() + line.size() >= kBatchBytesMax;
      if (is_full) {
        if (auto sent = send(); !sent) return tl::unexpected<Error>(std::move(sent.error()));
      }
      lines_.push_back(number);
      body_.append(line).push_back('\n');
    }
    if (auto sent = send(); !sent) return tl::unexpected<Error>(std::move(sent.error()));
    return counts_;
  }

 private:
  /// A row that the server would refuse the whole batch for, or that it cannot know to be the second of its sku.
  Result<void> check(const std::string& line) {
    const auto row = read_row(line);
    if (!row) return tl::unexpected<Error>(row.error());
    const auto* product = std::get_if<ProductRow>(&*row);
    if (product != nullptr && !seen_.insert(product->sku).second) {
      return fail(ErrorCode::kConflict, "row.duplicate_sku", "sku: an earlier row has it too");
    }
    return {};
  }

  Result<void> send() {
    if (lines_.empty()) return {};
    const auto answer = client_.post("/api/v1/admin/catalogue/rows", "application/jsonl", std::exchange(body_, {}));
    if (!answer) return tl::unexpected<Error>(answer.error());
    const auto done = decode<ImportView>(*answer, UnknownFields::kIgnored);
    if (!done) return tl::unexpected<Error>(done.error());
    counts_.created += static_cast<std::size_t>(done->created);
    counts_.changed += static_cast<std::size_t>(done->changed);
    counts_.unchanged += static_cast<std::size_t>(done->unchanged);
    for (const auto& row : done->refused) {
      const auto index = static_cast<std::size_t>(row.row - 1);
      if (index < lines_.size()) refuse(lines_[index], row.reason, row.detail);
    }
    rows_ += lines_.size();
    lines_.clear();
    tell_progress();
    return {};
  }

  void refuse(std::size_t line, const std::string& reason, const std::string& detail) {
    ++counts_.refused;
    tell_refused(line, reason, detail);
  }

  void tell_progress() {
    const auto now = std::chrono::steady_clock::now();
    if (now - told_ < kProgressEvery) return;
    told_ = now;
    const auto seconds = std::chrono::duration<double>(now - began_).count();
    std::fprintf(stderr, "souk: import: %zu rows, %.0f rows/s, %zu refused\n", rows_,
                 static_cast<double>(rows_) / seconds, counts_.refused);
  }

  ShopClient& client_;
  std::string body_;
  std::vector<std::size_t> lines_;  ///< of the rows in `body_`
  std::unordered_set<std::string> seen_;
  ImportCounts counts_;
  std::size_t rows_ = 0;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point told_ = began_;
};

}  // namespace

int import_into_server(const Config& config, const RemoteShop& shop, const std::string& file) {
  CatalogueInput input(file);
  if (!input.is_open()) return exit_code::kNoInput;
  const auto client = ShopClient::connect(shop, config);
  if (!client) return report(client.error());
  const auto counts = RemoteImport(**client).run(input);
  if (!counts) {
    std::fprintf(stderr, "souk: import: not finished; the same import again finishes it\n");
    return report(counts.error());
  }
  return tell_imported(*counts, input);
}

}  // namespace souk
